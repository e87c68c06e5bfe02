import assert from 'node:assert/strict';
import { test } from 'vitest';
import { etagOf, isNamed } from '../../src/rpc/etag.ts';

const KEY = Buffer.alloc(32, 1);
const etag = etagOf(KEY, ['a', 1n, new Map([['b', 2]])]);

test('a tag is weak, and differs with each part and each key', () => {
  assert.match(etag, /^W\/"[\w-]{22}"$/);
  assert.equal(etagOf(KEY, ['a', 1n, new Map([['b', 2]])]), etag);
  const others = [['b'], ['a', 2n, new Map([['b', 2]])], ['a', 1n, new Map([['b', 3]])], ['a', 1n, new Map()], []];
  const tags = new Set([etag, etagOf(Buffer.alloc(32, 2), ['a', 1n, new Map([['b', 2]])])]);
  for (const parts of others) tags.add(etagOf(KEY, parts));
  assert.equal(tags.size, 7);
});

test('a header names a tag alone, in a list, as a strong one, or by *', () => {
  const strong = etag.slice(2);
  for (const header of [etag, strong, `"x", ${etag}`, `${etag},"x"`, `W/"x" , ${strong} ,W/"y"`, '*', ' * ']) {
    assert.ok(isNamed(etag, header), header);
  }
  for (const header of ['', 'x', '"x"', strong.slice(1, -1), `"x${strong.slice(1)}`, '"*"', `w/${strong.slice(1)}`]) {
    assert.ok(!isNamed(etag, header), header);
  }
});
