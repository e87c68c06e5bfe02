import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { test } from 'vitest';
import { matches } from '../../src/events/index.ts';
import { newSecret, revealSecret, signedHeaders } from '../../src/webhooks/secrets.ts';

const keys = { currentId: '2', key: (id: string) => Buffer.alloc(32, id) };
const [old, next] = [revealSecret(keys, newSecret(keys)), revealSecret(keys, newSecret(keys))];
/** Whether a receiver with a secret takes an event. */
function takes(secret: string, headers: Record<string, string>, body: string): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

test('a secret is derived from a master key by its id, and from what is stored, which is never the same', () => {
  const stored = newSecret(keys);
  assert.match(stored, /^2\/[0-9a-f]{32}$/);
  const secret = revealSecret(keys, stored);
  assert.equal(revealSecret({ ...keys, currentId: '3' }, stored), secret);
  assert.notEqual(revealSecret(keys, stored.replace('2/', '1/')), secret);
  assert.notEqual(old, next);
  assert.throws(() => revealSecret(keys, '2/abc'));
});

test('a receiver takes an event that is signed with its secret, whichever of two that is, and no other', () => {
  const now = new Date();
  const headers = signedHeaders([old, next], 'e1', now, '{"a":1}');
  assert.equal(headers['webhook-timestamp'], String(Math.floor(now.getTime() / 1000)));
  for (const secret of [old, next]) assert.equal(takes(secret, headers, '{"a":1}'), true);
  assert.equal(takes(revealSecret(keys, newSecret(keys)), headers, '{"a":1}'), false);
  assert.equal(takes(old, headers, '{"a":2}'), false);
  assert.equal(takes(old, { ...headers, 'webhook-id': 'e2' }, '{"a":1}'), false);
  assert.equal(takes(next, signedHeaders([old], 'e1', now, '{}'), '{}'), false);
});

test('a pattern is of one type, of all types of one engine, or of all', () => {
  const found = (pattern: string): string[] =>
    ['lootbox.opened', 'lootboxes.opened', 'lootbox', 'jackpot.dropped'].filter((type) => matches(pattern, type));
  assert.deepEqual(found('lootbox.opened'), ['lootbox.opened']);
  assert.deepEqual(found('lootbox.*'), ['lootbox.opened']);
  assert.equal(found('*').length, 4);
  for (const none of ['lootbox.', 'lootbox*', '.*', '']) assert.deepEqual(found(none), []);
});
