import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { ApiError } from '../../src/kernel/index.ts';
import { makeJackpot, pot } from '../engines/jackpot/fixture.ts';
import { drawOf, kindOf, next, nextOf, Readers } from './readers.ts';

let readers: Readers;
beforeAll(async () => {
  readers = await Readers.start();
});
afterAll(() => readers.stop());

test('a watcher that falls behind by more than is kept is told to come back, and nobody else', async () => {
  const watch = readers.watching(readers.live({ pollMs: 20 }));
  const jackpot = await makeJackpot(readers.journal, [pot({})]);
  const [slow, quick] = [watch(jackpot), watch(jackpot)];
  assert.equal(kindOf(await next(slow)), 'jackpot');
  let hits = 0;
  const reading = (async () => {
    for await (const event of quick) if (kindOf(event) === 'hit' && ++hits === 1010) return;
  })();
  for (let i = 0; i < 1010; i++) await readers.win(jackpot);
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
  const watch = readers.watching(readers.live({ pollMs: 20 }));
  const jackpot = await makeJackpot(readers.journal, [pot({})]);
  const client = new pg.Client({ connectionString: readers.url });
  await client.connect();
  await client.query('begin');
  await client.query('select pg_current_xact_id()');
  const events = watch(jackpot);
  await next(events);
  const drawId = await readers.win(jackpot);
  const hit = await nextOf(events, 'hit');
  assert.equal(drawOf(hit), drawId);
  await client.query('rollback');
  await client.end();
  await events.return(undefined);
});

test('a quiet stream has heartbeats, and every stream ends in time', async () => {
  const watch = readers.watching(readers.live({ pollMs: 20, stateMs: 20, heartbeatMs: 100, lifeMs: 1500 }));
  const jackpot = await makeJackpot(readers.journal, [pot({})]);
  const kinds: string[] = [];
  for await (const event of watch(jackpot)) {
    kinds.push(kindOf(event));
    assert.equal(event.eventId === undefined, event.event === undefined);
  }
  assert.equal(kinds[0], 'jackpot');
  assert(kinds.length > 3 && kinds.slice(1).every((kind) => kind === 'heartbeat'), kinds.join());
});

test('with many watchers each has states less often, and hits all the same', async () => {
  const watch = readers.watching(readers.live({ pollMs: 20, stateMs: 100, statesPerSecond: 50 }));
  const jackpot = await makeJackpot(readers.journal, [pot({})]);
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
    await readers.contribute(jackpot);
    await sleep(20);
  }
  const passed = (performance.now() - started) / 1000;
  const states = seen.reduce((sum, one) => sum + one.states - 1, 0);
  assert(states > 0 && states <= 50 * passed + 10, `${states} states in ${passed} s`);
  await readers.win(jackpot);
  while (seen.some(({ hits }) => hits === 0)) await sleep(10);
  stop.abort(new ApiError('CANCELLED', 'enough'));
  await Promise.allSettled(watchers);
  assert(seen.every(({ hits }) => hits === 1));
});

test('an id from elsewhere is no reason to wait: the stream starts anew, and says so', async () => {
  const watch = readers.watching(readers.live({ pollMs: 20 }));
  const jackpot = await makeJackpot(readers.journal, [pot({})]);
  await readers.win(jackpot);
  const events = watch(jackpot, '123456');
  const first = await next(events);
  assert.deepEqual([kindOf(first), first.hitsMissed, first.eventId], ['jackpot', true, '3']);
  await readers.win(jackpot);
  assert.equal((await nextOf(events, 'hit')).eventId, '5');
  await events.return(undefined);
});

test('a client that has seen more than this process yet gets nothing twice', async () => {
  const [here, ahead] = [
    readers.watching(readers.live({ pollMs: 1000 })),
    readers.watching(readers.live({ pollMs: 10 })),
  ];
  const jackpot = await makeJackpot(readers.journal, [pot({})]);
  const kept = here(jackpot);
  await next(kept);
  const early = ahead(jackpot);
  await next(early);
  await readers.win(jackpot);
  const { eventId } = await nextOf(early, 'hit');
  const resumed = here(jackpot, eventId);
  const drawId = await readers.win(jackpot);
  const hit = await nextOf(resumed, 'hit');
  assert.equal(drawOf(hit), drawId);
  for (const events of [kept, early, resumed]) await events.return(undefined);
});

test('nobody watching costs the database nothing', async () => {
  let reads = 0;
  const live = readers.live({ pollMs: 10, keptMs: 50 }, (read, tryMs) => {
    reads += 1;
    return readers.platform.reads(read, tryMs);
  });
  const events = readers.watching(live)(await makeJackpot(readers.journal, [pot({})]));
  await next(events);
  await events.return(undefined);
  await sleep(200);
  const before = reads;
  await sleep(200);
  assert.equal(reads, before);
});
