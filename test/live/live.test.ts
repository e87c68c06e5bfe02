import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import type { WatchJackpotResponse } from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { Jackpot } from '../../src/engines/jackpot/bound.ts';
import { jackpot as jackpots } from '../../src/engines/jackpot/entities.ts';
import { watchJackpot } from '../../src/engines/jackpot/operations/watch-jackpot.ts';
import { readRowsById, type Journal } from '../../src/journal/index.ts';
import { ApiError } from '../../src/kernel/index.ts';
import { Live, type Paces, type Source } from '../../src/live/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { Players } from '../../src/players/index.ts';
import type { Context } from '../../src/rpc/index.ts';
import { drop, give, makeJackpot, pot } from '../engines/jackpot/fixture.ts';
import { platformOn } from '../engines/jackpot/platform.ts';
import { openJournal } from '../journal/fixture.ts';

let url: string;
let journal: Journal;
let base: Platform;
let close: () => Promise<void>;
const lives: Live[] = [];
beforeAll(async () => {
  ({ url, journal } = await openJournal());
  const started = platformOn(url, journal);
  close = started.close;
  const { reads, newId } = started.platform;
  base = { ...started.platform, players: new Players({ reads, journal, newId, keyId: '1' }) };
});
afterAll(async () => {
  await Promise.all(lives.map((live) => live.stop()));
  await close();
  await journal.close();
});

type Events = AsyncGenerator<WatchJackpotResponse>;

/** A process of its own, as far as streams know: with its own reader. */
function process(paces: Partial<Paces> = {}): (jackpot: Jackpot, lastEventId?: string, stop?: AbortSignal) => Events {
  const live = new Live({ reads: base.reads, register: base.register, fault: () => undefined }, paces);
  lives.push(live);
  const handler = watchJackpot({ ...base, live });
  const caller = { role: 'player', operator: 1, brand: 1, scopes: new Set(), userId: 'ann', name: 'player:1/ann' };
  return (jackpot, lastEventId = '', signal = new AbortController().signal) =>
    handler({ id: jackpot.code, lastEventId }, { caller, signal } as unknown as Context) as Events;
}

const won = async (jackpot: Jackpot): Promise<string> => {
  await give(journal, jackpot, 7, 1_000_000n);
  return (await drop(journal, jackpot)).operationId;
};
const next = async (events: Events): Promise<WatchJackpotResponse> =>
  (await events.next()).value as WatchJackpotResponse;
const kindOf = ({ event }: WatchJackpotResponse): string => event?.$case ?? 'heartbeat';

/** The next event of a kind. */
async function nextOf(events: Events, kind: string): Promise<WatchJackpotResponse> {
  for (;;) {
    const one = await next(events);
    if (kindOf(one) === kind) return one;
  }
}

test('a watcher that falls behind by more than is kept is told to come back, and nobody else', async () => {
  const watch = process({ pollMs: 20 });
  const jackpot = await makeJackpot(journal, [pot({})]);
  const [slow, quick] = [watch(jackpot), watch(jackpot)];
  assert.equal(kindOf(await next(slow)), 'jackpot');
  let hits = 0;
  const reading = (async () => {
    for await (const event of quick) if (kindOf(event) === 'hit' && ++hits === 1010) return;
  })();
  for (let i = 0; i < 1010; i++) await won(jackpot);
  await reading;
  await assert.rejects(
    async () => {
      for (;;) await next(slow);
    },
    (error: ApiError) => error.reason === 'READER_TOO_SLOW',
  );
  await quick.return(undefined);
});

test('a long transaction of somebody else holds no hit up', async () => {
  const watch = process({ pollMs: 20 });
  const jackpot = await makeJackpot(journal, [pot({})]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('select pg_current_xact_id()');
  const events = watch(jackpot);
  await next(events);
  const drawId = await won(jackpot);
  const hit = await nextOf(events, 'hit');
  assert.equal(hit.event?.$case === 'hit' && hit.event.value.drawId, drawId);
  await client.query('rollback');
  await client.end();
  await events.return(undefined);
});

test('a quiet stream has heartbeats, and every stream ends in time', async () => {
  const watch = process({ pollMs: 20, stateMs: 20, heartbeatMs: 100, lifeMs: 1500 });
  const jackpot = await makeJackpot(journal, [pot({})]);
  const kinds: string[] = [];
  for await (const event of watch(jackpot)) {
    kinds.push(kindOf(event));
    assert.equal(event.eventId === undefined, event.event === undefined);
  }
  assert.equal(kinds[0], 'jackpot');
  assert(kinds.length > 3 && kinds.slice(1).every((kind) => kind === 'heartbeat'), kinds.join());
});

test('with many watchers each has states less often, and hits all the same', async () => {
  const watch = process({ pollMs: 20, stateMs: 100, statesPerSecond: 50 });
  const jackpot = await makeJackpot(journal, [pot({})]);
  const seen = Array.from({ length: 100 }, () => ({ states: 0, hits: 0 }));
  const stop = new AbortController();
  const watchers = seen.map(async (counts) => {
    for await (const event of watch(jackpot, '', stop.signal)) {
      if (kindOf(event) === 'hit') counts.hits += 1;
      else counts.states += 1;
    }
  });
  while (seen.some(({ states }) => states === 0)) await sleep(10);
  const started = performance.now();
  while (performance.now() - started < 2000) {
    await give(journal, jackpot, 7, 1_000_000n);
    await sleep(20);
  }
  const passed = (performance.now() - started) / 1000;
  const states = seen.reduce((sum, one) => sum + one.states - 1, 0);
  assert(states > 0 && states <= 50 * passed + 10, `${states} states in ${passed} s`);
  await won(jackpot);
  while (seen.some(({ hits }) => hits === 0)) await sleep(10);
  stop.abort(new ApiError('CANCELLED', 'enough'));
  await Promise.allSettled(watchers);
  assert(seen.every(({ hits }) => hits === 1));
});

test('an id from elsewhere is no reason to wait: the stream starts anew, and says so', async () => {
  const watch = process({ pollMs: 20 });
  const jackpot = await makeJackpot(journal, [pot({})]);
  await won(jackpot);
  const events = watch(jackpot, '123456');
  const first = await next(events);
  assert.deepEqual([kindOf(first), first.hitsMissed, first.eventId], ['jackpot', true, '3']);
  await won(jackpot);
  assert.equal((await nextOf(events, 'hit')).eventId, '5');
  await events.return(undefined);
});

test('a client that has seen more than this process yet gets nothing twice', async () => {
  const [here, ahead] = [process({ pollMs: 1000 }), process({ pollMs: 10 })];
  const jackpot = await makeJackpot(journal, [pot({})]);
  const kept = here(jackpot);
  await next(kept);
  const early = ahead(jackpot);
  await next(early);
  await won(jackpot);
  const { eventId } = await nextOf(early, 'hit');
  const resumed = here(jackpot, eventId);
  const drawId = await won(jackpot);
  const hit = await nextOf(resumed, 'hit');
  assert.equal(hit.event?.$case === 'hit' && hit.event.value.drawId, drawId);
  for (const events of [kept, early, resumed]) await events.return(undefined);
});

test('a state that moves on to other rows follows those', async () => {
  const [one, other] = [await makeJackpot(journal, [pot({})]), await makeJackpot(journal, [pot({})])];
  const contributions = async ({ id }: Jackpot): Promise<number> =>
    (await base.reads((em) => readRowsById(em, jackpots, 1, [id])))[0]!.contributions;
  let shown = one;
  let reads = 0;
  const source: Source<{ readonly of: Jackpot; readonly count: number }> = {
    operator: 1,
    row: one.id,
    others: ({ of }) => (of === one ? [] : [of.id]),
    refreshMs: 300,
    kinds: [],
    async state() {
      reads += 1;
      return { of: shown, count: await contributions(shown) };
    },
    recent: async () => ({ operations: [], complete: true }),
    showState: ({ of, count }, eventId) => ({ eventId, of: of.id, count }),
    heartbeat: {},
    announce: () => ({}),
  };
  const live = new Live(
    { reads: base.reads, register: base.register, fault: () => undefined },
    { pollMs: 20, stateMs: 20 },
  );
  lives.push(live);
  const events = live.watch<{ of: number; count: number }>('x', async () => source, '', new AbortController().signal);
  const value = async (): Promise<[number, number]> => {
    const { of, count } = (await events.next()).value as { of: number; count: number };
    return [of, count];
  };
  assert.deepEqual(await value(), [one.id, 0]);
  // Noticed without a fact, because time has passed.
  shown = other;
  assert.deepEqual(await value(), [other.id, 0]);
  Object.assign(source, { refreshMs: Infinity });
  await give(journal, other, 7, 1_000_000n);
  assert.deepEqual(await value(), [other.id, 1]);
  // Then there is nothing more to read.
  await sleep(300);
  const before = reads;
  await sleep(200);
  assert.equal(reads, before);
  await events.return(undefined);
});

test('nobody watching costs the database nothing', async () => {
  let reads = 0;
  const live = new Live(
    {
      reads: (read, tryMs) => {
        reads += 1;
        return base.reads(read, tryMs);
      },
      register: base.register,
      fault: () => undefined,
    },
    { pollMs: 10, keptMs: 50 },
  );
  lives.push(live);
  const jackpot = await makeJackpot(journal, [pot({})]);
  const handler = watchJackpot({ ...base, live });
  const context = { caller: { operator: 1 }, signal: new AbortController().signal } as unknown as Context;
  const events = handler({ id: jackpot.code, lastEventId: '' }, context) as Events;
  await next(events);
  await events.return(undefined);
  await sleep(200);
  const before = reads;
  await sleep(200);
  assert.equal(reads, before);
});
