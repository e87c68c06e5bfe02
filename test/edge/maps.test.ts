import assert from 'node:assert/strict';
import { afterAll, describe, test } from 'vitest';
import { http1 } from './http.ts';
import { skip, startRest } from './rest.ts';

const running = await startRest();

/** All that the contract asks of a CheckRequest. */
const VALID = {
  length: 'abc',
  uuid: '01a1fce8-b138-7000-bb83-f47ee0bc36d0',
  word: 'yes',
  required_text: 'a',
  large: '10',
  chosen: 1,
  ratio: 0.5,
  colour: 1,
  blob: 'YQ==',
  tags: ['a'],
  items: [{ code: 'AB', weight: 1 }],
  item: { code: 'AB', weight: 1 },
  url: 'x',
};

describe('maps in answers', { skip }, () => {
  const client = http1(running?.edge.base ?? '');
  afterAll(() => client[Symbol.dispose]());

  test('may have keys and values that are empty: Envoy would crash at entries that leave them out', async () => {
    const reply = await client.send('POST', '/probe/check', { ...VALID, labels: { a: '', b: 'x' } });
    assert.deepEqual(reply.json.failure.details, { a: '', b: 'x' }, reply.text);
    const metadata = { '': 0, a: [{ '': '' }] };
    const made = await client.send(
      'POST',
      '/probe/things',
      { thing: { id: 'a', metadata } },
      { authorization: 'Bearer all' },
    );
    assert.deepEqual(made.json.thing.metadata, metadata, made.text);
  });
});
