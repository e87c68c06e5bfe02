import assert from 'node:assert/strict';
import { test } from 'vitest';
import { ApiError, failureOf } from '../../src/kernel/index.ts';

const codeOf = (): number => 8;

test('the failure of an item has all that the error of a single call has', () => {
  const fields = [{ field: 'amount', description: 'must be above 0', reason: 'DOUBLE_GT' }];
  const error = new ApiError('OVERLOADED', 'the queue is full', { details: { a: 'b' }, fields, retryAfterMs: 1250 });
  assert.deepEqual(failureOf(error, codeOf), {
    code: 8,
    reason: 'OVERLOADED',
    message: 'the queue is full',
    details: new Map([['a', 'b']]),
    fields,
    retryDelay: { seconds: 1n, nanos: 250_000_000 },
  });
});

test('a failure has no retry delay where waiting does not help', () => {
  assert.equal(failureOf(new ApiError('OVERLOADED', 'full'), codeOf).retryDelay, undefined);
});
