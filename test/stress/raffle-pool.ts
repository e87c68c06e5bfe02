import pg from 'pg';
import { EMPTY_POOL_HASH, nextPoolHash } from '../../src/fairness/index.ts';

/** A pool to be filled by SQL: with the rows that as many sales would have left, but for their journal. */
export interface Filling {
  readonly databaseUrl: string;
  /** The operator's ids of the raffles, which all get the same entries. */
  readonly raffles: readonly string[];
  readonly players: number;
  readonly entriesEach: number;
  readonly ticketsEach: number;
}

/** The first number of the players; far above those that a server has given out. */
const PLAYERS_FROM = 100_000_000;
const ENTRIES_FROM = 1_000_000_000;
const AT_ONCE = 200_000;

const hashOf = (player: number): string => player.toString(16).padStart(32, '0');

/** Fills the pools of raffles: each player has several entries, in turns. Returns the tickets of a pool. */
export async function fillPools({
  databaseUrl,
  raffles,
  players,
  entriesEach,
  ticketsEach,
}: Filling): Promise<{ readonly tickets: number; readonly poolHash: string }> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const entries = players * entriesEach;
  try {
    await client.query(
      `insert into player (operator_id, id, code, brand_id, user_id, public_hash)
       select 1, $1 + n, '1001/many-' || n, 1001, 'many-' || n, lpad(to_hex($1 + n), 32, '0')
       from generate_series(0, $2::int8 - 1) n`,
      [PLAYERS_FROM, players],
    );
    let poolHash = EMPTY_POOL_HASH;
    for (let i = 0; i < entries; i++) {
      const entry = {
        firstTicket: i * ticketsEach,
        count: ticketsEach,
        playerHash: hashOf(PLAYERS_FROM + (i % players)),
      };
      poolHash = nextPoolHash(poolHash, entry);
    }
    for (const [nth, raffle] of raffles.entries()) {
      const pool = `(select p.id from ticket_pool p join definition d on d.id = p.definition_id
                     where d.code = 'raffle/' || $1)`;
      for (let from = 0; from < entries; from += AT_ONCE) {
        await client.query(
          `insert into ticket_entry (operator_id, id, sequence, pool_id, first_ticket, count, player, player_hash)
           select 1, $2::int8 + n, 0, ${pool}, n * $3::int8, $3, $4 + n % $5,
             lpad(to_hex($4::int8 + n % $5::int8), 32, '0')
           from generate_series($6::int8, $7::int8) n`,
          [
            raffle,
            ENTRIES_FROM + nth * entries,
            ticketsEach,
            PLAYERS_FROM,
            players,
            from,
            Math.min(entries, from + AT_ONCE) - 1,
          ],
        );
      }
      await client.query(
        `update ticket_pool set tickets = $2, entries = $3, pool_hash = $4, brand = 1001 where id = ${pool}`,
        [raffle, entries * ticketsEach, entries, poolHash],
      );
    }
    await client.query('analyze ticket_entry');
    return { tickets: entries * ticketsEach, poolHash };
  } finally {
    await client.end();
  }
}
