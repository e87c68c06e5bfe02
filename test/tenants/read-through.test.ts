import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test, vi } from 'vitest';
import { ReadThrough } from '../../src/tenants/read-through.ts';
import { refusalOf } from './fixture.ts';

interface Read {
  readonly keys: readonly string[];
  answer(values: Record<string, string>): void;
  fail(error: Error): void;
}

/** A source whose reads the test answers, in the order in which they came. */
function scripted(sizeMax = 100): { cache: ReadThrough<string, string>; reads: Read[] } {
  const reads: Read[] = [];
  const cache = new ReadThrough<string, string>({
    read(keys) {
      const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, string>>();
      reads.push({ keys, answer: (values) => resolve(new Map(Object.entries(values))), fail: reject });
      return promise;
    },
    foundMs: 5000,
    missingMs: 1000,
    sizeMax,
  });
  return { cache, reads };
}

/** Runs a test on a clock that it moves. */
async function onClock(run: (pass: (ms: number) => void) => Promise<void>): Promise<void> {
  let now = 1_000_000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  try {
    await run((ms) => {
      now += ms;
    });
  } finally {
    clock.mockRestore();
  }
}

test('what was found is believed for its time, what was not for its own', () =>
  onClock(async (pass) => {
    const { cache, reads } = scripted();
    const [known, unknown] = [cache.get('a'), cache.get('b')];
    reads[0]!.answer({ a: 'A' });
    await nextTurn();
    reads[1]!.answer({});
    assert.deepEqual(await Promise.all([known, unknown]), ['A', undefined]);
    pass(999);
    assert.equal(cache.get('a'), 'A');
    assert.equal(cache.get('b'), undefined);
    pass(1);
    assert.ok(cache.get('b') instanceof Promise);
    pass(3999);
    assert.equal(cache.get('a'), 'A');
    pass(1);
    assert.ok(cache.get('a') instanceof Promise);
    assert.equal(cache.last('a'), 'A');
  }));

test('age counts from before the read', () =>
  onClock(async (pass) => {
    const { cache, reads } = scripted();
    const asked = cache.get('a');
    pass(4000);
    reads[0]!.answer({ a: 'A' });
    await asked;
    pass(999);
    assert.equal(cache.get('a'), 'A');
    pass(1);
    assert.ok(cache.get('a') instanceof Promise);
  }));

test('one read runs at a time, and the next one reads all keys requested meanwhile', async () => {
  const { cache, reads } = scripted();
  const first = cache.get('a');
  const others = ['b', 'c', 'b', 'a'].map((key) => cache.get(key));
  assert.deepEqual(
    reads.map(({ keys }) => keys),
    [['a']],
  );
  reads[0]!.answer({ a: 'A' });
  assert.equal(await first, 'A');
  await nextTurn();
  assert.deepEqual(
    reads.map(({ keys }) => keys),
    [['a'], ['b', 'c']],
  );
  reads[1]!.answer({ b: 'B' });
  // oxlint-disable-next-line typescript/await-thenable -- each may be a promise or a value
  assert.deepEqual(await Promise.all(others), ['B', undefined, 'B', 'A']);
});

test('a flood of made-up keys costs few reads, and is rejected beyond the limit', async () => {
  const { cache, reads } = scripted();
  const asked = Array.from({ length: 10_001 }, (_, i) => cache.get(`k${i}`));
  const { reason, retryAfterMs } = await refusalOf(() => cache.get('one more'));
  assert.deepEqual([reason, retryAfterMs], ['OVERLOADED', 1000]);
  // There are more after each turn.
  for (const read of reads) {
    read.answer({});
    await nextTurn();
  }
  // oxlint-disable-next-line typescript/await-thenable -- each may be a promise or a value
  await Promise.all(asked);
  assert.equal(reads.length, 1 + 10_000 / 500);
});

test('made-up keys do not evict real ones', async () => {
  const { cache, reads } = scripted(2);
  const ask = async (key: string, values: Record<string, string>): Promise<void> => {
    const asked = cache.get(key);
    reads.at(-1)!.answer(values);
    await asked;
    await nextTurn();
  };
  await ask('real', { real: 'R' });
  for (let i = 0; i < 50; i++) await ask(`k${i}`, {});
  assert.equal(cache.get('real'), 'R');
  await ask('second', { second: 'S' });
  await ask('third', { third: 'T' });
  assert.ok(cache.get('real') instanceof Promise, 'real ones have a bound of their own');
});

test('what was read before a clearing is not believed after it', async () => {
  const { cache, reads } = scripted();
  const before = cache.get('a');
  cache.clear();
  const after = cache.get('a');
  reads[0]!.answer({ a: 'old' });
  assert.equal(await before, 'old');
  await nextTurn();
  assert.deepEqual(reads[1]?.keys, ['a'], 'whoever asks afterwards gets a read of his own');
  assert.ok(cache.get('a') instanceof Promise, 'the old answer is not remembered');
  reads[1].answer({});
  assert.equal(await after, undefined);
  assert.equal(cache.get('a'), undefined);
});

test('the error of a read is thrown to its callers and not cached', async () => {
  const { cache, reads } = scripted();
  const asked = Promise.resolve(cache.get('a'));
  reads[0]!.fail(new Error('broken'));
  await assert.rejects(asked, /broken/);
  await nextTurn();
  const again = cache.get('a');
  reads[1]!.answer({ a: 'A' });
  assert.equal(await again, 'A');
});
