import type { PotClosed, PotEndPlanned } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { isActive, lookAt, requireActive, requireOneOf } from '../../catalogue/index.ts';
import {
  bindPotEnd,
  chainOf,
  drawEndTime,
  drawPoint,
  nextSeed,
  potEndDraw,
  potEndLeaf,
  seedStream,
  serverSeed,
  streamId,
  type MasterKeys,
  type EndRange,
  type PotEndKind,
  type Reseed,
} from '../../fairness/index.ts';
import {
  account,
  accountId,
  isDue,
  type Command,
  type Fact,
  type RowRequests,
  type Snapshot,
  type Transfer,
} from '../../journal/index.ts';
import { ApiError } from '../../kernel/index.ts';
import type { Jackpot, Pot } from './bound.ts';

import { community, communityOf } from './community/standings.ts';
import { jackpots } from './definition.ts';
import { jackpot as heads, pot as pots, type PotRow } from './entities.ts';
import { PAY_END, potClosed, potEndPlanned } from './pot-ends.ts';
import { restartOf, startOf, startsAfter } from './rules.ts';
import { END_CYCLE, endCycleOrder, lapsedFact, reason } from './winning.ts';

/** A cycle that is to be ended. */
export interface CloseRequest {
  readonly jackpot: Jackpot;
  readonly pot: Pot;
  readonly end: PotEndKind;
  /** The number of a new row: that of the end. */
  readonly ending: number;
  /** The time that a task was ordered for; 0: a call. */
  readonly at: number;
}

export interface CloseAnswer {
  /** Null: nothing was drawn. */
  readonly closed: PotClosed | null;
  readonly replayed: boolean;
}

/**
 * Ends a cycle of a pot: freezes what the cycle's contributions have brought, draws a point among it, and moves what
 * the winner gets to escrow, with the order to pay it. If nobody has contributed, a cycle whose time is up begins
 * another one.
 *
 * A task decides nothing if that has already happened, or if the jackpot is not active: then it is ordered again when
 * the jackpot becomes active. A final draw throws JACKPOT_NOT_ENDED, NO_WINNER. Both throw StaleVersionError if another
 * version is in force.
 */
export function closing(keys: MasterKeys): Command<CloseRequest, CloseAnswer> {
  return {
    name: 'jackpot.draw-pot',
    needs,
    decide(request, snapshot) {
      const { jackpot, pot, at } = request;
      const row = snapshot.row(pots, pot.id);
      if (request.end === 'final') {
        requireEnded(jackpot, snapshot);
        if (row.sum === 0n || row.value + row.reserve === 0n) throw noWinner(jackpot, pot);
        return [closedFact(request, row, keys, snapshot)];
      }
      if (!isActive(jackpot, snapshot) || row.dueAt === 0) return [];
      const endsAt = endOf(row, keys, snapshot);
      // Of a hidden end the first order is for the start of its range; it may be run as late as any other.
      const orderedFrom = row.triggerTo === 0n ? endsAt : Number(row.triggerFrom) * 1000;
      if (!isDue(orderedFrom, at, snapshot.now)) return [];
      if (at < endsAt && endsAt > snapshot.now) return [plannedFact(jackpot, row, endsAt)];
      isDue(endsAt, endsAt, snapshot.now);
      requireActive(jackpots, jackpot, snapshot);
      const drawn = row.sum > 0n && row.value > 0n;
      return [drawn ? closedFact(request, row, keys, snapshot) : lapsedFact(jackpot, pot, row, snapshot)];
    },
    answer: ({ facts: [fact] }, replayed) => ({
      replayed,
      closed: fact?.kind === potClosed ? (fact.data as PotClosed) : null,
    }),
  };
}

function needs({ jackpot, pot, ending }: CloseRequest, rows: RowRequests): void {
  lookAt(jackpot, rows);
  rows.lock(heads, jackpot.id);
  rows.lock(pots, pot.id);
  rows.lock(seedStream, pot.stream);
  rows.lock(account, jackpot.account);
  if (jackpot.community !== undefined) rows.lock(community, jackpot.id);
  rows.lock(account, accountId('escrow', ending, jackpot.asset));
}

const noWinner = ({ code }: Jackpot, pot: Pot): ApiError =>
  new ApiError('NO_WINNER', 'nobody has contributed to the pot in its cycle', {
    details: { id: code, pot_id: pot.code },
  });

/** @param row of the pot, to which somebody has contributed. */
function closedFact(
  request: CloseRequest,
  row: Readonly<PotRow>,
  keys: MasterKeys,
  snapshot: Snapshot,
): Fact<PotClosed> {
  const { jackpot, pot, end, ending } = request;
  const { account: from, asset } = jackpot;
  const final = end === 'final';
  const seed = nextSeed(snapshot, pot.stream);
  const hidden = final || row.triggerTo === 0n ? null : rangeOf(row);
  const bound = bindPotEnd({ end, hidden, pot: pot.code, cycle: row.cycle, sum: row.sum });
  const chain = chainOf(snapshot.row(heads, jackpot.id));
  const draw = potEndDraw(serverSeed(keys.key(seed.keyId), seed.name, seed.position), chain, bound);
  const { value, ...start } = final ? NOTHING : restartOf(pot, row, row.reserve);
  const data: PotClosed = {
    ...start,
    ending: BigInt(ending),
    pot: BigInt(pot.id),
    potCode: pot.code,
    cycle: BigInt(row.cycle),
    asset: BigInt(asset),
    reason: final ? reason.final_draw : reason.must_drop_time,
    value: row.value,
    reserve: final ? row.reserve : 0n,
    sum: row.sum,
    point: drawPoint(draw, bound),
    words: draw.wordsConsumed,
    streamName: seed.name,
    keyId: seed.keyId,
    position: BigInt(seed.position),
    readableSince: BigInt(seed.readableSince),
    chain: Buffer.from(chain, 'hex'),
    leaf: potEndLeaf(bound.end),
    cycleFrom: BigInt(row.cycleFrom),
    dueAt: BigInt(final ? 0 : row.dueAt),
    hiddenFrom: BigInt(hidden?.from ?? 0),
    hiddenTo: BigInt(hidden?.to ?? 0),
    versionId: BigInt(jackpot.versionId),
    start: startOf(pot, value, startsAfter(pot, row), jackpot.versionId, snapshot.now),
    community: communityOf(jackpot, pot, row, snapshot),
  };
  const transfers: Transfer[] = [{ from, to: accountId('escrow', ending, asset), amount: data.value + data.reserve }];
  if (data.deficit > 0n) transfers.push({ from: accountId('operator', 0, asset), to: from, amount: data.deficit });
  const tasks = [{ task: PAY_END, id: ending, at: snapshot.now }, ...endCycleOrder(pot.id, data.start!)];
  return { kind: potClosed, id: jackpot.id, data, transfers, tasks };
}

/** A pot of an ended jackpot starts with nothing: all of its money was won. */
const NOTHING: Reseed = { value: 0n, fromReserve: 0n, fromSurplus: 0n, deficit: 0n };

/** When a pot's cycle ends, in microseconds since 1970. Of a hidden time only the order of its task is stored. */
function endOf(row: Readonly<PotRow>, keys: MasterKeys, snapshot: Snapshot): number {
  if (row.triggerTo === 0n) return row.dueAt;
  const { name, keyId, position } = nextSeed(snapshot, streamId('pot', row.id));
  return drawEndTime(serverSeed(keys.key(keyId), name, position), rangeOf(row)) * 1000;
}

const rangeOf = ({ triggerFrom, triggerTo }: Readonly<PotRow>): EndRange => ({
  from: Number(triggerFrom),
  to: Number(triggerTo),
});

/** Orders the end of a cycle for its hidden time, which is known only now. */
function plannedFact(jackpot: Jackpot, { id, cycle }: Readonly<PotRow>, endsAt: number): Fact<PotEndPlanned> {
  const data = { pot: BigInt(id), cycle: BigInt(cycle) };
  const tasks = [{ task: END_CYCLE, id, at: endsAt }];
  return { kind: potEndPlanned, id: jackpot.id, data, transfers: [], tasks };
}

/** Throws JACKPOT_NOT_ENDED if a jackpot is not archived, and StaleVersionError if another version is in force. */
export const requireEnded = (jackpot: Jackpot, snapshot: Snapshot): void =>
  requireOneOf(jackpot, ['archived'], 'JACKPOT_NOT_ENDED', snapshot);
