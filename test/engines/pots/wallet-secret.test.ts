import assert from 'node:assert/strict';
import { test } from 'vitest';
import { seal, unseal } from '../../../src/engines/pots/wallet/secret.ts';
import { triesMs } from '../../../src/engines/pots/wallet/settings.ts';

const keys = { currentId: '2', key: (id: string) => Buffer.alloc(32, id) };

test('a sealed text is read with its own key and at its own place alone, and never sealed the same twice', () => {
  const sealed = seal(keys, 'a secret', 'wallet/1/1');
  assert.ok(sealed.startsWith('2/') && !sealed.includes('secret'));
  assert.equal(unseal({ ...keys, currentId: '3' }, sealed, 'wallet/1/1'), 'a secret');
  assert.notEqual(seal(keys, 'a secret', 'wallet/1/1'), sealed);
  assert.throws(() => unseal(keys, sealed, 'wallet/2/1'));
  assert.throws(() => unseal({ ...keys, key: () => Buffer.alloc(32, 'x') }, sealed, 'wallet/1/1'));
  assert.throws(() => unseal(keys, `${sealed.slice(0, -2)}AA`, 'wallet/1/1'));
});

test('all tries of a call take what their time-outs and waits take', () => {
  const settings = { url: '', timeoutMs: 10_000, tries: 3, retryMs: 1000, backOff: 2 };
  assert.equal(triesMs(settings), 33_000);
  assert.equal(triesMs({ ...settings, tries: 1 }), 10_000);
});
