import assert from 'node:assert/strict';
import { test } from 'vitest';
import { TokenBuckets } from '../../src/kernel/index.ts';

test('token buckets allow a burst, then the rate', () => {
  const buckets = new TokenBuckets({ perSecond: 10, burst: 3 });
  assert.deepEqual(
    [0, 0, 0, 0].map((nowMs) => buckets.take('a', nowMs)),
    [0, 0, 0, 100],
  );
  assert.equal(buckets.take('a', 99), 1);
  assert.equal(buckets.take('a', 100), 0);
  assert.equal(buckets.take('a', 101), 99);
  assert.equal(buckets.take('b', 101), 0);
  assert.deepEqual(
    [5000, 5000, 5000, 5000].map((nowMs) => buckets.take('a', nowMs)),
    [0, 0, 0, 100],
  );
});

test('how long to wait can be asked without taking a token', () => {
  const buckets = new TokenBuckets({ perSecond: 10, burst: 2 });
  assert.equal(buckets.wait('a', 0), 0);
  buckets.take('a', 0);
  assert.deepEqual([buckets.wait('a', 0), buckets.wait('a', 0)], [0, 0]);
  buckets.take('a', 0);
  assert.deepEqual([buckets.wait('a', 40), buckets.wait('b', 40), buckets.wait('a', 100)], [60, 0, 0]);
});

test('a token that is given back can be taken at once, and they come back with time', () => {
  const buckets = new TokenBuckets({ perSecond: 0.2, burst: 10 });
  const taken = (nowMs: number): number =>
    Array.from({ length: 20 }, () => buckets.take('a', nowMs)).filter((wait) => wait === 0).length;
  assert.equal(taken(1_000_000), 10);
  assert.equal(buckets.take('a', 1_000_000), 5000);
  assert.equal(taken(1_010_000), 2);
  buckets.giveBack('a');
  assert.equal(taken(1_010_000), 1);
  assert.equal(taken(2_000_000), 10, 'never more than that');
});

test('more tokens than are left can be spent, and the next ones wait the longer', () => {
  const buckets = new TokenBuckets({ perSecond: 10, burst: 3 });
  assert.deepEqual([buckets.spend('a', 2, 0), buckets.spend('a', 20, 0)], [0, 0]);
  assert.deepEqual([buckets.spend('a', 1, 0), buckets.take('a', 0), buckets.take('b', 0)], [2000, 2000, 0]);
  assert.deepEqual([buckets.spend('a', 5, 1999), buckets.spend('a', 5, 2000)], [1, 0]);
});
