import { JackpotRoundClosed, type JackpotRoundPot } from '../../../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import { definition, lookAt, requireOneOf, statusName } from '../../../catalogue/index.ts';
import {
  account,
  accountId,
  defineFact,
  isDue,
  StaleVersionError,
  type Command,
  type Fact,
  type RowRequests,
  type Snapshot,
  type TaskOrder,
  type Transfer,
} from '../../../journal/index.ts';
import { poolState, ticketPool } from '../../../tickets/index.ts';
import type { Jackpot } from '../bound.ts';
import { countPaid, jackpot as heads, pot as pots } from '../entities.ts';
import { restartOf, startOf, startsAfter } from '../rules.ts';
import { begin } from '../winning.ts';
import { prizesOf } from './prizes.ts';
import { endRoundOrder, openRound, round, roundEnd, roundNeeds, roundProlonged, type NewRound } from './round.ts';

/** The task that draws the winners of a round, by the number of its row. */
export const DRAW_ROUND = 'jackpot.draw-round';
/** The task that archives an instance, by the number of its head. */
export const END_INSTANCE = 'pots.end-instance';

/** No ticket of a round is earned any more: its prizes are in escrow. */
export const roundClosed = defineFact<JackpotRoundClosed>({
  name: 'jackpot.round-closed',
  number: 1122,
  version: 1,
  aggregate: heads,
  codec: JackpotRoundClosed,
  evolve(data, rows, at) {
    const id = Number(data.round);
    const pool = rows.edit(ticketPool, id);
    const drawn = data.tickets > 0n;
    pool.state = drawn ? poolState.closed : poolState.completed;
    pool.closedAt = at.time;
    if (!drawn) pool.endedAt = at.time;
    rows.edit(round, id).closedBy = at.operationId;
    for (const { pot, prize, toReserve, fromReserve, fromSurplus, start } of data.pots) {
      const row = rows.edit(pots, Number(pot));
      row.value -= prize;
      if (prize > 0n) {
        row.hits += 1;
        countPaid(row, prize);
        row.wonAt = at.time;
      }
      if (start === undefined) continue;
      row.reserve += toReserve - fromReserve;
      row.surplus -= fromSurplus;
      begin(row, start, rows, at);
    }
  },
});

/** A round that may be over. */
export interface EndRoundRequest {
  readonly jackpot: Jackpot;
  /** The number of its row, and of its pool. */
  readonly round: number;
  /** The round that follows, where one does; null: none is prepared. */
  readonly next: NewRound | null;
  /** The time that the task was ordered for. */
  readonly at: number;
}

/**
 * Closes a round that is over, and begins the next one. Decides nothing if it is closed already, or goes on: then there
 * is another order. Throws StaleVersionError if another version is in force, or a round is to be prepared.
 */
export const endingRound: Command<EndRoundRequest, void> = {
  name: 'jackpot.end-round',
  needs,
  decide(request, snapshot) {
    const { jackpot, round: id, at } = request;
    const { state, tickets } = snapshot.row(ticketPool, id);
    if (state !== poolState.open) return [];
    const { endAt } = snapshot.row(round, id);
    const ended = statusName(snapshot.row(definition, jackpot.definitionId).status) === 'archived';
    if (!ended && (endAt === 0 || !isDue(endAt, at, snapshot.now))) return [];
    requireOneOf(jackpot, ['active', 'paused', 'archived'], 'JACKPOT_NOT_ACTIVE', snapshot);
    const endsAt = Number(jackpot.instance!.endsAt) * 1000;
    const last = ended || !jackpot.instance!.raffle!.recurring || (endsAt !== 0 && endAt >= endsAt);
    if (!last && tickets === 0) return [prolonged(request, endAt, snapshot)];
    if (!last && request.next === null) throw new StaleVersionError();
    const archive: TaskOrder[] = [{ task: END_INSTANCE, id: jackpot.definitionId, at: snapshot.now }];
    const closed = closedFact(request, last, snapshot);
    if (last) return [{ ...closed, tasks: [...closed.tasks!, ...(ended ? [] : archive)] }];
    return [closed, ...following(request, endAt, snapshot)];
  },
  answer: () => undefined,
};

function needs({ jackpot, round: id, next }: EndRoundRequest, rows: RowRequests): void {
  lookAt(jackpot, rows);
  rows.lock(heads, jackpot.id);
  for (const pot of jackpot.pots) rows.lock(pots, pot.id);
  rows.lock(ticketPool, id);
  rows.lock(round, id);
  rows.lock(account, jackpot.account);
  rows.lock(account, accountId('escrow', id, jackpot.asset));
  if (next !== null) roundNeeds(next.id, rows);
}

function closedFact(
  { jackpot, round: id }: EndRoundRequest,
  last: boolean,
  snapshot: Snapshot,
): Fact<JackpotRoundClosed> {
  const { asset, account: own } = jackpot;
  const { tickets } = snapshot.row(ticketPool, id);
  const rows = jackpot.pots.map((pot) => snapshot.row(pots, pot.id));
  const { taken, prizes } = prizesOf(
    jackpot.instance!.raffle!.winners,
    rows.map(({ value }) => value),
    tickets,
  );
  const ended = jackpot.pots.map((pot, i): JackpotRoundPot => {
    const row = rows[i]!;
    const of = { pot: BigInt(pot.id), prize: taken[i]! };
    if (last || of.prize === 0n)
      return { ...of, toReserve: 0n, fromReserve: 0n, fromSurplus: 0n, deficit: 0n, start: undefined };
    const toReserve = row.value - of.prize;
    const { value, ...paid } = restartOf(pot, row, row.reserve + toReserve);
    const start = startOf(pot, value, startsAfter(pot, row), jackpot.versionId, snapshot.now);
    return { ...of, ...paid, toReserve, start };
  });
  const data: JackpotRoundClosed = {
    prizes,
    round: BigInt(id),
    tickets: BigInt(tickets),
    asset: BigInt(asset),
    pots: tickets === 0 ? [] : ended,
    versionId: BigInt(jackpot.versionId),
  };
  const prize = taken.reduce((sum, amount) => sum + amount, 0n);
  const deficit = data.pots.reduce((sum, pot) => sum + pot.deficit, 0n);
  const transfers: Transfer[] = [];
  if (prize > 0n) transfers.push({ from: own, to: accountId('escrow', id, asset), amount: prize });
  if (deficit > 0n) transfers.push({ from: accountId('operator', 0, asset), to: own, amount: deficit });
  const tasks = tickets === 0 ? [] : [{ task: DRAW_ROUND, id, at: snapshot.now }];
  return { kind: roundClosed, id: jackpot.id, data, transfers, tasks };
}

function following({ jackpot, round: id, next }: EndRoundRequest, endAt: number, snapshot: Snapshot): Fact[] {
  const endsAt = roundEnd(jackpot.instance!, endAt, snapshot.now);
  const { number } = snapshot.row(round, id);
  return openRound(
    next!,
    { definitionId: jackpot.definitionId, jackpot: BigInt(jackpot.id) },
    { endsAt, number: number + 1 },
  );
}

function prolonged({ jackpot, round: id }: EndRoundRequest, endAt: number, snapshot: Snapshot): Fact {
  const endsAt = roundEnd(jackpot.instance!, endAt, snapshot.now);
  const tasks = endRoundOrder(jackpot.id, endsAt);
  return { kind: roundProlonged, id, data: { endsAt: BigInt(endsAt) }, transfers: [], tasks };
}
