import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { SettlementOpened, SettlementPaid } from '../../gen/ts/windfall/facts/v1/settlement.ts';
import { column, stateKey } from '../db/index.ts';
import {
  defineFact,
  stateTable,
  type Fact,
  type RowOf,
  type RowRequests,
  type Snapshot,
  type Transfer,
} from '../journal/index.ts';

/**
 * Payments to many payees: a page per command. It has the number of what owes them, such as a round, whose escrow
 * accounts hold the money until it is paid.
 */
export const SettlementSchema = defineEntity({
  name: 'Settlement',
  tableName: 'settlement',
  properties: {
    ...stateKey,
    /** The head of the definition that owes it. */
    definitionId: column.integer(),
    /** How many payees there are, and how many were paid. */
    payees: column.integer(),
    paid: column.integer(),
    /** How many payments remain in escrow, because the receivers' balances could not hold them. */
    withheld: column.integer(),
    /** The position of the payee who was paid last. */
    position: column.integer(),
    openedAt: column.time(),
    /** The epoch: there are payees to pay. */
    finishedAt: column.time(),
  },
});
export const settlement = stateTable(SettlementSchema, { number: 301, rank: 2 });
export type SettlementRow = RowOf<InferEntity<typeof SettlementSchema>>;

export const settlementOpened = defineFact<SettlementOpened>({
  name: 'settlement.opened',
  number: 302,
  version: 1,
  aggregate: settlement,
  codec: SettlementOpened,
  evolve(data, rows, at) {
    const row = rows.edit(settlement, at.aggregate);
    row.definitionId = Number(data.definition);
    row.payees = Number(data.payees);
    row.openedAt = at.time;
    if (data.payees === 0n) row.finishedAt = at.time;
  },
});

export const settlementPaid = defineFact<SettlementPaid>({
  name: 'settlement.paid',
  number: 303,
  version: 1,
  aggregate: settlement,
  codec: SettlementPaid,
  players: ({ withheld }) => withheld.map(({ player }) => Number(player)),
  evolve(data, rows, at) {
    const row = rows.edit(settlement, at.aggregate);
    row.position = Number(data.position);
    row.paid += Number(data.payees);
    row.withheld += data.withheld.length;
    if (data.finished) row.finishedAt = at.time;
  },
});

/** What a settlement opens with. */
export interface NewSettlement {
  /** The number of what owes it. Nothing is ever settled twice under one number. */
  readonly id: number;
  /** The number of the definition's head. */
  readonly definitionId: number;
  readonly payees: number;
  /** What is moved to the escrow accounts of `id`, or out of them. */
  readonly transfers: readonly Transfer[];
  /** The name of the task that pays: see `settlementTask`. */
  readonly task: string;
}

/** Requests the row of a settlement that `openSettlement` opens; the accounts of its transfers are the caller's. */
export const settlementNeeds = (id: number, rows: RowRequests): void => rows.lock(settlement, id);

/**
 * The fact that opens a settlement, for the operation that freezes what is owed: from then on, what the payees are
 * read from must not change. It orders the task that pays.
 */
export function openSettlement(
  { id, definitionId, payees, transfers, task }: NewSettlement,
  { now }: Snapshot,
): Fact<SettlementOpened> {
  return {
    kind: settlementOpened,
    id,
    data: { definition: BigInt(definitionId), payees: BigInt(payees) },
    transfers,
    tasks: payees === 0 ? [] : [{ task, id, at: now }],
  };
}
