import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { test } from 'vitest';
import { QUICKNET } from '../../src/fairness/beacon.ts';
import { digestOf } from '../../src/fairness/records/record.ts';
import { timeText } from '../../src/kernel/index.ts';
import { verifyRecord } from '../../src/fairness/records/verify.ts';
import { tableRecord } from './sample-records.ts';
import { recordCases } from './sample-records-2.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const seed = fc.stringMatching(/^[ -~]{0,64}$/);
const micros = fc.bigInt({ min: 0n, max: 10n ** 12n });
const item = fc.record(
  {
    kind: fc.constantFrom('item', 'role'),
    code: text,
    quantity: fc.integer({ min: 1, max: 9 }),
    expiresAfterSeconds: fc.integer({ min: 1, max: 99 }),
  },
  { requiredKeys: ['kind', 'code', 'quantity'] },
);
const reward = fc.oneof(
  fc.record({ label: text, asset: fc.constantFrom('WINZ', 'EUR', ''), amount: micros }),
  fc.record({ label: text, item }).map((one) => ({ ...one, asset: '', amount: 0n })),
);
const prize = fc
  .tuple(reward, fc.integer({ min: 1, max: 9 }), fc.option(fc.nat(2), { nil: undefined }))
  .map(([one, weight, stock]) => ({ ...one, weight, ...(stock === undefined ? {} : { stock }) }));
const table = fc.record({
  guaranteed: fc.array(reward, { maxLength: 2 }),
  prizes: fc.uniqueArray(prize, { minLength: 1, maxLength: 6, selector: ({ label }) => label }),
  rolls: fc.integer({ min: 1, max: 5 }),
  cost: fc.record({ asset: fc.constant('WINZ'), amount: micros, freeAsset: fc.constantFrom('', 'FREE') }),
});

/** Proofs over tables of every shape. */
const anyTable = fc
  .tuple(table, fc.integer({ min: 1, max: 3 }), seed, seed, fc.nat(99))
  .map(([of, count, own, brought, position]) => {
    const { prizes, cost } = of;
    const fallback = prizes.find((one) => !('stock' in one))?.label;
    const named = prizes.map((one, i) => ('stock' in one && i % 2 === 0 && fallback ? { ...one, fallback } : one));
    return tableRecord({
      count,
      position,
      table: { ...of, prizes: named },
      freePlays: cost.freeAsset === '' ? 0 : count - 1,
      won: prizes.map((_, i) => i % 3),
      clientSeeds: [
        { origin: own === '' ? 'none' : 'player', seed: own },
        { origin: brought === '' ? 'none' : 'request', seed: brought },
      ],
      head: { operator: 'Acme "Ltd" 緑', definition: { engine: 'lootbox', id: 'a.b@c', version: count } },
    });
  });
const options = { entries: [], beacon: QUICKNET };

test('a record is the canonical text of what it says', () => {
  fc.assert(fc.property(anyTable, ({ record }) => canonicalize(JSON.parse(record)) === record));
});

test('a time has six decimals, before and after 1970 milliseconds', () => {
  assert.equal(timeText(1_795_000_000_123_456), '2026-11-18T11:06:40.123456Z');
  assert.equal(timeText(7), '1970-01-01T00:00:00.000007Z');
});

test('every proof that is made verifies', () => {
  fc.assert(
    fc.property(anyTable, (proof) => {
      assert.deepEqual(verifyRecord(proof, options), { valid: true, failures: [] });
    }),
  );
});

test('a proof whose digest, config or seed is another fails, and so does one that is still sealed', () => {
  fc.assert(
    fc.property(anyTable, (proof) => {
      const other = proof.digest.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
      for (const field of ['digest', 'server_seed', 'config', 'record'] as const)
        for (const value of ['', other, `${proof[field]} `])
          assert.equal(verifyRecord({ ...proof, [field]: value }, options).valid, false, `${field} ${value}`);
    }),
  );
});

test('a record that says anything else of the draw fails, though its digest fits', () => {
  const proof = tableRecord({
    count: 2,
    table: {
      guaranteed: [{ label: 'gift', asset: 'EUR', amount: 1n }],
      prizes: [{ label: 'big', asset: 'WINZ', amount: 5n, weight: 1, stock: 0 }],
      rolls: 1,
      cost: { asset: 'WINZ', amount: 7n, freeAsset: '' },
    },
    clientSeeds: [
      { origin: 'start', seed: 'own' },
      { origin: 'none', seed: '' },
    ],
  });
  assert.equal(verifyRecord(proof, options).valid, true);
  const changed = (change: (record: any) => void): string[] => {
    const record = JSON.parse(proof.record);
    change(record);
    const forged = canonicalize(record)!;
    return [...verifyRecord({ ...proof, record: forged, digest: digestOf(forged) }, options).failures];
  };
  assert.match(changed((record) => delete record.outcome.opens)[0]!, /record\.outcome\.opens: is missing/);
  assert.match(changed((record) => record.outcome.opens.pop())[0]!, /record\.outcome\.opens: has 1 entries/);
  assert.match(changed((record) => (record.outcome.opens[0].rolls = []))[0]!, /opens\[0\]\.rolls: has 0 entries/);
  assert.match(changed((record) => (record.outcome.price = '0'))[0]!, /record\.outcome\.price: is "0"/);
  assert.match(changed((record) => (record.note = 'paid'))[0]!, /record\.note: is not known/);
  assert.match(changed((record) => (record.outcome.opens[0].sold_out = []))[0]!, /opens\[0\]\.sold_out/);
});

test("a raffle's record verifies with its own sales and the signature of its own round alone", () => {
  const proof = recordCases.find(({ name }) => name === 'raffle: a beacon, two prizes')!;
  const failures = (change: Partial<typeof proof>): string =>
    verifyRecord(
      { ...proof, ...change },
      { entries: change.entries ?? proof.entries, beacon: QUICKNET },
    ).failures.join();
  assert.equal(failures({}), '');
  const other = proof.entries.map((entry) => ({ ...entry, playerHash: 'ab'.repeat(16) }));
  assert.match(failures({ entries: other }), /entries: do not give config\.pool_hash/);
  const record = JSON.parse(proof.record);
  const signature = record.outcome.beacon.signature.replace(/.$/, (digit: string) => (digit === '0' ? '1' : '0'));
  const seed = hash('sha256', Buffer.from(signature, 'hex'), 'hex');
  Object.assign(record.outcome.beacon, { signature });
  Object.assign(record.client_seeds[0], { seed });
  const forged = canonicalize(record)!;
  assert.match(failures({ record: forged, digest: digestOf(forged) }), /beacon\.signature: is not that of round/);
});
