import pg from 'pg';

/** Of a connection, and of a statement that has nothing to do. */
const LIMIT_MS = 400;

/**
 * Whether the database answers. It is asked on a connection of its own, which is given up where it hangs: a pool whose
 * connections all hang would say nothing of a database that is back.
 */
export class Pulse {
  readonly #databaseUrl: string;
  #client: pg.Client | undefined;
  #asked: Promise<boolean> | undefined;

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /** Asks, for up to 800 ms. Who asks meanwhile gets the same answer. */
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
    // The next question makes another one.
    client.on('error', () => this.#drop());
    await client.connect();
    return client;
  }

  #drop(): void {
    this.#client?.end().catch(() => undefined);
    this.#client = undefined;
  }
}
