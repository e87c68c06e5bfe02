import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import type { Jackpot } from '../../src/engines/jackpot/bound.ts';
import { jackpot as jackpots } from '../../src/engines/jackpot/entities.ts';
import { aggregateName, readRowsById } from '../../src/journal/index.ts';
import type { Source } from '../../src/live/index.ts';
import { clientSeedSet } from '../../src/fairness/index.ts';
import { jackpotWon } from '../../src/engines/jackpot/winning.ts';
import { runSql } from '../support/sql.ts';
import { makeJackpot, pot } from '../engines/jackpot/fixture.ts';
import { drawOf, kindOf, next, nextOf, Readers } from './readers.ts';

let readers: Readers;
beforeAll(async () => {
  readers = await Readers.start();
});
afterAll(() => readers.stop());

test('a state that cannot be read holds nobody else up', async () => {
  const [good, bad] = [await makeJackpot(readers.journal, [pot({})]), await makeJackpot(readers.journal, [pot({})])];
  const live = readers.live({ pollMs: 20, stateMs: 20 });
  const { signal } = new AbortController();
  let broken = false;
  const source: Source<string> = {
    operator: 1,
    aggregate: aggregateName(jackpots, bad.id),
    others: () => [],
    kinds: [],
    async state() {
      if (broken) throw new Error('broken');
      return 'fine';
    },
    recent: async () => ({ operations: [], complete: true }),
    showState: (state) => ({ state }),
    heartbeat: {},
    announce: () => ({}),
  };
  const failing = live.watch('failing', async () => source, '', signal);
  await failing.next();
  broken = true;
  const watch = readers.watching(live);
  const events = watch(good);
  await next(events);
  await readers.contribute(bad);
  while (readers.faults.length === 0) await sleep(10);
  const drawId = await readers.win(good);
  const hit = await nextOf(events, 'hit');
  assert.equal(drawOf(hit), drawId);
  const state = await nextOf(events, 'jackpot');
  assert.equal(state.event?.$case === 'jackpot' && state.event.value.recentHits[0]?.drawId, drawId);
  const again = watch(good, '1');
  assert.equal(kindOf(await next(again)), 'hit');
  for (const one of [events, again, failing]) void one.return(undefined);
});

test('a state that moves on to other rows follows those', async () => {
  const [one, other] = [await makeJackpot(readers.journal, [pot({})]), await makeJackpot(readers.journal, [pot({})])];
  const contributions = async ({ id }: Jackpot): Promise<number> =>
    (await readers.platform.reads((em) => readRowsById(em, jackpots, 1, [id])))[0]!.contributions;
  let shown = one;
  let reads = 0;
  const source: Source<{ readonly of: Jackpot; readonly count: number }> = {
    operator: 1,
    aggregate: aggregateName(jackpots, one.id),
    others: ({ of }) => (of === one ? [] : [aggregateName(jackpots, of.id)]),
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
  const live = readers.live({ pollMs: 20, stateMs: 20 });
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
  await readers.contribute(other);
  assert.deepEqual(await value(), [other.id, 1]);
  // Then there is nothing more to read.
  await sleep(300);
  const before = reads;
  await sleep(200);
  assert.equal(reads, before);
  await events.return(undefined);
});

test('facts of a row of another table with the same number are none of a jackpot', async () => {
  const jackpot = await makeJackpot(readers.journal, [pot({})]);
  // A player's stream of seeds with this number, after many draws.
  await runSql(
    readers.url,
    'insert into journal (operator_id, operation_id, part, kind, version, aggregate_id, aggregate_sequence, tx, ' +
      'time, caller, request_hash, transfers, fact) values (1, gen_random_uuid(), 0, $1, 1, $2, 5000, ' +
      "pg_current_xact_id(), now(), '', '', '{}', '')",
    [clientSeedSet.number, jackpot.id],
  );
  const events = readers.watching(readers.live({ pollMs: 20, stateMs: 20 }))(jackpot);
  await next(events);
  const drawId = await readers.win(jackpot);
  assert.equal(drawOf(await nextOf(events, 'hit')), drawId);
  await events.return(undefined);
});

test('an announcement that cannot be read holds nobody else up', async () => {
  const [good, bad] = [await makeJackpot(readers.journal, [pot({})]), await makeJackpot(readers.journal, [pot({})])];
  const live = readers.live({ pollMs: 20, stateMs: 20 });
  const source: Source<string> = {
    operator: 1,
    aggregate: aggregateName(jackpots, bad.id),
    others: () => [],
    kinds: [jackpotWon.number],
    state: async () => 'fine',
    recent: async () => ({ operations: [], complete: true }),
    showState: (state) => ({ state }),
    heartbeat: {},
    announce() {
      throw new Error('of a newer version');
    },
  };
  const failing = live.watch('announcing', async () => source, '', new AbortController().signal);
  await failing.next();
  const events = readers.watching(live)(good);
  await next(events);
  const faults = readers.faults.length;
  await readers.win(bad);
  while (readers.faults.length === faults) await sleep(10);
  const drawId = await readers.win(good);
  assert.equal(drawOf(await nextOf(events, 'hit')), drawId);
  for (const one of [events, failing]) void one.return(undefined);
});
