import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePageNumber, decodePageToken, encodePageToken } from '../../src/kernel/index.ts';
import { refusalOf } from './fixture.ts';

async function assertRefused(decode: () => unknown): Promise<void> {
  const { reason, fields } = await refusalOf(decode);
  assert.deepEqual([reason, fields[0]?.field], ['INVALID_ARGUMENT', 'page_token']);
}

test('a token gives its position back, whatever that is', () => {
  for (const position of ['12', '', 'StarlordV7', 'é"\\\n', '[1]']) {
    assert.equal(decodePageToken('keys/1', encodePageToken('keys/1', position)), position);
  }
  assert.equal(decodePageNumber('keys/1', encodePageToken('keys/1', '12')), 12);
});

test('a token of another list is refused', () =>
  assertRefused(() => decodePageToken('keys/2', encodePageToken('keys/1', '12'))));

test('a changed token is refused', async () => {
  const [sum] = JSON.parse(Buffer.from(encodePageToken('keys/1', '12'), 'base64url').toString()) as string[];
  const changed = Buffer.from(JSON.stringify([sum, '13'])).toString('base64url');
  await assertRefused(() => decodePageToken('keys/1', changed));
});

test('what is no token is refused', async () => {
  const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const token of ['', 'x', '%%%', json(null), json(1), json({}), json([]), json([null, null])]) {
    await assertRefused(() => decodePageToken('keys/1', token));
  }
});

test('a position that is no number above 0 is refused, the checksum being no secret', async () => {
  for (const position of ['', '0', '-1', '1.5', '1e3', 'x', '9'.repeat(16)]) {
    await assertRefused(() => decodePageNumber('keys/1', encodePageToken('keys/1', position)));
  }
});
