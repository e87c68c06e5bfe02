import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { PoolOpened } from '../../gen/ts/windfall/facts/v1/tickets.ts';
import { column, stateKey, uniqueCode } from '../db/index.ts';
import { openStream, seedStream, streamId } from '../fairness/index.ts';
import { defineFact, stateTable, type Fact, type RowOf, type RowRequests } from '../journal/index.ts';

/** States of a pool; the numbers are stored. Tickets are sold only in the first one. */
export const poolState = { open: 0, closed: 1, completed: 2, cancelled: 3 } as const;
export type PoolState = keyof typeof poolState;
export const poolStateName = (state: number): PoolState =>
  (Object.keys(poolState) as PoolState[]).find((name) => poolState[name] === state)!;

/** A pool of tickets, which are numbered from 0. Sales and the draw lock it, so they are decided one by one. */
export const TicketPoolSchema = defineEntity({
  name: 'TicketPool',
  tableName: 'ticket_pool',
  properties: {
    ...stateKey,
    /** The head of the definition that it belongs to; 0: it was not opened yet. */
    definitionId: column.integer(),
    state: column.integer(),
    tickets: column.integer(),
    entries: column.integer(),
    /** The brand of all players who have tickets; 0: there are none, -1: they have several. */
    brand: column.integer(),
    /** H(entries), as `nextPoolHash` has it; empty: nothing is sold. */
    poolHash: column.text(),
    closedAt: column.time(),
    /** The beacon that the closing has named. */
    beaconChain: column.text(),
    beaconRound: column.integer(),
    /** The entropy that the caller of the draw has supplied, and where it is from. */
    entropy: column.text(),
    entropySource: column.text(),
    /** The operation of the draw or the cancellation, and its time. */
    endedBy: column.text(),
    endedAt: column.time(),
  },
});
export const ticketPool = stateTable(TicketPoolSchema, { number: 701, rank: 1 });
export type PoolRow = RowOf<InferEntity<typeof TicketPoolSchema>>;

/** A sale of consecutive tickets. Never changed: winners and refunds are read from it. */
export const TicketEntrySchema = defineEntity({
  name: 'TicketEntry',
  tableName: 'ticket_entry',
  properties: {
    ...stateKey,
    poolId: column.integer(),
    firstTicket: column.integer(),
    count: column.integer(),
    player: column.integer(),
    playerHash: column.text(),
    /** How many of the tickets units of `freeAsset` have paid. */
    free: column.integer(),
    freeAsset: column.integer(),
    /** What the others cost. */
    paid: column.micros(),
    paidAsset: column.integer(),
    soldAt: column.time(),
  },
  indexes: [
    { name: 'ticket_entry_number', properties: ['operatorId', 'poolId', 'firstTicket'] },
    { name: 'ticket_entry_player', properties: ['operatorId', 'poolId', 'player', 'firstTicket'] },
  ],
});
export const ticketEntry = stateTable(TicketEntrySchema, { number: 702, rank: 2 });
export type EntryRow = RowOf<InferEntity<typeof TicketEntrySchema>>;

/** The tickets of a player in a pool with a limit per player. */
export const TicketHolderSchema = defineEntity({
  name: 'TicketHolder',
  tableName: 'ticket_holder',
  properties: {
    ...stateKey,
    /** `<pool>/<player>`. */
    code: column.code(),
    tickets: column.integer(),
  },
  uniques: uniqueCode('ticket_holder'),
});
export const ticketHolder = stateTable(TicketHolderSchema, { number: 703, rank: 2 });

export const poolOpened = defineFact<PoolOpened>({
  name: 'tickets.pool-opened',
  number: 701,
  version: 1,
  aggregate: ticketPool,
  codec: PoolOpened,
  evolve(data, rows, at) {
    rows.edit(ticketPool, at.aggregate).definitionId = Number(data.definition);
    openStream(rows.edit(seedStream, streamId('raffle', at.aggregate)), data.streamName, data.keyId, at.time);
  },
});

/** Requests the rows of a pool that `openPool` opens. */
export function poolNeeds(pool: number, rows: RowRequests): void {
  rows.lock(ticketPool, pool);
  rows.lock(seedStream, streamId('raffle', pool));
}

/** The fact that opens a pool, and commits the seed of its draw. */
export function openPool(
  pool: number,
  definitionId: number,
  { streamName, keyId }: { readonly streamName: string; readonly keyId: string },
): Fact<PoolOpened> {
  return {
    kind: poolOpened,
    id: pool,
    data: { definition: BigInt(definitionId), streamName, keyId },
    transfers: [],
  };
}
