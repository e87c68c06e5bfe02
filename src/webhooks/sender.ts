import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { settingsText, SILENCE_SETTINGS, WATCHED_POOL } from '../db/index.ts';
import { chain } from '../kernel/index.ts';
import type { Directory } from '../tenants/index.ts';
import type { Answer, Poster } from './post.ts';
import { claim, purge, readyWebhooks, settle, type Claimed, type ReadyWebhook } from './queue.ts';
import { outcomeOf } from './retry.ts';
import { newSecret, revealSecret, signedHeaders, type WebhookKeys } from './secrets.ts';

/** How many tries of one webhook, and in all, run at once in a process. */
const PER_WEBHOOK = 8;
const PER_CALLBACK = 32;
const AT_ONCE = 512;
/** How often due deliveries are looked for if nothing tells that there are some. */
const POLL_MS = 250;
const RESTART_MS = 1000;
/** Longer than a try takes. */
const LEASE_MS = 20_000;
const PURGE_MS = 60_000;
const CONNECTIONS = 4;

interface SenderHost {
  readonly databaseUrl: string;
  readonly tenants: Directory;
  readonly keys: WebhookKeys;
  readonly poster: Poster;
  fault(error: unknown, name: string): void;
}

/**
 * Sends what is recorded, until it is stopped. Each webhook has its own share of tries at once, so a receiver that does
 * not answer holds up no other one; and none holds up what records deliveries.
 */
export class Sender {
  readonly #host: SenderHost;
  readonly #pool: pg.Pool;
  readonly #stop = new AbortController();
  /** Signs callbacks of an operator that has no callback secret: they come all the same. Nobody is shown it. */
  readonly #unshown: string;
  readonly #running = new Map<string, Set<Promise<void>>>();
  readonly #done: Promise<void>;
  #wake: (() => void) | undefined;
  #count = 0;
  #purgeAt = 0;

  constructor(host: SenderHost) {
    this.#host = host;
    this.#unshown = newSecret(host.keys);
    const { databaseUrl: connectionString } = host;
    this.#pool = new pg.Pool({
      ...WATCHED_POOL,
      connectionString,
      max: CONNECTIONS,
      application_name: 'windfall webhooks',
      connectionTimeoutMillis: 5000,
      statement_timeout: 8000,
      options: settingsText(['timezone=UTC', ...SILENCE_SETTINGS]),
    });
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#done = this.#run();
  }

  /** Tells that there may be something to send. */
  wake(): void {
    this.#wake?.();
  }

  /** Tries that are running are given up, and made again by another process. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#done;
    await Promise.all([...this.#running.values()].flatMap((all) => [...all]));
    this.#host.poster.close();
    await this.#pool.end();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#round();
        await this.#purge();
        await this.#pause(POLL_MS);
      } catch (error) {
        if (!signal.aborted) this.#host.fault(error, 'webhooks');
        await this.#pause(RESTART_MS);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#wake = end;
      if (this.#stop.signal.aborted) end();
    });
  }

  async #round(): Promise<void> {
    for (const webhook of await readyWebhooks(this.#pool)) {
      const key = `${webhook.operator}/${webhook.webhook}`;
      const running = this.#running.get(key) ?? new Set();
      const most = webhook.failing ? 1 : webhook.isCallback ? PER_CALLBACK : PER_WEBHOOK;
      const room = Math.min(most - running.size, AT_ONCE - this.#count);
      if (room <= 0) continue;
      this.#running.set(key, running);
      for (const claimed of await claim(this.#pool, webhook, room, LEASE_MS)) {
        this.#count += 1;
        const trying = this.#try(webhook, claimed)
          .catch((error: unknown) => {
            if (!this.#stop.signal.aborted) this.#host.fault(error, 'webhooks');
          })
          .finally(() => {
            this.#count -= 1;
            running.delete(trying);
            if (running.size === 0) this.#running.delete(key);
            this.wake();
          });
        running.add(trying);
      }
    }
  }

  async #try(webhook: ReadyWebhook, claimed: Claimed): Promise<void> {
    const answer = await this.#send(webhook, claimed);
    // A try that was given up because this process stops says nothing of the receiver.
    if (this.#stop.signal.aborted && answer.status === 0) return;
    const outcome = outcomeOf(answer, claimed.tries, Date.now(), Math.random());
    await settle(this.#pool, webhook, claimed, outcome, answer.status);
  }

  async #send({ operator, url, isCallback, secrets }: ReadyWebhook, claimed: Claimed): Promise<Answer> {
    const { tenants, keys, poster } = this.#host;
    const revealed = (secrets.length === 0 ? [this.#unshown] : secrets).map((secret) => revealSecret(keys, secret));
    const { webhooks: settings } = await chain(tenants.of(operator), (tenant) => tenant);
    return poster.send({
      settings,
      url: isCallback ? claimed.url : url,
      body: claimed.body,
      headers: signedHeaders(revealed, claimed.eventId, new Date(), claimed.body),
      signal: this.#stop.signal,
    });
  }

  async #purge(): Promise<void> {
    if (performance.now() < this.#purgeAt) return;
    const more = await purge(this.#pool);
    this.#purgeAt = performance.now() + (more ? 0 : PURGE_MS);
    if (more) await sleep(10);
  }
}
