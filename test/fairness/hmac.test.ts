import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import { test } from 'vitest';
import { HmacKey } from '../../src/fairness/hmac.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const text = fc.string({ unit: 'binary', maxLength: 1_500 }).filter((message) => message.isWellFormed());

test('equals HMAC-SHA256 of node:crypto for keys and messages of any length', () => {
  fc.assert(
    fc.property(bytes(200), text, (key, message) => {
      const expected = createHmac('sha256', key).update(message).digest();
      assert.equal(new HmacKey(key).hex(message), expected.toString('hex'));
      assert.equal(new HmacKey(key).latin1(message), expected.toString('latin1'));
    }),
    { numRuns: 1_000 },
  );
});

test('equals it at the lengths where blocks and work space end', () => {
  for (const keyLength of [0, 31, 32, 33, 63, 64, 65, 128]) {
    for (const length of [0, 1, 55, 56, 63, 64, 340, 341, 342, 1_023, 1_024, 1_025, 5_000]) {
      const [key, message] = [Buffer.alloc(keyLength, 0xa7), 'm'.repeat(length)];
      for (const text of [message, '緑'.repeat(length)])
        assert.equal(new HmacKey(key).hex(text), createHmac('sha256', key).update(text).digest('hex'));
    }
  }
});

test('keys share work space without disturbing each other', () => {
  const keys = Array.from({ length: 5 }, (_, index) => new HmacKey(Buffer.alloc(index * 20, index)));
  const first = keys.map((key) => key.hex('message'));
  assert.deepEqual(
    keys.toReversed().map((key) => key.hex('message')),
    first.toReversed(),
  );
});
