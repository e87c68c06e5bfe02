import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenDriver } from '../driver.ts';
import { Watchers, type WatchersOrder } from '../watchers.ts';
import { open as openStream } from './stream.ts';
import type { UnaryOptions } from './unary.ts';

export interface WatchedOptions extends UnaryOptions {
  readonly watching: WatchersOrder;
  /** Items a second; 0: as many as possible. */
  readonly perSecond: number;
}

/** One process for all cases: each has its watchers only while it runs. */
let shared: Watchers | undefined;

/** A stream of contributions, while watchers look on. */
export const open: OpenDriver<WatchedOptions> = async ({ watching, perSecond, ...options }) => {
  const stream = await openStream(options);
  shared ??= new Watchers();
  const watchers = shared;
  let sent = 0;
  let since = 0;
  return {
    async prepare() {
      await watchers.hold(watching);
      sent = 0;
      since = performance.now();
    },
    async call(caller) {
      if (perSecond > 0) {
        const due = since + (sent / perSecond) * 1000;
        const wait = due - performance.now();
        sent += ITEMS;
        if (wait > 0) await sleep(wait);
      }
      return stream.call(caller);
    },
    async close() {
      watchers.end();
      await stream.close();
    },
  };
};

/** Items in a message of the suite. */
export const ITEMS = 64;
