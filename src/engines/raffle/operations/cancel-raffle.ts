import { RaffleCancelled } from '../../../../gen/ts/windfall/facts/v1/raffle.ts';
import { RaffleServiceService } from '../../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { notActive } from '../../../catalogue/index.ts';
import { defineFact, type Command, type Operation } from '../../../journal/index.ts';
import { ONE } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { openSettlement, settlementNeeds } from '../../../settlements/index.ts';
import { entriesFrom, poolState, ticketPool, type EntryRow } from '../../../tickets/index.ts';
import { settlementTask } from '../../kit/index.ts';
import { ended } from '../close.ts';
import { raffles, type Raffle } from '../definition.ts';

/** How long a closed pool waits for its draw before it can be cancelled, in microseconds: 24 hours. */
const CLOSED_FOR = 86_400_000_000;

/** A raffle has ended without a draw. */
export const raffleCancelled = defineFact<RaffleCancelled>({
  name: 'raffle.cancelled',
  number: 1303,
  version: 1,
  aggregate: ticketPool,
  codec: RaffleCancelled,
  evolve(_, rows, at) {
    const pool = rows.edit(ticketPool, at.aggregate);
    pool.state = poolState.cancelled;
    pool.endedBy = at.operationId;
    pool.endedAt = at.time;
  },
});

/** What an entry gets back: its payee is at its first ticket + 1, because positions are above 0. */
const payeeOf = ({ firstTicket, player, free, freeAsset, paid, paidAsset }: EntryRow) => ({
  player,
  position: firstTicket + 1,
  amounts: [
    { asset: freeAsset, amount: BigInt(free) * ONE },
    { asset: paidAsset, amount: paid },
  ].filter(({ amount }) => amount > 0n),
});

/** Returns to the players of a cancelled raffle what they have paid. */
export const refundTask = settlementTask({
  name: 'raffle.refund',
  payees: async ({ reads }, operator, { id }, position, limit) =>
    (await entriesFrom(reads, operator, id, position, limit)).map(payeeOf),
});

/** Ends a raffle and opens its refunds. Throws RAFFLE_NOT_ACTIVE (never), RAFFLE_ENDED. */
const cancelling: Command<{ readonly raffle: Raffle }, Operation & { readonly deduped: boolean }> = {
  name: 'raffle.cancel',
  needs({ raffle: { pool } }, rows) {
    rows.lock(ticketPool, pool);
    settlementNeeds(pool, rows);
  },
  decide({ raffle }, snapshot) {
    const { pool, code, definitionId } = raffle;
    const { state, entries, closedAt, definitionId: opened } = snapshot.row(ticketPool, pool);
    if (opened === 0) throw notActive(raffles, code, 'draft');
    const stuck = state === poolState.closed && closedAt + CLOSED_FOR <= snapshot.now;
    if (state !== poolState.open && !stuck) throw ended(code, state);
    return [
      { kind: raffleCancelled, id: pool, data: { entries: BigInt(entries) }, transfers: [] },
      openSettlement({ id: pool, definitionId, payees: entries, transfers: [], task: refundTask.name }, snapshot),
    ];
  },
  answer: (operation, deduped) => ({ ...operation, deduped }),
};

/** Cancels a raffle; whoever calls again gets the first answer, with the refunds as they are. */
export const cancelRaffle = write({
  method: RaffleServiceService.cancelRaffle,
  command: () => cancelling,
  definition: raffles,
  prepare: (_, { definition: raffle }) => ({ route: raffle.pool, once: raffle.pool, brand: 0, request: { raffle } }),
  async respond({ id, time, facts, deduped }, { platform, caller }) {
    const { payees, paid, withheld, finishedAt } = await refundTask.begin(platform, caller.operator, facts[0]!.id);
    return {
      withheld,
      deduped,
      cancelId: id,
      entries: payees,
      refunded: paid,
      finished: finishedAt !== 0,
      cancelTime: new Date(time / 1000),
    };
  },
});
