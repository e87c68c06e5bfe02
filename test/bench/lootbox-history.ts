import pg from 'pg';
import { streamId } from '../../src/fairness/index.ts';
import { accountId, accountsOf } from '../../src/journal/index.ts';
import { lootboxOpened } from '../../src/engines/lootbox/operations/open-lootbox.ts';

/**
 * How far the numbers of accounts and streams lie apart: those of two owners, of two assets, and the operator's own.
 */
const [OWNER] = accountsOf(1);
const ASSET = accountId('player', 0, 1);
const OPERATOR = accountId('operator', 0, 0);
const STREAMS = streamId('player', 1);

/** The steps of the filling: one journal row, one key and two statement lines an open. */
const steps = (opens: number): readonly string[] => [
  `create temp table past_player as
   select row_number() over (order by a.id) - 1 as n, a.id as account_id, a.id / ${OWNER} * ${STREAMS} as stream_id,
     a.lines, a.balance, s.sequence
   from account a join seed_stream s on s.operator_id = a.operator_id and s.id = a.id / ${OWNER} * ${STREAMS}
   where a.operator_id = 1 and a.id % ${ASSET} = 0`,
  'analyze past_player',
  // Players by turns, each turn in the same scattered order (7919 is prime), over the last day.
  `create temp table past as
   select i, i / (select count(*) from past_player) as turn,
     uuidv7((i - ${opens}) * interval '86 ms') as operation_id, p.*
   from generate_series(0::int8, ${opens} - 1) i
   join past_player p on p.n = (i * 7919) % (select count(*) from past_player) order by i`,
  'analyze past',
  // One real open lends its caller and its fact; price and prize cancel out.
  `insert into journal (operator_id, operation_id, part, kind, version, aggregate_id, aggregate_sequence,
     tx, time, caller, request_hash, transfers, fact)
   select 1, past.operation_id, 0, real.kind, real.version, past.stream_id, past.sequence + past.turn + 1,
     pg_current_xact_id(), uuid_extract_timestamp(past.operation_id), real.caller,
     uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
     array[past.account_id, past.account_id % ${OWNER} + ${OPERATOR}, 100000000,
       past.account_id % ${OWNER} + ${OPERATOR}, past.account_id, 100000000], real.fact
   from past, (select * from journal where kind = ${lootboxOpened.number} limit 1) real order by past.i`,
  // In the order of time, as the hashes of UUIDv7 keys are.
  `insert into journal_key select 1, uuidv7((past.i - ${opens}) * interval '86 ms'), past.operation_id
   from past order by past.i`,
  `insert into statement_line (operator_id, account_id, sequence, operation_id, amount, balance)
   select 1, past.account_id, past.lines + 2 * past.turn + side, past.operation_id,
     (2 * side - 3) * 100000000, past.balance + (side - 2) * 100000000
   from past cross join generate_series(1, 2) side order by past.i, side`,
  `update account a set lines = a.lines + 2 * t.turns
   from (select account_id, count(*) as turns from past group by 1) t
   where a.operator_id = 1 and a.id = t.account_id`,
  `update seed_stream s set sequence = s.sequence + t.turns, position = s.position + t.turns
   from (select stream_id, count(*) as turns from past group by 1) t
   where s.operator_id = 1 and s.id = t.stream_id`,
  // The followers have read it all.
  `update follower f set (tx, operation_id, part) = (select j.tx, j.operation_id, j.part from journal j
     where j.operator_id = 1 order by j.tx desc, j.operation_id desc, j.part desc limit 1)`,
];

/**
 * Gives a database so many earlier opens: rows as the service writes them, with operations in the order of
 * time.
 */
export async function fillHistory(databaseUrl: string, opens: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // Autovacuum has not been here yet, and plans for tables that look empty take minutes.
    await client.query('analyze');
    await client.query('begin');
    for (const step of steps(opens)) await client.query(step);
    await client.query('commit');
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}
