import { JackpotWon, PotLapsed, type PotStart, type TriggerReveal } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import {
  nextSeed,
  revealTrigger,
  seedStream,
  streamId,
  useSeed,
  type NextSeed,
  type TriggerReached,
} from '../../fairness/index.ts';
import {
  accountId,
  defineFact,
  type FactMetadata,
  type Fact,
  type Snapshot,
  type Rows,
  type TaskOrder,
  type Transfer,
} from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';
import type { Jackpot, Pot } from './bound.ts';
import { jackpot as jackpots, jackpotHits, pot as pots, recentHits, type PotRow, type RecentHit } from './entities.ts';
import { restart, startOf, type CycleStart } from './rules.ts';

/** Why a pot was paid; the numbers are stored in the journal. */
export const reason = { external: 1, hit_rate: 2, must_drop_value: 3, must_drop_time: 4 } as const;
export type WinReason = keyof typeof reason;

/** How many hits a jackpot shows. */
export const HITS_SHOWN = 25;

/** A pot was paid to a player, and starts its next cycle. */
export const jackpotWon = defineFact<JackpotWon>({
  name: 'jackpot.won',
  number: 1103,
  version: 1,
  aggregate: jackpots,
  codec: JackpotWon,
  evolve(data, rows, at) {
    const row = rows.edit(pots, Number(data.pot));
    row.hits += 1;
    row.paid += data.amount;
    row.reserve -= data.fromReserve;
    row.surplus -= data.fromSurplus;
    row.wonAt = at.time;
    begin(row, data.start!, data.trigger !== undefined, rows, at);
    const hits = rows.edit(jackpotHits, at.aggregate);
    hits.recent = JSON.stringify([hitOf(data, at), ...recentHits(hits.recent)].slice(0, HITS_SHOWN));
  },
});

/** A win as it is shown. */
export function hitOf(data: JackpotWon, { operationId, time }: Pick<FactMetadata, 'operationId' | 'time'>): RecentHit {
  return {
    operationId,
    pot: data.potCode,
    cycle: Number(data.cycle),
    player: Number(data.player),
    amount: String(data.amount),
    reason: data.reason,
    time,
  };
}

/** The time of a pot is up and there is no player to pay: it starts another cycle. */
export const potLapsed = defineFact<PotLapsed>({
  name: 'jackpot.pot-lapsed',
  number: 1104,
  version: 1,
  aggregate: jackpots,
  codec: PotLapsed,
  evolve(data, rows, at) {
    begin(rows.edit(pots, Number(data.pot)), data.start!, true, rows, at);
  },
});

/** Begins a pot's next cycle. If the last one had a hidden trigger, its seed is used up. */
function begin(
  row: PotRow,
  { value, triggerFrom, triggerTo, dueAt }: PotStart,
  hidden: boolean,
  rows: Rows,
  at: FactMetadata,
): void {
  row.value = value;
  row.cycle += 1;
  row.lastPlayer = 0;
  row.triggerFrom = triggerFrom;
  row.triggerTo = triggerTo;
  row.dueAt = Number(dueAt);
  if (hidden) useSeed(rows.edit(seedStream, streamId('pot', row.id)), at);
}

/** The state of a pot when it is won. */
export interface PotWin {
  readonly pot: Pot;
  readonly row: Readonly<PotRow>;
  readonly value: Micros;
  readonly reserve: Micros;
  readonly reason: WinReason;
  readonly reached: TriggerReached;
}

/** The fact for a pot that is paid to a player, with the payment and what the operator adds to the new start. */
export function wonFact(jackpot: Jackpot, player: number, ending: PotWin, snapshot: Snapshot): Fact<JackpotWon> {
  const { pot, row, value, reserve } = ending;
  const { value: opening, fromReserve, fromSurplus, deficit } = restart(pot, { reserve, surplus: row.surplus });
  const data: JackpotWon = {
    pot: BigInt(pot.id),
    potCode: pot.code,
    cycle: BigInt(row.cycle),
    player: BigInt(player),
    amount: value,
    reason: reason[ending.reason],
    start: startMessage(startOf(pot.mustDrop, opening, snapshot.now)),
    trigger: revealOf(ending, snapshot),
    asset: BigInt(jackpot.asset),
    fromReserve,
    fromSurplus,
    deficit,
  };
  const { account, asset } = jackpot;
  const transfers: Transfer[] = [{ from: account, to: accountId('player', player, asset), amount: value }];
  if (deficit > 0n) transfers.push({ from: accountId('operator', 0, asset), to: account, amount: deficit });
  return { kind: jackpotWon, id: jackpot.id, data, transfers, tasks: endCycleOrder(pot.id, Number(data.start!.dueAt)) };
}

/** The fact for a pot that continues with its current value. */
export function lapsedFact(jackpot: Jackpot, pot: Pot, row: Readonly<PotRow>, snapshot: Snapshot): Fact<PotLapsed> {
  const data: PotLapsed = {
    pot: BigInt(pot.id),
    cycle: BigInt(row.cycle),
    start: startMessage(startOf(pot.mustDrop, row.value, snapshot.now)),
    trigger: revealOf({ pot, row, reached: null }, snapshot),
  };
  return {
    kind: potLapsed,
    id: jackpot.id,
    data,
    transfers: [],
    tasks: endCycleOrder(pot.id, Number(data.start!.dueAt)),
  };
}

/** The task that ends a pot's cycle when its time is up. */
export const END_CYCLE = 'jackpot.end-cycle';

/** The order to end a cycle that starts; none if the cycle has no time limit. */
export function endCycleOrder(pot: number, dueAt: number): TaskOrder[] {
  return dueAt === 0 ? [] : [{ task: END_CYCLE, id: pot, at: dueAt }];
}

export function startMessage({ value, triggerFrom, triggerTo, dueAt }: CycleStart): PotStart {
  return { value, triggerFrom, triggerTo, dueAt: BigInt(dueAt) };
}

/** The seed of a pot's hidden trigger. Throws DeferredError if the seed for the next cycle was not readable yet. */
export const triggerSeed = (snapshot: Snapshot, { stream }: Pot): NextSeed => nextSeed(snapshot, stream, 1);

function revealOf(
  { pot, row, reached }: Pick<PotWin, 'pot' | 'row' | 'reached'>,
  snapshot: Snapshot,
): TriggerReveal | undefined {
  if (pot.mustDrop === null) return undefined;
  const { triggerFrom, triggerTo } = row;
  return revealTrigger(
    triggerSeed(snapshot, pot),
    { triggerFrom, triggerTo, byTime: pot.mustDrop.kind === 'time' },
    reached,
  );
}
