import type { EntityManager } from '@mikro-orm/postgresql';
import { Gauge, type Registry } from 'prom-client';
import { readText } from './query.ts';

/** How often it is looked how far followers are behind, and from when that is told. */
const EACH_MS = 5000;
const BEHIND_S = 60;
/** The number of facts of an operator that are counted. */
const COUNTED = 10_000;

// The oldest one stands first, but for those whose transactions committed late.
const LAG = `
select n.name, coalesce(sum(x.facts), 0)::text as facts,
  greatest(extract(epoch from clock_timestamp() - min(x.oldest)), 0)::text as seconds
from unnest($1::text[]) as n(name) cross join operator o
left join follower f on f.operator_id = o.operator_id and f.name = n.name
cross join lateral (
  select count(*) as facts, min(w.time) as oldest from (
    select j.time from journal j where j.operator_id = o.operator_id
    and (j.tx, j.operation_id, j.part) > (coalesce(f.tx, '0'::xid8),
      coalesce(f.operation_id, '00000000-0000-0000-0000-000000000000'), coalesce(f.part, -1::int2))
    order by j.tx, j.operation_id, j.part limit $2
  ) w
) x group by n.name`;

/** How far a follower is behind, over all operators. */
interface Lag {
  readonly follower: string;
  /** The facts that it has not followed: up to 10,000 of each operator. */
  readonly facts: number;
  /** The age of the oldest of them; 0: there is none. */
  readonly seconds: number;
}

interface LagHost {
  readonly em: () => EntityManager;
  /** The names of the followers. */
  readonly followers: readonly string[];
  readonly registry: Registry;
  /** Told once when a follower is behind, and once when it is no longer. */
  behind(lag: Lag): void;
  caughtUp(lag: Lag): void;
}

/** Watches how far followers are behind: in metrics, and as an alarm. */
export class LagWatch {
  readonly #host: LagHost;
  readonly #eachMs: number;
  readonly #seconds: Gauge;
  readonly #facts: Gauge;
  readonly #behind = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(host: LagHost, eachMs = EACH_MS) {
    this.#host = host;
    this.#eachMs = eachMs;
    const gauge = (name: string, help: string): Gauge =>
      new Gauge({ name: `windfall_follower_${name}`, help, labelNames: ['follower'], registers: [host.registry] });
    this.#seconds = gauge('lag_seconds', 'The age of the oldest fact that a follower has not followed.');
    this.#facts = gauge('waiting_facts', 'How many facts it has not followed, up to 10,000 of each operator.');
    this.#wait();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #wait(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#look().finally(() => this.#wait());
    }, this.#eachMs);
  }

  async #look(): Promise<void> {
    // Without a database nothing can be said: its health is told elsewhere.
    const lags = await this.#read().catch(() => []);
    for (const lag of lags) {
      this.#seconds.set({ follower: lag.follower }, lag.seconds);
      this.#facts.set({ follower: lag.follower }, lag.facts);
      const isBehind = lag.seconds > BEHIND_S;
      if (isBehind === this.#behind.has(lag.follower)) continue;
      if (isBehind) this.#behind.add(lag.follower);
      else this.#behind.delete(lag.follower);
      (isBehind ? this.#host.behind : this.#host.caughtUp)(lag);
    }
  }

  async #read(): Promise<Lag[]> {
    const { em, followers } = this.#host;
    const rows = await readText<Record<'name' | 'facts' | 'seconds', string | null>>(em(), LAG, [followers, COUNTED]);
    return rows.map(({ name, facts, seconds }) => ({
      follower: name!,
      facts: Number(facts),
      seconds: Number(seconds ?? 0),
    }));
  }
}
