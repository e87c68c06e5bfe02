import type { WatchJackpotResponse } from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { Jackpot } from '../../src/engines/jackpot/bound.ts';
import { watchJackpot } from '../../src/engines/jackpot/operations/watch-jackpot.ts';
import type { Journal } from '../../src/journal/index.ts';
import { Live, type Paces } from '../../src/live/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { Players } from '../../src/players/index.ts';
import type { Context } from '../../src/rpc/index.ts';
import { drop, give } from '../engines/jackpot/fixture.ts';
import { platformOn } from '../engines/jackpot/platform.ts';
import { openJournal } from '../journal/fixture.ts';

export type Events = AsyncGenerator<WatchJackpotResponse>;
type Watch = (jackpot: Jackpot, lastEventId?: string, stop?: AbortSignal) => Events;

/** A journal, and readers of it, each as in a process of its own. */
export class Readers {
  readonly url: string;
  readonly journal: Journal;
  readonly platform: Platform;
  readonly faults: unknown[] = [];
  readonly #close: () => Promise<void>;
  readonly #lives: Live[] = [];

  private constructor(url: string, journal: Journal) {
    this.url = url;
    this.journal = journal;
    const { platform, close } = platformOn(url, journal);
    const { reads, newId } = platform;
    this.platform = { ...platform, players: new Players({ reads, journal, newId, seeds: { currentId: '1' } }) };
    this.#close = close;
  }

  static async start(): Promise<Readers> {
    const { url, journal } = await openJournal();
    return new Readers(url, journal);
  }

  /** A reader, with its paces. */
  live(paces: Partial<Paces>, reads = this.platform.reads): Live {
    const { register } = this.platform;
    const live = new Live({ reads, register, fault: (error) => this.faults.push(error) }, paces);
    this.#lives.push(live);
    return live;
  }

  /** WatchJackpot on a reader, as a player calls it. */
  watching(live: Live): Watch {
    const handler = watchJackpot({ ...this.platform, live });
    const caller = { role: 'player', operator: 1, brand: 1, scopes: new Set(), userId: 'ann', name: 'player:1/ann' };
    return (jackpot, lastEventId = '', signal = new AbortController().signal) =>
      handler({ id: jackpot.code, lastEventId }, { caller, signal } as unknown as Context) as Events;
  }

  contribute(jackpot: Jackpot): Promise<unknown> {
    return give(this.journal, jackpot, 7, 1_000_000n);
  }

  /** Contributes to a jackpot and drops it; resolves to the id of the hit. */
  async win(jackpot: Jackpot): Promise<string> {
    await this.contribute(jackpot);
    return (await drop(this.journal, jackpot)).operationId;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lives.map((live) => live.stop()));
    await this.#close();
    await this.journal.close();
  }
}

export const next = async (events: Events): Promise<WatchJackpotResponse> =>
  (await events.next()).value as WatchJackpotResponse;
export const kindOf = ({ event }: WatchJackpotResponse): string => event?.$case ?? 'heartbeat';

/** The next event of a kind. */
export async function nextOf(events: Events, kind: string): Promise<WatchJackpotResponse> {
  for (;;) {
    const one = await next(events);
    if (kindOf(one) === kind) return one;
  }
}

/** The id of a hit. */
export const drawOf = ({ event }: WatchJackpotResponse): string | undefined =>
  event?.$case === 'hit' ? event.value.drawId : undefined;
