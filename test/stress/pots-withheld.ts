import type { PotsPayoutRejected, PotsPayoutReleased } from '../../gen/ts/windfall/facts/v1/pots.ts';
import { accountId } from '../../src/journal/index.ts';
import type { Query } from './pots-audit.ts';
import type { ShareModel } from './pots-community.ts';
import { converted } from './pots-instances.ts';
import type { InReplay, MovesReplay } from './pots-moves.ts';
import type { InstanceFact } from './pots-replay.ts';
import { countryOf } from './pots-patience.ts';
import type { Seen } from './pots-seen.ts';
import { micros } from './jackpot-pot-model.ts';

/** A win that is withheld, as the model has it. */
export interface WithheldModel {
  readonly instance: string;
  readonly pot: string;
  readonly player: string;
  /** In micro-units of the instance's currency. */
  readonly amount: bigint;
  readonly currency: string;
  /** What the player gets, in that currency. */
  readonly paid: bigint;
  /** 1: its amount, 2: the player's country; of shares 4: nothing withholds it, 5: its win is withheld. */
  readonly cause: number;
  /** 1: withheld, 2: released, 3: rejected; of shares 5: paid. */
  state: number;
  /** What became of it, as callers are told; empty: nothing. */
  settled: string;
}

/** A win of an instance. @param country of the player; empty: not known. */
export interface Win extends Pick<WithheldModel, 'pot' | 'player' | 'amount' | 'currency'> {
  readonly country: string;
}

/** Which wins an instance withholds, and what becomes of them. */
export class WithheldReplay {
  readonly #in: InReplay;
  readonly #moves: MovesReplay;

  constructor(within: InReplay, moves: MovesReplay) {
    this.#in = within;
    this.#moves = moves;
  }

  /** Pays a win, or withholds it under the id of its game round. Returns whether it does. */
  won(round: string, { pot, player, amount, currency, country }: Win): boolean {
    const { terms, seen } = this.#in;
    const paid = converted(amount, terms.asset, currency);
    const cause = this.#causeOf(amount, country);
    if (cause === 0) seen.gain(player, currency, paid);
    else
      seen.withheld.set(round, {
        instance: terms.id,
        pot,
        player,
        amount,
        currency,
        paid,
        cause,
        state: 1,
        settled: '',
      });
    return cause !== 0;
  }

  #causeOf(amount: bigint, country: string): number {
    const { above, countries = [] } = this.#in.terms.withhold ?? {};
    return above !== undefined && amount > micros(above) ? 1 : countries.includes(country) ? 2 : 0;
  }

  /** Pays the shares of a win, or withholds them. @param withheld whether the win is. */
  shared(round: string, pot: string, shares: readonly ShareModel[], withheld: boolean): void {
    const { terms, seen } = this.#in;
    shares.forEach(({ player, amount }, i) => {
      const cause = withheld ? 5 : this.#causeOf(amount, countryOf(player)) || 4;
      const state = cause === 4 ? 5 : 1;
      const money = { amount, currency: terms.asset, paid: amount };
      seen.withheld.set(`${round}.${i + 1}`, { ...money, instance: terms.id, pot, player, cause, state, settled: '' });
      if (cause === 4) seen.gain(player, terms.asset, amount);
    });
  }

  /** One is settled. */
  settled(fact: InstanceFact): void {
    const { seen, terms, model, note, same } = this.#in;
    const { payout, player } = fact.data as PotsPayoutReleased | PotsPayoutRejected;
    const round = seen.rounds.get(Number(payout)) ?? '';
    const win = seen.withheld.get(round);
    const deed = this.#moves.noted(fact, 'settle');
    if (win?.instance !== terms.id || deed?.kind !== 'settle') return note(fact, `settles ${round}, which is no win`);
    if (win.state !== 1) note(fact, `settles ${round}, which was ${win.settled}`);
    const verb = fact.kind === 1660 ? 'Release' : 'Reject';
    same(fact, 'deed', `${verb} ${round}`, `${deed.verb} ${deed.round}`);
    same(fact, 'player', seen.names.get(Number(player)), win.player);
    const { currency, paid } = win;
    seen.settlers.add(deed.tag);
    win.state = verb === 'Release' ? 2 : 3;
    win.settled = `${verb === 'Release' ? 'Released' : 'Rejected'} ${currency} ${paid}`;
    if (verb === 'Release') return seen.gain(win.player, currency, paid);
    same(fact, 'amount', (fact.data as PotsPayoutRejected).amount, win.amount);
    model.pot(win.pot).reserve += win.amount;
  }
}

const ROWS =
  'select o.code, o.jackpot_id, p.code, o.player_id, o.amount, a.code, o.paid, o.cause, o.state ' +
  'from jackpot_payout o ' +
  'join jackpot_pot p on p.operator_id = o.operator_id and p.id = o.pot_id ' +
  'join asset a on a.operator_id = o.operator_id and a.asset_no = o.asset where o.operator_id = 1';
const ESCROW = 'select id, balance from account where operator_id = 1 and balance <> 0 and id % 32 = $1';

/** Withheld wins are those of the model, and escrow holds what is not settled, and nothing else. */
export async function compareWithheld(query: Query, seen: Seen, ids: ReadonlyMap<string, number>): Promise<void> {
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const left = new Map(seen.withheld);
  for (const [round, jackpot, pot, player, ...stored] of await query(ROWS)) {
    const win = left.get(round!);
    left.delete(round!);
    const is = [names.get(Number(jackpot)), pot, seen.names.get(Number(player)), ...stored].join();
    const { instance, amount, currency, paid, cause, state } = win ?? {};
    const should = [instance, win?.pot, win?.player, amount, currency, paid, cause, state].join();
    if (is !== should) seen.note(`withheld win ${round} is ${is}, the model says ${should}`);
  }
  for (const [round, { instance }] of left) seen.note(`withheld win ${round} of ${instance} is lost`);
  const held = new Map<string, bigint>();
  for (const { instance, amount, state } of seen.withheld.values())
    if (state === 1) held.set(instance, (held.get(instance) ?? 0n) + amount);
  const asset = new Map(await query('select id, asset from jackpot where operator_id = 1').then((all) => all as any));
  const should = [...held].map(([name, sum]) => {
    const id = ids.get(name)!;
    return `${accountId('escrow', id, Number(asset.get(String(id))))} ${sum}`;
  });
  const is = (await query(ESCROW, accountId('escrow', 0, 0) % 32)).map(([id, balance]) => `${id} ${balance}`);
  if (is.toSorted().join() !== should.toSorted().join())
    seen.note(`escrow is ${is.join()}, the model says ${should.join()}`);
}
