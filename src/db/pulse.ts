import pg from 'pg';

/** The time limit of connecting, and of a trivial statement. */
const LIMIT_MS = 400;

/**
 * Checks whether the database responds. It uses its own connection, which is dropped if it hangs: a pool whose
 * connections all hang could not show that the database is back.
 */
export class Pulse {
  readonly #databaseUrl: string;
  #client: pg.Client | undefined;
  #asked: Promise<boolean> | undefined;

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /** Whether the database responds within 800 ms. Concurrent callers share one check. */
  beats(): Promise<boolean> {
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  close(): void {
    this.#drop();
  }

  async #ask(): Promise<boolean> {
    try {
      this.#client ??= await this.#connect();
      await this.#client.query('select 1');
      return true;
    } catch {
      this.#drop();
      return false;
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#databaseUrl,
      application_name: 'windfall health',
      connectionTimeoutMillis: LIMIT_MS,
      query_timeout: LIMIT_MS,
    });
    // The next check connects again.
    client.on('error', () => this.#drop());
    await client.connect();
    return client;
  }

  #drop(): void {
    this.#client?.end().catch(() => undefined);
    this.#client = undefined;
  }
}
