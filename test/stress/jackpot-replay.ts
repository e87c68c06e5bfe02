import { createHash } from 'node:crypto';
import type { JackpotContributedV2, JackpotWonV2, PotLapsedV2 } from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import { accountId } from '../../src/journal/index.ts';
import type { JackpotTerms } from './jackpot-catalogue.ts';
import { EndsReplay, leafOf, type Change } from './jackpot-replay-ends.ts';
import type { Known } from './jackpot-known.ts';
import { JackpotModel } from './jackpot-model.ts';
import { decimal, micros, type Payment, type Portion } from './jackpot-pot-model.ts';
import { contributionText, GIFT, winText } from './jackpot-server.ts';
import type { Contribution, Sent } from './jackpot-answered.ts';

/** A row of the journal. */
export interface Row {
  readonly sequence: number;
  readonly operation: string;
  readonly part: number;
  readonly kind: number;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly caller: string;
  /** As PostgreSQL writes them: {from,to,amount,…}. */
  readonly transfers: string;
  readonly data: unknown;
}

const KINDS = { opened: 1101, contributed: 1102, won: 1103, lapsed: 1104 };
const REASONS = ['', 'external', 'hit_rate', 'must_drop_value', 'must_drop_time', 'award'];

/**
 * Runs the model of one jackpot along its journal. Of a fact it believes only that it happened, in this place, and
 * which pot chance or time has won; who called with how much comes from the callers, and all amounts from the model.
 */
export class Replay {
  readonly model: JackpotModel;
  /** Operations of callers that were found. */
  readonly found = new Set<string>();
  facts = 0;
  /** What callers brought, in order: 32 bytes. */
  chain: Buffer = Buffer.alloc(32);
  /** How far in its order each batch is. */
  readonly #places = new Map<number, number>();
  readonly #id: number;
  readonly #known: Known;
  readonly ends: EndsReplay;
  /** The contribution whose wins may follow. */
  #open: { readonly sent: Sent; readonly pool: bigint; readonly wins: string[] } | null = null;

  /** @param changes of its definition, in order. */
  constructor(id: number, terms: JackpotTerms, known: Known, changes: readonly Change[]) {
    this.#id = id;
    this.model = new JackpotModel(terms);
    this.#known = known;
    this.ends = new EndsReplay(this.model, known, id, changes, {
      same: this.#same.bind(this),
      sent: this.#sent.bind(this),
      link: this.#link.bind(this),
    });
  }

  take(row: Row): void {
    this.facts += 1;
    if (row.sequence !== this.facts) this.#note(row, `has sequence ${row.sequence} in place ${this.facts}`);
    if (this.#open !== null && this.#open.sent.id !== row.operation) this.#close();
    this.ends.before(row);
    this.#take(row);
    this.ends.after(row);
  }

  #take(row: Row): void {
    switch (row.kind) {
      case KINDS.opened:
        return;
      case KINDS.contributed:
        return this.#contributed(row, row.data as JackpotContributedV2);
      case KINDS.won:
        return this.#won(row, row.data as JackpotWonV2);
      case KINDS.lapsed:
        return this.#lapsed(row, row.data as PotLapsedV2);
      default:
        if (!this.ends.take(row)) this.#note(row, `is of kind ${row.kind}`);
    }
  }

  /** After the last fact. */
  end(): void {
    this.#close();
  }

  #contributed(row: Row, data: JackpotContributedV2): void {
    const sent = this.#sent(row);
    if (sent?.wish.kind !== 'contribute') return this.#note(row, 'is a contribution that nobody was answered of');
    this.#inOrder(row, sent);
    const { user, amount } = sent.wish;
    const won = new Set(data.pots.flatMap(({ wonBy }, i) => (wonBy === 0 ? [] : [this.model.pots[i]!.code])));
    const { house, portions } = this.model.contribute(user, BigInt(amount), won);
    this.#link(row, data.leaf, this.#leafOf(sent.wish, data.draw !== undefined));
    const player = this.#known.numbers.get(user) ?? -1;
    this.#same(row, 'player', Number(data.player), player);
    this.#same(row, 'house', data.house, house);
    this.#same(row, 'pots', data.pots.map(portionText).join(), portions.map(portionText).join());
    if (data.draw !== undefined)
      this.#same(
        row,
        'drawn',
        data.pots.map(({ drawnAt }) => drawnAt).join(),
        this.model.pots.map(({ drawn }) => drawn).join(),
      );
    const operators = (BigInt(amount) * micros(this.model.terms.operator_share)) / 1_000_000n;
    const players = BigInt(amount) - operators;
    const { asset } = this.#known;
    const paid = [
      ...(players > 0n ? [accountId('player', player, asset), this.#account, players] : []),
      ...(operators > 0n ? [accountId('operator', 0, asset), this.#account, operators] : []),
    ];
    this.#same(row, 'transfers', row.transfers, `{${paid.join()}}`);
    if (players > 0n) this.#move(user, -players);
    this.#open = { sent, pool: data.pool, wins: [] };
  }

  #won(row: Row, data: JackpotWonV2): void {
    const pot = this.model.pot(data.potCode);
    const sent = row.part === 0 ? this.#sent(row) : this.#open?.sent;
    if (sent === undefined && row.caller !== 'task') return this.#note(row, 'is a win that nobody was answered of');
    const wish = sent?.wish;
    const named = wish?.kind === 'contribute' ? wish.user : wish?.kind === 'drop' ? wish.winner : '';
    const given = wish?.kind === 'drop' && named !== '';
    if (wish?.kind === 'drop') this.#same(row, 'reason', REASONS[data.reason], given ? 'award' : 'external');
    this.#same(row, 'award', data.award, given ? GIFT : '');
    const winner = named || pot.lastPlayer;
    const payment = pot.pay(winner);
    this.#move(winner, payment.amount);
    this.#paid(row, data, payment);
    const hash = this.#known.seeds.get(winner)?.hash ?? '';
    const lines = ['windfall/drop', pot.code, String(payment.cycle), hash, String(payment.amount)];
    if (row.part === 0) this.#link(row, data.leaf, leafOf(lines));
    const text = winText(
      payment.pot,
      payment.cycle,
      decimal(payment.amount),
      decimal(payment.opening),
      REASONS[data.reason] ?? '',
    );
    if (this.#open !== null && row.part > 0) {
      this.#open.wins.push(text);
    } else if (sent !== undefined) {
      const right = wish?.kind === 'drop' && this.model.pot(wish.pot) === pot;
      if (!right) this.#note(row, `drops ${pot.code}, not what ${JSON.stringify(wish)} says`);
      this.#same(row, 'answer', sent.answer, `${text} to ${winner}, lacking ${decimal(payment.deficit)}`);
    }
  }

  /** The chain goes on by a leaf, if that is what it has to be. */
  #link(row: Row, leaf: Uint8Array, expected: Uint8Array): void {
    this.#same(row, 'leaf', Buffer.from(leaf).toString('hex'), Buffer.from(expected).toString('hex'));
    this.chain = createHash('sha256').update(this.chain).update(leaf).digest();
  }

  #leafOf({ user, amount, wager, key }: Contribution, drawn: boolean): Buffer {
    const { own, hash } = this.#known.seeds.get(user)!;
    const seed = `${drawn ? `${own}\n` : ''}${wager || key}`;
    return createHash('sha256').update(`${seed}\n${hash}\n${amount}`).digest();
  }

  /** Items of a batch are decided in its order, unless they had to be sent again. */
  #inOrder(row: Row, { sure, unsure, batch, place }: Sent): void {
    if (batch === 0 || !sure || unsure) return;
    if ((this.#places.get(batch) ?? -1) > place) this.#note(row, 'comes after what follows it in its batch');
    this.#places.set(batch, place);
  }

  #paid(row: Row, data: JackpotWonV2, payment: Payment): void {
    const { amount, opening, fromReserve, fromSurplus, deficit, cycle, player } = payment;
    const { asset } = this.#known;
    const number = this.#known.numbers.get(player) ?? -1;
    this.#same(
      row,
      'payment',
      [data.amount, data.start!.value, data.fromReserve, data.fromSurplus, data.deficit].join(),
      [amount, opening, fromReserve, fromSurplus, deficit].join(),
    );
    this.#same(row, 'cycle', Number(data.cycle), cycle);
    this.#same(row, 'winner', Number(data.player), number);
    const transfers = [this.#account, accountId('player', number, asset), amount];
    if (deficit > 0n) transfers.push(accountId('operator', 0, asset), this.#account, deficit);
    this.#same(row, 'transfers', row.transfers, `{${transfers.join()}}`);
  }

  #lapsed(row: Row, data: PotLapsedV2): void {
    const pot = this.model.pot(this.#known.pots.get(Number(data.pot))!);
    this.#same(row, 'caller', row.caller, 'task');
    this.#same(row, 'cycle', Number(data.cycle), pot.cycle);
    this.ends.isUp(row, pot);
    if (pot.lastPlayer !== '' && pot.value > 0n) this.#note(row, `lapses, though ${pot.lastPlayer} has contributed`);
    this.#link(row, data.leaf, leafOf(['windfall/lapse', pot.code, String(pot.cycle)]));
    pot.lapse();
    this.#same(row, 'start', data.start!.value, pot.value);
  }

  /** A contribution is over once the next operation begins: now its answer can be compared. */
  #close(): void {
    if (this.#open === null) return;
    const { sent, pool, wins } = this.#open;
    this.#open = null;
    const note = (what: string): void => this.#known.note(`${sent.id}: ${what}`);
    if (pool !== this.model.pool) note(`pool is ${pool}, the model says ${this.model.pool}`);
    const text = contributionText(decimal(this.model.pool), wins);
    if (text !== sent.answer) note(`the answer was ${sent.answer}, the model says ${text}`);
    if (this.model.terms.win_selector === 'highest' && wins.length > 1)
      note('won several pots, though only the highest pays');
  }

  #sent({ operation, part }: Row): Sent | undefined {
    const sent = this.#known.done.get(operation);
    if (sent === undefined || part !== 0) return sent;
    if (this.found.has(operation)) this.#known.note(`${operation} stands in the journal twice`);
    this.found.add(operation);
    if (sent.wish.jackpot !== this.model.terms.id) this.#known.note(`${operation} was sent to ${sent.wish.jackpot}`);
    return sent;
  }

  get #account(): number {
    return accountId('jackpot', this.#id, this.#known.asset);
  }

  #move(user: string, amount: bigint): void {
    const { balances } = this.#known;
    balances.set(user, (balances.get(user) ?? 0n) + amount);
  }

  #same(row: Row, what: string, is: unknown, should: unknown): void {
    if (is !== should) this.#note(row, `${what} is ${String(is)}, the model says ${String(should)}`);
  }

  #note({ operation }: Row, what: string): void {
    this.#known.note(`${this.model.terms.id} ${this.facts}, operation ${operation}: ${what}`);
  }
}

const portionText = ({ value, reserve, overflow, sum }: Portion): string =>
  `${value}+${reserve} (${overflow}) = ${sum}`;
