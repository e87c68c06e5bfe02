import { createHash } from 'node:crypto';
import type {
  JackpotEnded,
  PotClosed,
  PotEmptied,
  PotEndowed,
  PotPaid,
} from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { accountId } from '../../src/journal/index.ts';
import type { Sent } from './jackpot-answered.ts';
import { drawText, transferText } from './jackpot-endings.ts';
import type { JackpotModel } from './jackpot-model.ts';
import { decimal, type PotModel, type PotMoney } from './jackpot-pot-model.ts';
import type { Known } from './jackpot-known.ts';
import type { Row } from './jackpot-replay.ts';

/** A change of a jackpot's definition. */
export interface Change {
  readonly operation: string;
  /** Microseconds since 1970. */
  readonly time: number;
}

/** What the replay of a jackpot does for that of its ends. */
interface Host {
  same(row: Row, what: string, is: unknown, should: unknown): void;
  /** The call that a row is of. */
  sent(row: Row): Sent | undefined;
  /** Lets the chain go on. */
  link(row: Row, leaf: Uint8Array, expected: Uint8Array): void;
}

interface End {
  readonly pot: PotModel;
  readonly winner: string;
  readonly amount: bigint;
  readonly cycle: number;
  readonly final: boolean;
}

const KINDS = { closed: 1107, paid: 1108, planned: 1109, ended: 1110, emptied: 1111, endowed: 1112 };
const REASON = { time: 4, final: 6 };
const ZEROS = { opening: 0n, fromReserve: 0n, fromSurplus: 0n, deficit: 0n };

export const leafOf = (lines: readonly string[]): Buffer => createHash('sha256').update(lines.join('\n')).digest();
const moneyText = ({ value, reserve, surplus }: PotMoney): string[] => [value, reserve, surplus].map(String);

/**
 * Follows the ends of cycles and of the jackpot: closes, which draw a point, the payments of who has fed the pot there,
 * archives, and what goes to other jackpots.
 */
export class EndsReplay {
  /** How often it was archived, and how many ends of cycles were drawn. */
  archives = 0;
  drawn = 0;
  readonly #model: JackpotModel;
  readonly #known: Known;
  readonly #account: number;
  readonly #changes: readonly Change[];
  readonly #host: Host;
  /** The ends that are not paid yet, by their numbers. */
  readonly #open = new Map<bigint, End>();
  /** When each pot's cycle began, and which one. */
  readonly #begun = new Map<PotModel, { readonly cycle: number; readonly time: number }>();
  /** When it is active again; it is archived until then. */
  #resumed = 0;

  constructor(model: JackpotModel, known: Known, id: number, changes: readonly Change[], host: Host) {
    this.#model = model;
    this.#known = known;
    this.#changes = changes;
    this.#host = host;
    this.#account = accountId('jackpot', id, known.asset);
  }

  /** What is drawn and not paid: the amounts in escrow. */
  get unpaid(): bigint[] {
    return [...this.#open.values()].map(({ amount }) => amount);
  }

  before({ time }: Row): void {
    if (time >= this.#resumed) this.#model.archived = false;
  }

  /** Notes which cycles the row has begun. While it is archived only final draws and transfers happen. */
  after(row: Row): void {
    for (const pot of this.#model.pots)
      if (this.#begun.get(pot)?.cycle !== pot.cycle) this.#begun.set(pot, { cycle: pot.cycle, time: row.time });
    if (row.kind === KINDS.paid || row.kind === KINDS.ended) return;
    const final = row.kind === KINDS.closed && (row.data as PotClosed).reason === REASON.final;
    this.#same(row, 'archived', this.#model.archived, final || row.kind === KINDS.emptied);
  }

  take(row: Row): boolean {
    if (row.kind === KINDS.closed) this.#closed(row, row.data as PotClosed);
    else if (row.kind === KINDS.paid) this.#paid(row, row.data as PotPaid);
    else if (row.kind === KINDS.planned) this.#same(row, 'caller', row.caller, 'task');
    else if (row.kind === KINDS.ended) this.#ended(row, row.data as JackpotEnded);
    else if (row.kind === KINDS.emptied) this.#emptied(row, row.data as PotEmptied);
    else if (row.kind === KINDS.endowed) this.#endowed(row, row.data as PotEndowed);
    else return false;
    return true;
  }

  /** The time of a pot's cycle is up: after its seconds, or, where the end is hidden, after its beginning. */
  isUp(row: Row, pot: PotModel): void {
    const { length, hidden } = pot.limit;
    const { time } = this.#begun.get(pot)!;
    this.#same(row, 'up', row.time >= time + (hidden && !pot.unveiled ? 0 : length) && length > 0, true);
  }

  #closed(row: Row, data: PotClosed): void {
    const pot = this.#model.pot(data.potCode);
    const final = row.caller !== 'task';
    this.#same(row, 'reason', data.reason, final ? REASON.final : REASON.time);
    this.#same(row, 'sum', data.sum, pot.sum);
    const { cycle, sum } = pot;
    if (!final) this.#timesOf(row, data, pot);
    const winner = pot.feederAt(data.point);
    const reserve = final ? pot.reserve : 0n;
    const value = pot.value;
    const next = final ? ZEROS : pot.close(winner);
    const amount = final ? pot.closeForGood() : value;
    this.#same(row, 'cycle', Number(data.cycle), cycle);
    const stated = [data.value, data.reserve, data.start!.value, data.fromReserve, data.fromSurplus, data.deficit];
    const { opening, fromReserve, fromSurplus, deficit } = next;
    this.#same(row, 'end', stated.join(), [value, reserve, opening, fromReserve, fromSurplus, deficit].join());
    const escrow = accountId('escrow', Number(data.ending), this.#known.asset);
    const operator = accountId('operator', 0, this.#known.asset);
    const added = deficit > 0n ? [operator, this.#account, deficit] : [];
    this.#same(row, 'transfers', row.transfers, `{${[this.#account, escrow, amount, ...added].join()}}`);
    const lines = ['windfall/end', pot.code, String(cycle), final ? 'final' : 'time', String(sum)];
    this.#host.link(row, data.leaf, leafOf(lines));
    this.#open.set(data.ending, { pot, winner, amount, cycle, final });
    this.drawn += 1;
  }

  #timesOf(row: Row, data: PotClosed, pot: PotModel): void {
    this.isUp(row, pot);
    const { length, hidden } = pot.limit;
    const { time } = this.#begun.get(pot)!;
    const range = hidden && !pot.unveiled ? [Math.ceil(time / 1000), Math.floor((time + length) / 1000)] : [0, 0];
    const stated = [data.dueAt, data.hiddenFrom, data.hiddenTo];
    this.#same(row, 'times', stated.join(), [time + length, ...range].join());
  }

  #paid(row: Row, { closed, player, withheld, contribution, sumBefore, sumAfter }: PotPaid): void {
    const end = this.#open.get(closed!.ending);
    this.#same(row, 'an end that is open', end !== undefined, true);
    if (end === undefined) return;
    this.#open.delete(closed!.ending);
    const { numbers, balances, asset, done, seeds, proofs } = this.#known;
    const number = numbers.get(end.winner) ?? -1;
    this.#same(row, 'winner', Number(player), number);
    this.#same(row, 'withheld', withheld, false);
    const brought = done.get(contribution)?.wish;
    this.#same(row, 'bringer', brought?.kind === 'contribute' ? brought.user : '', end.winner);
    this.#same(row, 'point', sumBefore <= closed!.point && closed!.point < sumAfter, true);
    end.pot.settle(end.amount);
    balances.set(end.winner, (balances.get(end.winner) ?? 0n) + end.amount);
    const paid = [accountId('escrow', Number(closed!.ending), asset), accountId('player', number, asset), end.amount];
    this.#same(row, 'transfers', row.transfers, `{${paid.join()}}`);
    if (end.final) this.#told(row, closed!, end);
    const record = proofs.get(row.operation);
    if (record === undefined) return;
    const { player: hash, outcome } = JSON.parse(record);
    const shown = [hash, outcome.pot, String(outcome.cycle), outcome.won].join();
    this.#same(row, 'proof', shown, [seeds.get(end.winner)?.hash, end.pot.code, end.cycle, decimal(end.amount)].join());
  }

  /** What the caller of a final draw was told. */
  #told(row: Row, { sum, point }: PotClosed, { pot, winner, amount, cycle }: End): void {
    const sent = this.#host.sent(row);
    const { wish, answer } = sent ?? {};
    this.#same(row, 'call', wish?.kind === 'draw' ? wish.pot : '', pot.code);
    this.#same(row, 'answer', answer, drawText(cycle, decimal(amount), decimal(sum), decimal(point), winner));
  }

  #ended(row: Row, { leaf }: JackpotEnded): void {
    this.#same(row, 'archived before', this.#model.archived, false);
    this.#host.link(row, leaf, leafOf(['windfall/ended']));
    this.#model.end();
    this.archives += 1;
    const i = this.#changes.findIndex(({ operation }) => operation === row.operation);
    this.#same(row, 'a change of the definition', i >= 0, true);
    this.#resumed = this.#changes[i + 1]?.time ?? Infinity;
  }

  #emptied(row: Row, data: PotEmptied): void {
    const wish = this.#host.sent(row)?.wish;
    const pot = this.#model.pot(this.#known.pots.get(Number(data.pot))!);
    const right = wish?.kind === 'transfer' && wish.pot === pot.code;
    this.#same(row, 'call', right, true);
    if (!right) return;
    this.#same(row, 'cycle', Number(data.cycle), pot.cycle);
    const money = pot.empty();
    this.#same(row, 'money', moneyText(data).join(), moneyText(money).join());
    this.#host.link(row, data.leaf, leafOf(['windfall/transfer', 'from', pot.code, ...moneyText(money)]));
    const to = accountId('jackpot', this.#known.jackpots.get(wish.to.jackpot)!, this.#known.asset);
    const amount = money.value + money.reserve + money.surplus;
    this.#same(row, 'transfers', row.transfers, `{${[this.#account, to, amount].join()}}`);
    this.#known.moved.set(row.operation, { ...money, to: wish.to });
  }

  #endowed(row: Row, data: PotEndowed): void {
    const { moved, pots, done } = this.#known;
    const money = moved.get(row.operation);
    this.#same(row, 'part of a transfer to it', money?.to.jackpot, this.#model.terms.id);
    if (money === undefined) return;
    moved.delete(row.operation);
    this.#same(row, 'pot', pots.get(Number(data.pot)), money.to.pot);
    const pot = this.#model.pot(money.to.pot);
    const added = pot.endow(money);
    const [is, should] = [moneyText(data), moneyText(added)];
    this.#same(row, 'added', [...is, data.valueAfter].join(), [...should, pot.value].join());
    this.#same(row, 'transfers', row.transfers, '{}');
    this.#host.link(row, data.leaf, leafOf(['windfall/transfer', 'to', pot.code, ...should]));
    const amount = money.value + money.reserve + money.surplus;
    const amounts = [amount, added.value, added.reserve, added.surplus, pot.value].map(decimal);
    const text = transferText(...(amounts as [string, string, string, string, string]));
    this.#same(row, 'answer', done.get(row.operation)?.answer, text);
  }

  #same(row: Row, what: string, is: unknown, should: unknown): void {
    this.#host.same(row, what, is, should);
  }
}
