import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { callOptions, hashKey, hashNaturalKey, taskOptions, type KeyScope } from '../../src/journal/index.ts';
import type { Caller } from '../../src/kernel/index.ts';

const SCOPE: KeyScope = { operator: 1, brand: 1001, operation: 'lootbox.open', userId: 'u' };

describe('an idempotency key', () => {
  test('is another one for each operator, brand, operation, player and key', () => {
    const others = [
      hashKey(SCOPE, 'k'),
      hashKey({ ...SCOPE, operator: 2 }, 'k'),
      hashKey({ ...SCOPE, brand: 1002 }, 'k'),
      hashKey({ ...SCOPE, operation: 'lootbox.other' }, 'k'),
      hashKey({ ...SCOPE, userId: 'v' }, 'k'),
      hashKey({ ...SCOPE, userId: null }, 'k'),
      hashKey(SCOPE, 'l'),
    ];
    assert.equal(new Set(others).size, others.length);
    assert.equal(hashKey({ ...SCOPE }, 'k'), others[0]);
  });

  test('has the hash that is stored, for ever', () => {
    assert.equal(hashKey(SCOPE, 'k'), 'fad940d6-8eec-4fff-47ee-082bae5a63c4');
    const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';
    assert.equal(hashKey(SCOPE, uuid), '01890a5d-ac96-efa3-2c7e-bc8e89c6c02e');
    assert.equal(hashNaturalKey(SCOPE, { of: 7, key: 'wager' }), 'ae379261-8a0f-7807-17c0-93e264f1e847');
    assert.equal(taskOptions(1, 7, { operation: 'raffle.draw', of: 7 }).once, '0d83345b-9a7d-bcd4-364f-a4d7ffd7d50c');
  });

  test('does not depend on the case of a UUID that begins its hash, nor on its place in the time', () => {
    const upper = '01890A5D-AC96-774B-BCCE-B302099A8057';
    assert.notEqual(hashKey(SCOPE, upper).slice(0, 13), '01890a5d-ac96');
    // Version 4 has no time in front: its keys go anywhere in the index.
    assert.notEqual(hashKey(SCOPE, '01890a5d-ac96-474b-bcce-b302099a8057').slice(0, 13), '01890a5d-ac96');
  });
});

const caller: Caller = {
  role: 'service',
  operator: 1,
  brand: null,
  scopes: new Set(),
  userId: null,
  name: 'key:1',
};
const sent = { operation: 'lootbox.open', brand: 1001, key: 'k', hash: () => 'hash', route: 7 };
const from = (who: Partial<Caller>) => ({
  caller: { ...caller, ...who },
  signal: new AbortController().signal,
  deadlineMs: 1,
});

describe('a call', () => {
  test("of a player has keys of the player's own; all others share theirs", () => {
    const keyOf = (who: Partial<Caller>): string | undefined => callOptions(from(who), sent).keys[0];
    const player = { role: 'player', userId: 'u' } as const;
    assert.equal(keyOf({}), hashKey({ ...SCOPE, userId: null }, 'k'));
    assert.equal(keyOf(player), hashKey(SCOPE, 'k'));
    assert.notEqual(keyOf({ ...player, userId: 'v' }), keyOf(player));
    assert.equal(keyOf({ role: 'admin', name: 'admin:1' }), keyOf({}));
  });

  test('has its natural key besides, which is the same whoever calls', () => {
    const natural = { of: 7, key: 'wager' };
    const keys = callOptions(from({ role: 'player', userId: 'u' }), { ...sent, natural }).keys;
    assert.deepEqual(keys, [hashKey(SCOPE, 'k'), hashNaturalKey(SCOPE, natural)]);
    assert.deepEqual(callOptions(from({}), { ...sent, key: '', natural }).keys, [hashNaturalKey(SCOPE, natural)]);
    assert.notEqual(hashNaturalKey(SCOPE, natural), hashNaturalKey(SCOPE, { ...natural, of: 8 }));
    assert.notEqual(hashNaturalKey(SCOPE, natural), hashNaturalKey({ ...SCOPE, brand: 1002 }, natural));
    assert.notEqual(hashNaturalKey(SCOPE, natural), hashKey({ ...SCOPE, userId: null }, 'wager'));
  });

  test('has the hash of its request where it has a key, and is told under its caller until its deadline', () => {
    const { requestHash, deadlineMs, route, operator, caller: name } = callOptions(from({}), sent);
    assert.deepEqual([requestHash, deadlineMs, route, operator, name], ['hash', 1, 7, 1, 'key:1']);
    assert.equal(callOptions(from({}), { ...sent, key: '' }).requestHash, '');
    const natural = { of: 7, key: 'wager' };
    assert.equal(callOptions(from({}), { ...sent, key: '', natural }).requestHash, 'hash');
  });

  test('and a task that do the same at most once share its key, in all brands', () => {
    const once = (brand: number, of: number): string | undefined =>
      callOptions(from({}), { ...sent, brand, once: of }).once;
    assert.equal(once(1001, 7), taskOptions(1, 0, { operation: 'lootbox.open', of: 7 }).once);
    assert.equal(once(1002, 7), once(1001, 7));
    assert.notEqual(once(1001, 8), once(1001, 7));
    assert.notEqual(taskOptions(2, 0, { operation: 'lootbox.open', of: 7 }).once, once(1001, 7));
  });
});
