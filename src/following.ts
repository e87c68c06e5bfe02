import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Events } from './events/index.ts';
import { Followers, LagWatch, rollUp } from './journal/index.ts';
import type { Platform } from './platform/index.ts';
import { Operator } from './tenants/index.ts';
import { dnsResolve, Poster, recordDeliveries, Sender } from './webhooks/index.ts';

/** How often new facts are looked for that somebody is subscribed to. */
const EVENTS_MS = 250;

interface Following {
  readonly databaseUrl: string;
  readonly platform: Platform;
  readonly events: Events;
  readonly registry: Registry;
  readonly log: Logger;
  readonly fault: (error: unknown, name: string) => void;
}

/** Starts what follows the journal: the roll-up of accounts, what records deliveries of events and what sends them. */
export function startFollowing({ databaseUrl, platform, events, registry, log, fault }: Following): {
  stop(): Promise<void>;
} {
  const { orm, tenants, webhookKeys: keys } = platform;
  const host = { databaseUrl, fault, operators: () => operatorsOf(orm) };
  const sender = new Sender({ databaseUrl, tenants, keys, poster: new Poster(dnsResolve()), fault });
  const recording = recordDeliveries({ events, tenants, recorded: () => sender.wake() });
  const followers = [new Followers(host, [rollUp]), new Followers(host, [recording], EVENTS_MS)];
  const lag = new LagWatch({
    em: () => orm.em.fork(),
    followers: [rollUp.name, recording.name],
    registry,
    behind: (behind) => log.warn(behind, 'a follower is behind'),
    caughtUp: (behind) => log.info(behind, 'the follower has caught up'),
  });
  return {
    async stop() {
      await Promise.all([...followers, lag].map((one) => one.stop()));
      await sender.stop();
    },
  };
}

/** Without the retries of reads: a stop while the database is down must not wait for it. The next round retries. */
async function operatorsOf(orm: Platform['orm']): Promise<number[]> {
  const operators = await orm.em.fork().find(Operator, {}, { orderBy: { operatorId: 'asc' } });
  return operators.map(({ operatorId }) => operatorId);
}
