import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

import { test } from 'vitest';
import { MasterKeys, newStream, serverSeed, serverSeedHash, streamKind } from '../../src/fairness/seeds.ts';

const secret = Buffer.alloc(32, 'k');
const keys = new MasterKeys(
  [
    ['2026-a', secret],
    ['2026-b', Buffer.alloc(32, 'l')],
  ],
  '2026-b',
);

test("a stream's name tells its kind and is never the same", () => {
  const name = newStream('pot');
  assert.match(name, /^pot\/[0-9a-f]{32}$/);
  assert.equal(streamKind(name), 'pot');
  assert.notEqual(newStream('pot'), name);
  assert.equal(streamKind('pot/123'), undefined);
  assert.equal(streamKind(`dice/${'0'.repeat(32)}`), undefined);
});

test('seeds differ by master key, stream and position', () => {
  const [a, b] = [keys.key('2026-a'), keys.key('2026-b')];
  const [one, two] = [newStream('player'), newStream('player')];
  const seeds = [serverSeed(a, one, 0), serverSeed(a, one, 1), serverSeed(a, two, 0), serverSeed(b, one, 0)];
  assert.equal(new Set(seeds).size, 4);
  assert.throws(() => serverSeed(a, one, -1), RangeError);
  assert.throws(() => serverSeed(a, one, 0.5), RangeError);
});

test("a seed's hash is that of its hex digits", () => {
  const seed = serverSeed(keys.key('2026-a'), newStream('player'), 0);
  assert.match(seed, /^[0-9a-f]{64}$/);
  assert.equal(serverSeedHash(seed), createHash('sha256').update(Buffer.from(seed, 'ascii')).digest('hex'));
});

test('master keys have 32 bytes, a current one, and do not show', () => {
  assert.throws(() => new MasterKeys([['a', Buffer.alloc(31)]], 'a'), /must have 32 bytes/);
  assert.throws(() => new MasterKeys([['a', secret]], 'b'), /master key b/);
  assert.throws(() => keys.key('2025'), /master key 2025/);
  assert.equal(keys.currentId, '2026-b');
  const shown = inspect(keys, { showHidden: true, depth: 9 }) + JSON.stringify(keys);
  assert.ok(!shown.includes('k'.repeat(4)) && !shown.includes('107, 107'));
});
