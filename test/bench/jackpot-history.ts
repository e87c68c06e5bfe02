import pg from 'pg';
import { jackpotContributed } from '../../src/engines/jackpot/contributed.ts';

const STEP = 1_000_000;

/**
 * Gives a database so many earlier contributions to one jackpot: rows as the service writes them, one real contribution
 * lending its fact. The jackpot's own rows stay as they are: what is measured is what a long journal costs.
 */
export async function fillContributions(databaseUrl: string, count: number): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    for (let from = 0; from < count; from += STEP) {
      // 864 µs apart: ten million are a little more than two hours, and a day's worth at a hundred a second is as many.
      await client.query(
        `insert into journal (operator_id, operation_id, part, kind, version, aggregate_id, aggregate_sequence,
          tx, time, caller, request_hash, transfers, fact)
        select 1, uuidv7((i - $1) * interval '864 us'), 0, real.kind, real.version, real.aggregate_id, -i,
          pg_current_xact_id(), real.time, real.caller, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
          real.transfers, real.fact
        from generate_series($2::int8, $3::int8) i,
          (select * from journal where kind = ${jackpotContributed.number} limit 1) real`,
        [count, from + 1, Math.min(count, from + STEP)],
      );
    }
    // The followers have read it all.
    await client.query(`update follower f set (tx, operation_id, part) = (
      select j.tx, j.operation_id, j.part from journal j
      where j.operator_id = 1 order by j.tx desc, j.operation_id desc, j.part desc limit 1)`);
  });
}

/** Gives each of the filled contributions a key: in the order of time, or in none. */
export async function fillKeys(databaseUrl: string, count: number, random: boolean): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const key = random ? 'gen_random_uuid()' : 'operation_id';
    await client.query(
      `insert into journal_key (operator_id, key, operation_id)
      select 1, ${key}, operation_id from journal where operator_id = 1 and aggregate_sequence < 0 limit $1`,
      [count],
    );
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  });
}

async function withClient(connectionString: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
