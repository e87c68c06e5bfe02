import assert from 'node:assert/strict';
import { test } from 'vitest';
import { Gathered } from '../../src/platform/gathered.ts';

/** Reads that end when they are told to, and what they were asked for. */
function held() {
  const reads: { readonly ids: readonly string[]; end(): void; fail(): void }[] = [];
  const gathered = new Gathered<string>((operator, ids) => {
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, string>>();
    const found = ids.filter((id) => !id.startsWith('no')).map((id) => [id, `${operator}/${id}`] as const);
    reads.push({ ids, end: () => resolve(new Map(found)), fail: () => reject(new Error('down')) });
    return promise;
  });
  return { gathered, reads };
}

test('what is asked for while a read runs is read by the next one, and each caller gets its own', async () => {
  const { gathered, reads } = held();
  const asked = ['a', 'b', 'none', 'b', 'c'].map((id) => gathered.get(1, id));
  assert.deepEqual(
    reads.map(({ ids }) => ids),
    [['a']],
  );
  reads[0]!.end();
  assert.equal(await asked[0], '1/a');
  assert.deepEqual(reads[1]!.ids, ['b', 'none', 'b', 'c']);
  reads[1]!.end();
  assert.deepEqual(await Promise.all(asked), ['1/a', '1/b', undefined, '1/b', '1/c']);
  const later = gathered.get(1, 'a');
  assert.deepEqual(reads[2]!.ids, ['a'], 'what was read is not kept');
  reads[2]!.end();
  assert.equal(await later, '1/a');
});

test('one operator does not wait for another', async () => {
  const { gathered, reads } = held();
  void gathered.get(1, 'a');
  const other = gathered.get(2, 'a');
  reads[1]!.end();
  assert.equal(await other, '2/a');
});

test('a read that fails fails for those who waited for it, and the next one runs', async () => {
  const { gathered, reads } = held();
  const asked = ['a', 'b'].map((id) => gathered.get(1, id));
  reads[0]!.fail();
  await assert.rejects(asked[0]!, /down/);
  reads[1]!.end();
  assert.equal(await asked[1], '1/b');
});

test('no read is for more than a hundred', async () => {
  const { gathered, reads } = held();
  const asked = Array.from({ length: 251 }, (_, i) => gathered.get(1, String(i)));
  for (let read = 0; read < 4; read++) {
    reads[read]!.end();
    await new Promise(setImmediate);
  }
  await Promise.all(asked);
  assert.deepEqual(
    reads.map(({ ids }) => ids.length),
    [1, 100, 100, 50],
  );
});
