import pg from 'pg';

/** A statement that a connection prepares once and then runs by name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export const statement = (name: string, text: string): Statement => ({ name, text });

/** Rows of texts, null where SQL has null; `tag` is the command that the server says it did. */
export interface Result {
  readonly rows: readonly (readonly string[])[];
  readonly tag: string;
}

/**
 * A lane's own connection. Statements are sent at once, without awaiting the answers before them, so a batch takes two
 * round trips whatever it holds. Put every promise of a round trip into one Promise.all, or the first error leaves the
 * others unhandled.
 */
export interface Connection {
  run(statement: Statement, values?: readonly unknown[]): Promise<Result>;
  readonly lost: boolean;
  end(): Promise<void>;
}

// Without these an empty or freshly vacuumed table gets a plan that is 10 × slower once the table has grown. A server
// process that hangs must not hold its locks for ever.
const SETTINGS = [
  'plan_cache_mode=force_generic_plan', 'jit=off', 'enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off',
  'idle_in_transaction_session_timeout=30000', 'lock_timeout=20000', 'timezone=UTC',
].map((setting) => `-c ${setting}`).join(' ');

const asText = { getTypeParser: () => (value: string) => value };

/** Opens a connection. Rejects when the database does not answer within 5 seconds. */
export async function connect(databaseUrl: string): Promise<Connection> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'windfall-lane',
    options: SETTINGS,
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: 5000,
    types: asText as never,
  });
  let lost = false;
  const lose = (): void => { lost = true; };
  client.on('error', lose);
  client.on('end', lose);
  await client.connect();
  return {
    async run({ name, text }, values = []) {
      const result = await client.query({ name, text, values: values as unknown[], rowMode: 'array' });
      return { rows: result.rows as string[][], tag: result.command };
    },
    get lost() { return lost; },
    end: () => client.end().catch(() => undefined),
  };
}

/** What an error of the database means for a batch. */
export type Trouble = 'again' | 'lost' | 'fatal';

// 40001 serialization, 40P01 deadlock, 55P03 lock not to be had in time, 23505 a key that another batch was faster with.
const AGAIN = new Set(['40001', '40P01', '55P03', '23505']);

/** Sorts an error: run again, connection lost (class 08, 57P0x, 25P03, or no SQLSTATE at all), or fatal. */
export function troubleOf(error: unknown): Trouble {
  const code = (error as { code?: unknown }).code;
  if (error instanceof pg.DatabaseError && typeof code === 'string') {
    if (AGAIN.has(code)) return 'again';
    return /^(08|57P|25P03)/.test(code) ? 'lost' : 'fatal';
  }
  const networkError = typeof code === 'string' && /^E[A-Z]+$/.test(code);
  return networkError || /connection|terminated|timeout/i.test(String((error as Error).message)) ? 'lost' : 'fatal';
}
