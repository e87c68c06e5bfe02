import type { Socket } from 'node:net';
import pg from 'pg';

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

// Without these an empty or freshly vacuumed table gets a plan that is 10 × slower once the table has grown. A server
// process that hangs must not hold its locks forever.
const SETTINGS = [
  'plan_cache_mode=force_generic_plan',
  'jit=off',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'idle_in_transaction_session_timeout=30000',
  'lock_timeout=20000',
  'timezone=UTC',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

// Longer than any wait for locks: only a network that drops packets is that slow, and it would block a lane for a
// quarter of an hour.
const SILENCE_MS = 60_000;

const asText = { getTypeParser: () => (value: string) => value };

/** Opens a connection. Rejects if the database does not respond within 5 seconds. */
export async function connect(databaseUrl: string): Promise<Connection> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'windfall-lane',
    options: SETTINGS,
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: 5000,
    query_timeout: SILENCE_MS,
    types: asText,
  });
  let lost = false;
  const lose = (): void => {
    lost = true;
  };
  client.on('error', lose);
  client.on('end', lose);
  await client.connect();
  const gather = gathering(client);
  const send = async ({ name, text }: Statement, values: readonly unknown[]): Promise<Result> => {
    try {
      const result = await client.query({ name, text, values: values as unknown[], rowMode: 'array' });
      return { rows: result.rows as string[][], tag: result.command };
    } catch (error) {
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
    end: () => client.end().catch(() => undefined),
  };
}

/**
 * Sends all statements of one turn of the event loop in one write. Otherwise each is a write, and the twelve writes of
 * a batch took a tenth of the process's time.
 */
function gathering(client: pg.Client): () => void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
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
export type FailureKind = 'again' | 'lost' | 'fatal';

// 40001 serialization, 40P01 deadlock, 55P03 lock timeout, 23505 a key that another batch has inserted first.
const AGAIN = new Set(['40001', '40P01', '55P03', '23505']);
// Class 08 connection, 57P0x shutdown, 25P03 and 25P04 a transaction that took too long, 25006 a standby after a
// failover.
const LOST = /^(08|57P|25P03|25P04|25006)/;

/** Classifies an error: retry, connection lost, or fatal. All errors that are not from the database are fatal. */
export function troubleOf(error: unknown): FailureKind {
  if (error instanceof ConnectionLost) return 'lost';
  const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
  if (AGAIN.has(code)) return 'again';
  return LOST.test(code) ? 'lost' : 'fatal';
}
