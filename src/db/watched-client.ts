import type { Socket } from 'node:net';
import pg from 'pg';

/**
 * With these PostgreSQL ends a connection that a network has silently cut, and undoes its transaction: after 4 s. The
 * first is for a client that owes the next statement, the others for a machine that does not acknowledge.
 */
export const SILENCE_SETTINGS = [
  'idle_in_transaction_session_timeout=4000',
  'tcp_user_timeout=4000',
  'tcp_keepalives_idle=2',
  'tcp_keepalives_interval=1',
  'tcp_keepalives_count=2',
] as const;

/** The text of settings for `options` of a connection. */
export const settingsText = (settings: readonly string[]): string =>
  settings.map((setting) => `-c ${setting}`).join(' ');

/** How long a connection may take to say goodbye. */
const GOODBYE_MS = 1000;

export interface WatchedConfig extends pg.ClientConfig {
  /** How long an answer may take: longer than any statement, and any wait for locks. */
  readonly answerMs: number;
}

/**
 * With its connection a transaction is gone, too. Kysely 0.29 gives a connection back to its pool only after a rollback
 * that succeeds: each of these would be missing from the pool for ever.
 */
function undone(error: unknown): { readonly command: string; readonly rows: readonly never[] } {
  if (error instanceof pg.DatabaseError) throw error;
  return { command: 'ROLLBACK', rows: [] };
}

/** A connection of this process, and when it last answered. */
interface Connected {
  readonly client: pg.Client;
  heardAt(): number;
}
/** With the time at which each was made. */
const connected = new Map<Connected, number>();

/** Lets a connection be closed with others that fall silent. */
export function closeWithOthers(one: Connected): void {
  one.client.once('connect', () => connected.set(one, performance.now()));
  one.client.once('end', () => connected.delete(one));
}

/**
 * Closes a connection that owes an answer since a time, and all others to the same server that were not heard of since
 * then, so that not each of them costs somebody the same time.
 */
export function fallSilent({ host, port }: pg.Client, since: number): void {
  for (const [{ client, heardAt }, at] of connected)
    if (client.host === host && client.port === port && Math.max(at, heardAt()) < since) destroy(client);
}

const destroy = (client: pg.Client): void => {
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream.destroy();
};

/**
 * A client that closes its connection if an answer takes too long: a network that drops packets would otherwise block
 * it for a quarter of an hour. What was asked fails as it does when a connection is lost.
 */
export class WatchedClient extends pg.Client {
  readonly #answerMs: number;
  #heardAt = 0;

  constructor(config: WatchedConfig) {
    super(config);
    this.#answerMs = config.answerMs;
    closeWithOthers({ client: this, heardAt: () => this.#heardAt });
  }

  override query(...given: any[]): any {
    const since = performance.now();
    const timer = setTimeout(() => {
      fallSilent(this, since);
      destroy(this);
    }, this.#answerMs);
    const answered = (): void => {
      clearTimeout(timer);
      this.#heardAt = performance.now();
    };
    const callback: unknown = given.at(-1);
    if (typeof callback === 'function') {
      given[given.length - 1] = (...outcome: unknown[]): void => {
        answered();
        (callback as (...outcome: unknown[]) => void)(...outcome);
      };
    }
    const answer: unknown = super.query(...(given as [string]));
    if (!(answer instanceof Promise)) return answer;
    answer.then(answered, answered);
    return given[0] === 'rollback' ? answer.catch(undone) : answer;
  }

  override end(...given: any[]): any {
    const timer = setTimeout(() => destroy(this), GOODBYE_MS).unref();
    this.once('end', () => clearTimeout(timer));
    return super.end(...(given as []));
  }
}

/** For a pool: its clients are watched. An answer takes longer than `statement_timeout` of reads only if it is lost. */
export const WATCHED_POOL = { Client: WatchedClient as never, answerMs: 9000, keepAlive: true } as const;
