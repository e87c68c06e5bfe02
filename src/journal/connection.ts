import type { Socket } from 'node:net';
import pg from 'pg';
import { closeWithOthers, fallSilent, settingsText, SILENCE_SETTINGS } from '../db/index.ts';

/** A statement that a connection prepares once and then runs by name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export const statement = (name: string, text: string): Statement => ({ name, text });

/** Rows of texts, null where SQL has null; `tag` is the command that the server reports as executed. */
export interface Result {
  readonly rows: readonly (readonly string[])[];
  readonly tag: string;
}

/**
 * A lane's own connection. Statements are pipelined: they are sent without awaiting earlier results, so a batch takes
 * two round trips whatever it contains. A promise need not be awaited if an earlier one was rejected.
 */
export interface Connection {
  run(statement: Statement, values?: readonly unknown[]): Promise<Result>;
  readonly lost: boolean;
  end(): Promise<void>;
}

// Without these an empty or freshly vacuumed table gets a plan that is 10 × slower once the table has grown.
const SETTINGS = [
  'plan_cache_mode=force_generic_plan',
  'jit=off',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'lock_timeout=3000',
  'timezone=UTC',
  ...SILENCE_SETTINGS,
];

// Others wait for the rows of a batch, wherever in a statement its client has fallen silent. PostgreSQL 15 and 16 have
// only the settings above.
const LIMIT_TRANSACTION =
  "select set_config('transaction_timeout', '4s', false) where current_setting('server_version_num')::int >= 170000";

/** Longer than a transaction may take. */
const ANSWER_MS = 6000;
/** How long a connection may take to say goodbye. */
const GOODBYE_MS = 1000;

const asText = { getTypeParser: () => (value: string) => value };

/** Opens a connection. Rejects if the database does not respond within 5 seconds. */
export async function connect(databaseUrl: string): Promise<Connection> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'windfall-lane',
    options: settingsText(SETTINGS),
    pipeline: true,
    connectionTimeoutMillis: 5000,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    types: asText,
  });
  let lost = false;
  const lose = (): void => {
    lost = true;
  };
  client.on('error', lose);
  client.on('end', lose);
  let heardAt = 0;
  closeWithOthers({ client, heardAt: () => heardAt });
  await client.connect();
  await client.query(LIMIT_TRANSACTION);
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  const gather = gathering(stream);
  const send = async ({ name, text }: Statement, values: readonly unknown[]): Promise<Result> => {
    const since = performance.now();
    try {
      const result = await client.query({ name, text, values: values as unknown[], rowMode: 'array' });
      heardAt = performance.now();
      return { rows: result.rows as string[][], tag: result.command };
    } catch (error) {
      if ((error as Error).message === 'Query read timeout') fallSilent(client, since);
      throw error instanceof pg.DatabaseError ? error : new ConnectionLost({ cause: error });
    }
  };
  return {
    run(statement, values = []) {
      gather();
      const answer = send(statement, values);
      answer.catch(() => undefined);
      return answer;
    },
    get lost() {
      return lost;
    },
    async end() {
      const timer = setTimeout(() => stream.destroy(), GOODBYE_MS);
      await client.end().catch(() => undefined);
      clearTimeout(timer);
    },
  };
}

/**
 * Sends all statements of one turn of the event loop in one write. Otherwise each is a write, and the twelve writes of
 * a batch took a tenth of the process's time.
 */
function gathering(stream: Socket): () => void {
  let gathered = false;
  const release = (): void => {
    gathered = false;
    stream.uncork();
  };
  return () => {
    if (gathered) return;
    gathered = true;
    stream.cork();
    process.nextTick(release);
  };
}

/** The database did not respond to a statement, or it cannot be connected to. */
export class ConnectionLost extends Error {
  constructor(options?: ErrorOptions) {
    super('the connection to the database is lost', options);
  }
}

/** What an error means for a batch. */
export type FailureKind = 'again' | 'busy' | 'lost' | 'slow' | 'fatal';

// 40001 serialization, 40P01 deadlock, 23505 a key that another batch has inserted first.
const AGAIN = new Set(['40001', '40P01', '23505']);
const LOCK_TIMEOUT = '55P03';
// Class 08 connection, 57P0x shutdown, 25006 a standby after a failover.
const LOST = /^(08|57P|25006)/;
// The client took too long, or all of the transaction.
const SLOW = new Set(['25P03', '25P04']);

/**
 * Classifies an error: a collision, a lock that another transaction has held for long, connection lost, too much work,
 * or fatal. All errors that are not from the database are fatal.
 */
export function troubleOf(error: unknown): FailureKind {
  if (error instanceof ConnectionLost) return 'lost';
  const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
  if (AGAIN.has(code)) return 'again';
  if (code === LOCK_TIMEOUT) return 'busy';
  if (SLOW.has(code)) return 'slow';
  return LOST.test(code) ? 'lost' : 'fatal';
}
