import { defineEntity, p } from '@mikro-orm/core';
import { AccountSchema } from './account.ts';
import { epochEntity } from './epoch.ts';
import { receiptEntity } from './receipt.ts';
import { rowSealEntity } from './row-seal.ts';

/** Every fact, permanently: at once idempotency record, audit log, ledger and source for replays. */
export const journalEntity = defineEntity({
  name: 'journal',
  tableName: 'journal',
  properties: {
    operatorId: p.bigint('number').name('operator_id').primary(),
    operationId: p.uuid().name('operation_id').primary(),
    part: p.smallint().primary(),
    kind: p.smallint(),
    version: p.smallint(),
    aggregateId: p.bigint('number').name('aggregate_id'),
    aggregateSequence: p.bigint('number').name('aggregate_sequence'),
    tx: p.string().columnType('xid8'),
    time: p.datetime(6),
    caller: p.text(),
    requestHash: p.blob().name('request_hash'),
    transfers: p.array().columnType('int8[]'),
    fact: p.blob(),
    /** Of the last row that was written at once: see save.ts. Empty: the other ones, and those from before seals. */
    seal: p.blob().defaultRaw("'\\x'"),
  },
  indexes: [
    // Followers read the journal ordered by (tx, operation_id, part): new entries go to the end of this index.
    { name: 'journal_tx', properties: ['operatorId', 'tx', 'operationId', 'part'] },
    // The facts of one aggregate: a player's draws.
    { name: 'journal_aggregate', properties: ['operatorId', 'aggregateId', 'aggregateSequence'] },
  ],
});

/** Idempotency keys. Separate from the journal, so that the journal can be partitioned by time. */
export const journalKeyEntity = defineEntity({
  name: 'journal_key',
  tableName: 'journal_key',
  properties: {
    operatorId: p.bigint('number').name('operator_id').primary(),
    key: p.uuid().primary(),
    operationId: p.uuid().name('operation_id'),
  },
});

/** The postings to players' accounts, for account statements. */
export const statementLineEntity = defineEntity({
  name: 'statement_line',
  tableName: 'statement_line',
  properties: {
    operatorId: p.bigint('number').name('operator_id').primary(),
    accountId: p.bigint('number').name('account_id').primary(),
    sequence: p.bigint('number').primary(),
    operationId: p.uuid().name('operation_id'),
    amount: p.bigint(),
    balance: p.bigint(),
  },
});

/**
 * The rolled-up balances of the operator's own accounts. All that moves passes through them, so they are as large as it
 * comes to: an int8 held 9.2 × 10¹² units, about a thousand of the largest transfers.
 */
export const operatorAccountEntity = defineEntity({
  name: 'operator_account',
  tableName: 'operator_account',
  properties: {
    operatorId: p.bigint('number').name('operator_id').primary(),
    id: p.bigint('number').primary(),
    balance: p.string().columnType('numeric'),
  },
});

/** How far a follower has read an operator's journal. */
export const followerEntity = defineEntity({
  name: 'follower',
  tableName: 'follower',
  properties: {
    operatorId: p.bigint('number').name('operator_id').primary(),
    name: p.text().primary(),
    tx: p.string().columnType('xid8'),
    operationId: p.uuid().name('operation_id'),
    part: p.smallint(),
  },
});

/** The day of each player's last activity. It follows from no fact: an event that changes nothing is activity, too. */
export const playerActivityEntity = defineEntity({
  name: 'player_activity',
  tableName: 'player_activity',
  properties: {
    operatorId: p.bigint('number').name('operator_id').primary(),
    playerId: p.bigint('number').name('player_id').primary(),
    /** Days since 1970, of UTC. */
    day: p.integer(),
  },
  indexes: [{ name: 'player_activity_day', properties: ['operatorId', 'day', 'playerId'] }],
});

/** Has no rows: its sequence generates the numbers of the rows of all state tables. */
export const rowNumberEntity = defineEntity({
  name: 'row_number',
  tableName: 'row_number',
  properties: { id: p.bigint('number').primary().autoincrement() },
});

export const journalEntities = [
  rowNumberEntity,
  journalEntity,
  journalKeyEntity,
  statementLineEntity,
  followerEntity,
  playerActivityEntity,
  epochEntity,
  receiptEntity,
  rowSealEntity,
  AccountSchema,
  operatorAccountEntity,
];
