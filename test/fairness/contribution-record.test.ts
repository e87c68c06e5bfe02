import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { test } from 'vitest';
import { QUICKNET } from '../../src/fairness/beacon.ts';
import { digestOf, type RecordProof } from '../../src/fairness/records/record.ts';
import { verifyRecord } from '../../src/fairness/records/verify.ts';
import { isDrawn, type JackpotConfig } from '../../src/fairness/index.ts';
import { jackpots, jackpotOf, potOf, UNIT } from './pots.ts';
import { contributionRecord, type ContributionSample } from './sample-contributions.ts';

const options = { entries: [], beacon: QUICKNET };
const amounts = fc.bigInt({ min: 0n, max: 30n * UNIT });
const drawn = jackpots.filter(isDrawn);

const samples: fc.Arbitrary<ContributionSample> = fc
  .tuple(drawn, fc.array(fc.tuple(amounts, amounts, amounts), { minLength: 4, maxLength: 4 }), amounts, fc.nat(9))
  .map(([config, all, amount, nonce]) => ({
    config,
    nonce,
    amount: amount + 1n,
    wager: all[0]![0] % UNIT,
    pots: config.pots.map(({ seed, terms }, i) => potBefore(seed, terms.mustDropValue, all[i]!)),
    clientSeeds: [
      { origin: 'start', seed: 'own' },
      { origin: 'request', seed: `w-${nonce}` },
    ],
  }));

function potBefore(seed: bigint, bound: bigint | null, [more, reserve, surplus]: readonly [bigint, bigint, bigint]) {
  const value = bound === null ? seed + more : seed + (more % (bound - seed));
  return { value, reserve, surplus, drawnAt: bound === null ? 0n : seed + (value - seed) / 2n, cycle: 3, sum: reserve };
}

test('the record of a contribution is canonical text, and verifies', () => {
  let wins = 0;
  fc.assert(
    fc.property(samples, (sample) => {
      const proof = contributionRecord(sample);
      assert.equal(canonicalize(JSON.parse(proof.record)), proof.record);
      assert.deepEqual(verifyRecord(proof, options), { valid: true, failures: [] });
      wins += JSON.parse(proof.record).outcome.pots.filter((pot: any) => pot.won !== null).length;
    }),
    { numRuns: 500 },
  );
  assert.ok(wins > 50, `only ${wins} wins`);
});

const config: JackpotConfig = jackpotOf('first', [
  potOf({ id: 'a', share: UNIT / 2n, seedShare: UNIT / 10n, seed: UNIT, terms: { mustDropValue: 5n * UNIT } }),
  potOf({ id: 'b', share: UNIT / 3n, terms: { hitRate: { cost: UNIT, odds: 3 }, maxStep: UNIT, maxValue: 9n * UNIT } }),
]).jackpot;
const sample: ContributionSample = {
  config,
  amount: 4n * UNIT,
  nonce: 7,
  pots: [
    { value: 4n * UNIT, reserve: 3n * UNIT, surplus: 1n, drawnAt: 3n * UNIT, cycle: 2, sum: 9n * UNIT },
    { value: UNIT, reserve: 0n, surplus: 0n, drawnAt: 0n, cycle: 1, sum: UNIT },
  ],
  clientSeeds: [
    { origin: 'player', seed: 'own' },
    { origin: 'request', seed: 'wager' },
  ],
};

/** The failures after a change of the record, whose digest fits. */
function changed(proof: RecordProof, change: (record: any) => void): readonly string[] {
  const record = JSON.parse(proof.record);
  change(record);
  const forged = canonicalize(record)!;
  return verifyRecord({ ...proof, record: forged, digest: digestOf(forged) }, options).failures;
}

test('a record that says anything else of a contribution fails', () => {
  const proof = contributionRecord(sample);
  assert.deepEqual(
    changed(proof, () => undefined),
    [],
  );
  const { pots } = JSON.parse(proof.record).outcome;
  assert.equal(pots[0].won.by, 'must_drop_value', 'the sample wins nothing');
  const fields = Object.keys(pots[0]).filter((key) => !['cycle', 'cycle_contributed', 'won'].includes(key));
  const other = (value: unknown) => (typeof value === 'number' ? value + 1 : value === '0' ? '1' : `1${String(value)}`);
  for (const i of [0, 1])
    for (const key of fields)
      assert.notDeepEqual(
        changed(proof, ({ outcome }) => (outcome.pots[i][key] = other(pots[i][key]))),
        [],
        `${i}.${key}`,
      );
  // What was left of the surplus before is only stated, if the new start needs none of it.
  for (const key of Object.keys(pots[0].won).filter((one) => one !== 'surplus_before'))
    assert.notDeepEqual(
      changed(proof, ({ outcome }) => (outcome.pots[0].won[key] = other(pots[0].won[key]))),
      [],
      key,
    );
  for (const change of [
    ({ outcome }: any) => (outcome.amount = '4.000001'),
    ({ outcome }: any) => (outcome.house = '0'),
    ({ outcome }: any) => (outcome.words += 1),
    ({ outcome }: any) => (outcome.pots[0].won = null),
    ({ outcome }: any) => outcome.pots.pop(),
    ({ outcome }: any) => (outcome.pots[0].paid = '5'),
    ({ outcome }: any) => delete outcome.pots[1].cycle,
    ({ outcome }: any) => (outcome.pots[0].cycle_contributed = '0'),
    (record: any) => record.client_seeds.pop(),
  ])
    assert.notDeepEqual(changed(proof, change), [], String(change));
});

test('another chain, nonce or client seed is another draw', () => {
  const outcomes = ['0', '1', '2', '3', '4', '5', '6', '7'].map((digit) => {
    const { outcome } = JSON.parse(contributionRecord({ ...sample, amount: UNIT, chain: digit.repeat(64) }).record);
    return JSON.stringify(outcome.pots);
  });
  assert.ok(new Set(outcomes).size > 1);
  const proof = contributionRecord({ ...sample, amount: UNIT });
  const failures = '123456789abcdef'
    .split('')
    .map((digit) => changed(proof, ({ outcome }) => (outcome.chain = digit.repeat(64))).length);
  assert.ok(
    failures.some((count) => count > 0),
    'the chain changes nothing',
  );
  const nonces = Array.from({ length: 26 }, (_, i) => i).map(
    (nonce) => changed(proof, (record) => (record.nonce = nonce)).length,
  );
  assert.ok(
    nonces.some((count) => count > 0),
    'the nonce changes nothing',
  );
  const seeds = 'abcdefghijklmnopqrstuvwxyz'
    .split('')
    .map((seed) => changed(proof, (record) => (record.client_seeds[0].seed = seed)).length);
  assert.ok(
    seeds.some((count) => count > 0),
    "the player's own seed changes nothing",
  );
});
