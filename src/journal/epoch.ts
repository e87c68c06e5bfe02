import { defineEntity, p } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { column, DatabaseError } from '../db/index.ts';
import { statement, type Connection } from './connection.ts';
import { sealedTable, sealing, sealRow } from './row-seal.ts';

/**
 * The epochs of this database. The one with the highest number is in force; its number is part of the name of each
 * stream of seeds. A restored backup begins a new one, so that no seed of the old one is used again.
 */
export const epochEntity = defineEntity({
  name: 'epoch',
  tableName: 'epoch',
  properties: {
    number: p.bigint('number').primary().autoincrement(false),
    startedAt: column.time().name('started_at'),
    /**
     * What is added to the database's transaction numbers, so that those in the journal go on rising where a backup is
     * restored in another cluster, which counts from the beginning.
     */
    txBase: column.integer().name('tx_base'),
  },
});

export const sealedEpoch = sealedTable(epochEntity);

/** An epoch of a database. */
export interface Epoch {
  /** From 1; a later epoch has a higher number. */
  readonly number: number;
  /** Microseconds since 1970. */
  readonly startedAt: number;
}

/** The epoch that a lane's connection writes in. */
export interface HeldEpoch extends Epoch {
  readonly txBase: number;
}

/** An arbitrary number, which no other program on the database may use for a lock. */
export const EPOCH_LOCK = 7_263_548_105;

const IN_FORCE = 'from epoch e order by e.number desc limit 1';
const MICROS = '(extract(epoch from e.started_at) * 1000000)::int8';
const hold = statement('hold_epoch', 'select pg_advisory_lock_shared($1::int8)');
/** The epoch in force: number, start in microseconds since 1970, base of transaction numbers. */
export const EPOCH_SQL = `select e.number, ${MICROS} as started, e.tx_base ${IN_FORCE}`;
const read = statement('read_epoch', EPOCH_SQL);

/**
 * The epoch in force. It stays in force as long as the connection lives: a new one cannot begin before every connection
 * that holds one is closed. So batches need not look.
 */
export async function holdEpoch(connection: Connection): Promise<HeldEpoch> {
  const [, { rows }] = await Promise.all([connection.run(hold, [EPOCH_LOCK]), connection.run(read)]);
  const [number, startedAt, txBase] = rows[0]!.map(Number) as [number, number, number];
  return { number, startedAt, txBase };
}

/** The epoch in force. */
export async function readEpoch(em: EntityManager): Promise<Epoch> {
  const [row] = await em.execute<{ number: string; started: string }[]>(EPOCH_SQL);
  return { number: Number(row!.number), startedAt: Number(row!.started) };
}

/**
 * Begins a new epoch, of which all seeds are from now on. Throws a DatabaseError if a lane is connected. Its number is
 * the time in milliseconds since 1970, or one more than `known`, the highest number that is known from elsewhere, or
 * than that of the last one: two databases that were restored from one backup, and know nothing of each other, have no
 * number in common.
 */
export async function beginEpoch(client: pg.ClientBase, known = 0): Promise<Epoch> {
  await client.query('begin');
  try {
    const { rows } = await client.query('select pg_try_advisory_xact_lock($1::int8) as free', [EPOCH_LOCK]);
    if (rows[0].free !== true) throw new DatabaseError('a server is connected to the database: stop all of them first');
    const epoch = await beginEpochIn(client, known);
    await client.query('commit');
    return epoch;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** The same in a transaction of the caller, who holds `EPOCH_LOCK`. */
export async function beginEpochIn(client: pg.ClientBase, known: number): Promise<Epoch> {
  const { rows } = await client.query<{ number: string; started: string }>(BEGIN, [known]);
  const [{ number, started }] = rows as [{ number: string; started: string }];
  // A backup that is restored may be from before seals.
  if ((await client.query(SEALS)).rows[0].found === true)
    await sealRow(
      sealing((text, values) => client.query(text, values)),
      sealedEpoch,
      0,
      number,
    );
  return { number: Number(number), startedAt: Number(started) };
}

/** The journal's last entry, by the index of each operator: transaction, operator, operation. */
export const LAST_ENTRY_SQL =
  'select j.tx, o.operator_id, j.operation_id from operator o cross join lateral ' +
  '(select j.tx, j.operation_id from journal j where j.operator_id = o.operator_id ' +
  'order by j.tx desc, j.operation_id desc limit 1) j order by j.tx desc limit 1';
const SEALS = "select to_regclass('public.row_seal') is not null as found";
const BEGIN =
  'insert into epoch (number, started_at, tx_base) select greatest(max(e.number) + 1, $1::int8 + 1, ' +
  '(extract(epoch from clock_timestamp()) * 1000)::int8), clock_timestamp(), ' +
  `greatest(coalesce((select l.tx::text::int8 from (${LAST_ENTRY_SQL}) l), 0) ` +
  '- pg_current_xact_id()::text::int8, 0) from epoch e ' +
  'returning number, (extract(epoch from started_at) * 1000000)::int8 as started';

/** The journal's number of a transaction, as xid8. @param xid SQL for the database's number. */
export const journalTx = (xid: string): string => `(${xid}::text::int8 + (select e.tx_base ${IN_FORCE}))::text::xid8`;
