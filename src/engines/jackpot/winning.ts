import { JackpotWonV2, PotLapsedV2, type CycleStart } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { leafOf } from '../../fairness/index.ts';
import {
  accountId,
  defineFact,
  type FactMetadata,
  type Fact,
  type Snapshot,
  type Rows,
  type TaskOrder,
} from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';
import type { Jackpot, Pot } from './bound.ts';
import {
  advance,
  jackpot as jackpots,
  jackpotHits,
  countPaid,
  pot as pots,
  recentHits,
  type PotRow,
  type RecentHit,
} from './entities.ts';
import { sharesOf, sumOf } from './community/rules.ts';
import { communityOf } from './community/standings.ts';
import { createPayouts, payPrize, sharesOrder, wholeOf, type Prize, type Purse, type Shared } from './payouts.ts';
import { restartOf, startOf, startsAfter } from './rules.ts';

/** Why a pot was paid; the numbers are stored in the journal. */
export const reason = {
  external: 1,
  hit_rate: 2,
  must_drop_value: 3,
  must_drop_time: 4,
  award: 5,
  final_draw: 6,
} as const;
export type WinReason = keyof typeof reason;

/** How many hits a jackpot shows. */
export const HITS_SHOWN = 25;

/** A pot was paid to a player, and starts its next cycle. */
export const jackpotWon = defineFact<JackpotWonV2>({
  name: 'jackpot.won',
  number: 1103,
  version: 2,
  aggregate: jackpots,
  codec: JackpotWonV2,
  evolve(data, rows, at) {
    const row = rows.edit(pots, Number(data.pot));
    row.hits += 1;
    countPaid(row, wholeOf(data));
    row.reserve -= data.fromReserve;
    row.surplus -= data.fromSurplus;
    row.wonAt = at.time;
    begin(row, data.start!, rows, at);
    advance(rows, at, data.leaf);
    noteHit(rows, at, data);
    createPayouts(data.payouts, data.pot, rows, at);
  },
});

/** Adds a win to those that the jackpot shows. */
export function noteHit(rows: Rows, at: FactMetadata, data: ShownWin): void {
  const hits = rows.edit(jackpotHits, at.aggregate);
  hits.recent = JSON.stringify([hitOf(data, at), ...recentHits(hits.recent)].slice(0, HITS_SHOWN));
}

/** What hits show of a win, in all facts that tell one. */
export interface ShownWin extends Pick<JackpotWonV2, 'potCode' | 'cycle' | 'player' | 'reason'>, Shared {
  /** The reason of an award; empty: it is none. */
  readonly award?: string;
  /** Whether the money remains in escrow. */
  readonly withheld?: boolean;
}

/** What answers show of a win, in all versions of the fact. */
export interface Payout extends ShownWin {
  readonly pot: bigint;
  readonly asset: bigint;
  readonly deficit: Micros;
  readonly start?: { readonly value: Micros } | undefined;
}

/** A win as it is shown. */
export function hitOf(data: ShownWin, { operationId, time }: Pick<FactMetadata, 'operationId' | 'time'>): RecentHit {
  return {
    operationId,
    pot: data.potCode,
    cycle: Number(data.cycle),
    player: Number(data.player),
    amount: String(data.amount),
    reason: data.reason,
    time,
    ...(data.award ? { award: data.award } : {}),
    ...(data.withheld ? { withheld: true } : {}),
  };
}

/** The time of a pot is up and there is no player to pay: it starts another cycle. */
export const potLapsed = defineFact<PotLapsedV2>({
  name: 'jackpot.pot-lapsed',
  number: 1104,
  version: 2,
  aggregate: jackpots,
  codec: PotLapsedV2,
  evolve(data, rows, at) {
    begin(rows.edit(pots, Number(data.pot)), data.start!, rows, at);
    advance(rows, at, data.leaf);
  },
});

/** Begins a pot's next cycle. */
export function begin(row: PotRow, start: CycleStart, rows: Rows, at: FactMetadata): void {
  const { value, dueAt, terms, termsFrom, hiddenFrom, starts } = start;
  row.value = value;
  row.drawnAt = value;
  row.cycle += 1;
  row.starts = starts;
  row.cycleFrom = rows.edit(jackpots, at.aggregate).sequence;
  row.terms = terms;
  row.termsFrom = Number(termsFrom);
  row.sum = 0n;
  row.lastPlayer = 0;
  row.triggerFrom = hiddenFrom;
  row.triggerTo = hiddenFrom === 0n ? 0n : dueAt / 1000n;
  row.dueAt = Number(dueAt);
}

/** The state of a pot when it is won. */
export interface PotWin {
  readonly pot: Pot;
  readonly row: Readonly<PotRow>;
  readonly value: Micros;
  readonly reserve: Micros;
  readonly reason: WinReason;
  /** By which the jackpot's chain advances; empty: it is won by a contribution, which has its own. */
  readonly leaf: Uint8Array;
  /** The reason of an award; unset for others. */
  readonly award?: string;
  readonly payee: Payee;
}

/** Who is paid, and how. */
export interface Payee extends Pick<Prize, 'country' | 'number' | 'linked'> {
  readonly player: number;
  /** Unset: in the jackpot's asset. */
  readonly purse?: Purse | undefined;
}

/** The fact for a pot that is paid to a player, with the payment and what the operator adds to the new start. */
export function wonFact(jackpot: Jackpot, ending: PotWin, snapshot: Snapshot): Fact<JackpotWonV2> {
  const { pot, row, value, reserve, leaf, award = '', payee } = ending;
  const { account: from, asset, id: escrow } = jackpot;
  const { value: opening, fromReserve, fromSurplus, deficit } = restartOf(pot, row, reserve);
  const start = startOf(pot, opening, startsAfter(pot, row), jackpot.versionId, snapshot.now);
  const { purse = { asset, worth: (amount) => amount } } = payee;
  const shares = sharesOf(value, communityOf(jackpot, pot, row, snapshot), payee.player);
  const amount = value - sumOf(shares);
  const prize: Prize = { ...payee, purse, from, asset, escrow, amount, shares, full: false };
  const { transfers, withheld, payouts } = payPrize(prize, jackpot.instance);
  const data: JackpotWonV2 = {
    start,
    fromReserve,
    fromSurplus,
    deficit,
    award,
    withheld,
    payouts,
    leaf: leaf as Buffer,
    pot: BigInt(pot.id),
    potCode: pot.code,
    cycle: BigInt(row.cycle),
    player: BigInt(payee.player),
    amount,
    reason: reason[ending.reason],
    asset: BigInt(asset),
    instance: undefined,
  };
  const paid = deficit === 0n ? [] : [{ from: accountId('operator', 0, asset), to: from, amount: deficit }];
  return {
    data,
    kind: jackpotWon,
    id: jackpot.id,
    transfers: [...transfers, ...paid],
    tasks: [...endCycleOrder(pot.id, start), ...sharesOrder(payouts, snapshot.now)],
  };
}

/** The fact for a pot that continues with its current value. */
export function lapsedFact(jackpot: Jackpot, pot: Pot, row: Readonly<PotRow>, snapshot: Snapshot): Fact<PotLapsedV2> {
  const start = startOf(pot, row.value, row.starts, jackpot.versionId, snapshot.now);
  const leaf = leafOf(['windfall/lapse', pot.code, String(row.cycle)]);
  const data: PotLapsedV2 = { pot: BigInt(pot.id), cycle: BigInt(row.cycle), start, leaf };
  return { kind: potLapsed, id: jackpot.id, data, transfers: [], tasks: endCycleOrder(pot.id, start) };
}

/** The task that ends a pot's cycle when its time is up. */
export const END_CYCLE = 'jackpot.end-cycle';

/**
 * The order to end a cycle; none if the cycle has no time limit. A hidden time is not known here: the task runs at the
 * start of its range, and orders itself.
 */
export function endCycleOrder(
  pot: number,
  { dueAt, hiddenFrom }: Pick<CycleStart, 'dueAt' | 'hiddenFrom'>,
): TaskOrder[] {
  if (dueAt === 0n) return [];
  return [{ task: END_CYCLE, id: pot, at: hiddenFrom === 0n ? Number(dueAt) : Number(hiddenFrom) * 1000 }];
}
