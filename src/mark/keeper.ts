import pg from 'pg';
import { EPOCH_LOCK } from '../journal/index.ts';
import { MarkError, readMark, writeMark } from './file.ts';
import { BEGIN_EPOCH, refusal } from './refusal.ts';
import { readState, type DatabaseState, type ReadState, type Run } from './state.ts';

/** How often the mark is written. */
const EACH_MS = 1000;

export interface KeeperHost {
  readonly databaseUrl: string;
  /** Null: the mark is only kept in memory. */
  readonly file: string | null;
  /** Whether a database that was never used may take the place of the one that the mark is of. */
  readonly forgiving: boolean;
  /** Tells that the mark could not be written; it is tried again each second. */
  fault(error: unknown): void;
  /** Ends the process: seeds may repeat. */
  fatal(error: MarkError): void;
}

/**
 * Keeps the mark of a server's database: each second what a later start must find in the database again, so that a
 * restored one is found out. While it is open, no new epoch begins.
 */
export class MarkKeeper {
  readonly #host: KeeperHost;
  #client: pg.Client | null;
  #mark: DatabaseState;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(host: KeeperHost, client: pg.Client, mark: DatabaseState) {
    this.#host = host;
    this.#client = client;
    this.#mark = mark;
    this.#wait();
  }

  /** Checks a database against its mark, before anything is written. Throws a MarkError of one line. */
  static async open(host: KeeperHost): Promise<MarkKeeper> {
    const client = await holding(host.databaseUrl);
    try {
      const state = await checked(runOn(client), host);
      if (host.file !== null) await written(host.file, state);
      return new MarkKeeper(host, client, state);
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  /** Checks the database that a new connection has found. Throws a MarkError, and ends the process. */
  async admit(run: Run): Promise<void> {
    this.#see(await readState(run, this.#mark.operation));
  }

  /** Writes the mark once more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#round;
    await this.#once().catch(() => undefined);
    await this.#client?.end().catch(() => undefined);
  }

  #wait(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#once()
        .catch(() => undefined)
        .finally(() => this.#wait());
    }, EACH_MS);
  }

  async #once(): Promise<void> {
    const { file, databaseUrl } = this.#host;
    try {
      this.#client ??= await holding(databaseUrl);
      this.#see(await readState(runOn(this.#client), this.#mark.operation));
    } catch (error) {
      const client = this.#client;
      this.#client = null;
      await client?.end().catch(() => undefined);
      throw error;
    }
    if (file !== null) await this.#write(file).catch((error: unknown) => this.#host.fault(error));
  }

  /** Takes a state for the new mark if it follows the last one. */
  #see(state: ReadState): void {
    const why =
      state.epoch === this.#mark.epoch ? refusal(this.#mark, state) : `epoch ${state.epoch} has begun meanwhile`;
    if (why === undefined) {
      if (state.transaction >= this.#mark.transaction) this.#mark = state;
      return;
    }
    const error = new MarkError(`the database may repeat seeds: ${why}`);
    this.#host.fatal(error);
    throw error;
  }

  /** Another server may have written a later mark. */
  async #write(file: string): Promise<void> {
    const { epoch, transaction, system, database } = this.#mark;
    const kept = await readMark(file).catch(() => null);
    if (kept !== null && (kept.system !== system || kept.database !== database)) {
      throw new Error(`${file} was written by a server of another database`);
    }
    if (kept !== null && (kept.epoch > epoch || (kept.epoch === epoch && kept.transaction > transaction))) return;
    await writeMark(file, this.#mark);
  }
}

/** The state of a database that its mark allows to be used; otherwise throws a MarkError. */
async function checked(run: Run, { file, forgiving }: Pick<KeeperHost, 'file' | 'forgiving'>): Promise<ReadState> {
  if (file === null) return readState(run, '');
  const mark = await readMark(file).catch((error: MarkError) => {
    throw new MarkError(`${error.message}; to begin a new epoch: ${BEGIN_EPOCH}`);
  });
  const state = await readState(run, mark?.operation ?? '');
  const why = forgiving && !state.used ? undefined : refusal(mark, state);
  if (why === undefined) return state;
  throw new MarkError(`the database may repeat seeds: ${why} (${file}); to begin a new epoch: ${BEGIN_EPOCH}`);
}

/** Checks a database against the mark of a file, and writes nothing. Throws a MarkError. */
export async function checkMark(databaseUrl: string, file: string, forgiving: boolean): Promise<void> {
  const client = await connected(databaseUrl);
  try {
    await checked(runOn(client), { file, forgiving });
  } finally {
    await client.end();
  }
}

async function written(file: string, state: DatabaseState): Promise<void> {
  await writeMark(file, state).catch((error: NodeJS.ErrnoException) => {
    throw new MarkError(`MARK_FILE is "${file}": it cannot be written (${error.code})`);
  });
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: 'windfall-mark',
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
    options: '-c timezone=UTC',
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A connection that keeps new epochs from beginning. */
async function holding(databaseUrl: string): Promise<pg.Client> {
  const client = await connected(databaseUrl);
  await client.query('select pg_advisory_lock_shared($1::int8)', [EPOCH_LOCK]).catch(async (error: unknown) => {
    await client.end();
    throw error;
  });
  return client;
}

/** Runs statements on a client, with texts as their values. */
export function runOn(client: pg.ClientBase): Run {
  const types = { getTypeParser: () => (value: string) => value } as never;
  return async (text, values) =>
    (await client.query({ text, values: [...values], types, rowMode: 'array' as const })).rows as string[][];
}
