/** What one stream sends, without a journal. */
import assert from 'node:assert/strict';
import { test } from 'vitest';
import { PACES, type Source } from '../../src/live/source.ts';
import { Topic } from '../../src/live/topic.ts';
import { Watcher, type Resumption } from '../../src/live/watcher.ts';

const AGGREGATE = '1102/7' as never;
const paces = { ...PACES, heartbeatMs: 100, lifeMs: 10_000 };

/** A topic whose state is 'a', of a row that has five facts. */
async function opened(): Promise<{ topic: Topic; show(state: string): Promise<void>; tell(...all: number[]): void }> {
  let state = 'a';
  const source: Source<string> = {
    operator: 1,
    aggregate: AGGREGATE,
    others: () => [],
    kinds: [],
    state: async () => state,
    recent: async () => ({ operations: [], complete: true }),
    showState: (shown, eventId, missed) => ({ shown, eventId, missed }),
    heartbeat: { heart: 'beats' },
    announce: ({ sequence }) => ({ hit: sequence }),
  };
  // Its last sequence, and what was announced before.
  const answers: unknown[] = [5, []];
  const reads = (async () => answers.shift()) as never;
  const topic = await Topic.open(source, reads, undefined as never);
  return {
    topic,
    async show(next) {
      state = next;
      (await topic.read(0, reads))();
    },
    tell(...all) {
      topic.announce(all.map((sequence) => ({ sequence })) as never);
      topic.note({ aggregate: AGGREGATE, sequence: all.at(-1)! } as never);
    },
  };
}

const watching = (topic: Topic, after: Resumption | null = null): Watcher => new Watcher(topic, after, paces, 0);
const shown = (state: string, eventId: string, missed = false): object => ({ shown: state, eventId, missed });
/** All that it sends after a visit, until there is nothing more. */
function sent(watcher: Watcher, state = true, now = 1): unknown[] {
  watcher.visit(state);
  const all: unknown[] = [];
  for (let next = watcher.next(now); next !== null; next = watcher.next(now)) all.push(next);
  return all;
}

test('a watcher gets the state, and then each announcement once', async () => {
  const { topic, show, tell } = await opened();
  const watcher = watching(topic);
  assert.deepEqual(sent(watcher), [shown('a', '5')]);
  tell(6, 9);
  assert.deepEqual(sent(watcher, false), [{ hit: 6 }, { hit: 9 }]);
  assert.deepEqual(sent(watcher), []);
  await show('a');
  assert.deepEqual(sent(watcher), [], 'the same state is shown again');
});

test('a state comes after the announcements that it contains, and before the others', async () => {
  const { topic, show, tell } = await opened();
  const [watcher, quick] = [watching(topic), watching(topic)];
  for (const one of [watcher, quick]) sent(one);
  tell(6, 7);
  await show('b');
  tell(8);
  assert.deepEqual(sent(watcher), [{ hit: 6 }, { hit: 7 }, shown('b', '7'), { hit: 8 }]);
  // One that must not send the state yet repeats nothing with it.
  assert.deepEqual(sent(quick, false), [{ hit: 6 }, { hit: 7 }, { hit: 8 }]);
  assert.deepEqual(sent(quick), [shown('b', '8')]);
});

test('who continues gets what came since, and is told once that some is no longer kept', async () => {
  const { topic, show, tell } = await opened();
  const slow = watching(topic);
  sent(slow);
  tell(...Array.from({ length: 1005 }, (_, i) => 6 + i));
  assert.throws(() => sent(slow), { reason: 'READER_TOO_SLOW' });
  const [late, kept] = [
    watching(topic, { sequence: 7, missed: false }),
    watching(topic, { sequence: 10, missed: false }),
  ];
  assert.deepEqual(sent(late).slice(0, 2), [shown('a', '10', true), { hit: 11 }]);
  assert.deepEqual(sent(kept).slice(0, 2), [shown('a', '10'), { hit: 11 }]);
  assert.deepEqual(sent(watching(topic, { sequence: 1010, missed: true })), [shown('a', '1010', true)]);
  await show('b');
  assert.deepEqual(sent(late), [shown('b', '1010')]);
});

test('a silent stream has heartbeats, and every stream ends within a tenth of its time', async () => {
  const { topic } = await opened();
  const watcher = watching(topic);
  assert.deepEqual(sent(watcher, true, 0), [shown('a', '5')]);
  assert.deepEqual(sent(watcher, true, 99), []);
  assert.deepEqual(sent(watcher, true, 100), [{ heart: 'beats' }]);
  assert.deepEqual(sent(watcher, true, 199), []);
  assert.notEqual(watcher.next(8999), 'end');
  assert.equal(watcher.next(11_000), 'end');
});
