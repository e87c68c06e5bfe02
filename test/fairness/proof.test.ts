import assert from 'node:assert/strict';

import fc from 'fast-check';

import { test } from 'vitest';
import { CHANCE_UNIT, type Tier } from '../../src/fairness/gacha.ts';
import type { Proof } from '../../src/fairness/proof.ts';
import { verifyProof } from '../../src/fairness/verify-proof.ts';
import { verify } from '../../src/fairness/verifier/verify.ts';
import { caseOf, cases } from './sample-cases.ts';
import { gachaPrize } from './sample-configs.ts';
import { gachaProof, hitRateProof, raffleProof, tableProof, triggerProof } from './sample-proofs.ts';

const FIRST = { position: 0, clientSeed: '' };
const clientSeed = fc.stringMatching(/^[ -~]{0,64}$/);
const place = fc.record({ position: fc.nat(1_000_000), clientSeed });
const micros = fc.bigInt({ min: 0n, max: 2n ** 63n - 2n });
const word = fc.string({ maxLength: 8 }).filter((label) => label.isWellFormed());
const reward = fc.record({ label: word, asset: word, amount: micros });
const weight = fc.integer({ min: 1, max: 2 ** 40 });
const prize = fc.record({ label: word, asset: word, amount: micros, weight });

const table = fc.record({
  guaranteed: fc.array(reward, { maxLength: 3 }),
  prizes: fc.array(prize, { maxLength: 8 }),
  rolls: fc.integer({ min: 1, max: 20 }),
});
const part = fc.nat(CHANCE_UNIT);
const pity = fc.nat(20);
const box = fc.record({
  prizes: fc
    .array(fc.tuple(fc.constantFrom<Tier>(1, 2, 3, 4), fc.boolean()), { minLength: 1, maxLength: 8 })
    .map((list) => list.map(([tier, rateUp], id) => gachaPrize(id, tier, rateUp))),
  choicesShow: fc.integer({ min: 1, max: 20 }),
  tier2Chance: part,
  tier3Chance: part,
  tier4Chance: fc.nat(CHANCE_UNIT / 10),
  tier4ChanceMax: fc.integer({ min: CHANCE_UNIT / 10, max: CHANCE_UNIT }),
  tier4ChanceStop: pity,
  tier3Guarantee: pity,
  tier4Guarantee: pity,
  rateUpChance: part,
});
const pots = fc.array(fc.tuple(fc.bigInt(1n, 10n ** 9n), fc.integer({ min: 1, max: 50 }), fc.bigInt(0n, 10n ** 6n)), {
  minLength: 1,
  maxLength: 4,
});
const sale = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 50 }));
const sales = fc.array(sale, { maxLength: 12 });
const kinds = fc.constantFrom('value' as const, 'time' as const);

/** Proofs of every recipe over configs and inputs of every kind. */
const anyProof: fc.Arbitrary<Proof> = fc.oneof(
  fc.tuple(table, place, fc.integer({ min: 1, max: 4 })).map(([of, at, count]) => tableProof(of, at, count)),
  fc.tuple(box, pity, pity, place).map(([of, sinceTier3, sinceTier4, at]) => {
    return gachaProof(of, { sinceTier3, sinceTier4 }, at);
  }),
  fc.tuple(pots, place, fc.nat()).map(([list, at, nonce]) => {
    const rules = list.map(([cost, n], index) => ({ id: `pot ${index}`, cost, n }));
    return hitRateProof(
      rules,
      list.map(([cost, , share]) => (cost * share) / 100_000n),
      { ...at, nonce },
    );
  }),
  fc.tuple(micros, micros, kinds, place).map(([a, b, kind, at]) => {
    const scale = kind === 'time' ? 10n ** 5n : 1n;
    const [from, to] = [(a < b ? a : b) / scale + 1n, (a < b ? b : a) / scale + 1n];
    return triggerProof({ kind, from, to }, true, at);
  }),
  fc.tuple(sales, fc.integer({ min: 1, max: 6 }), fc.boolean(), place).map(([list, winners, single, at]) => {
    return raffleProof(list, { winners, onePerPlayer: single }, at);
  }),
);

test('proofs of any config and inputs are valid for both verifiers', () => {
  fc.assert(
    fc.property(anyProof, (proof) => {
      assert.deepEqual(verifyProof(proof).failures, []);
      assert.deepEqual(verify(proof), []);
    }),
    { numRuns: 1_000 },
  );
});

/** What only the server can state; an amount, as long as it buys the same number of attempts. */
const statements: Readonly<Record<Proof['recipe'], readonly string[]>> = {
  table: ['seed_readable_since', 'stream'],
  gacha: ['seed_readable_since', 'stream'],
  hit_rate: ['seed_readable_since', 'stream', 'position', 'hit_rate.pots[0].amount'],
  trigger: ['seed_readable_since', 'stream', 'position', 'trigger.after'],
  raffle: ['seed_readable_since', 'stream', 'position'],
};

/** Every leaf of a JSON value: its path, and the same value with that leaf changed. */
function* changes(value: unknown, path = ''): Generator<[path: string, changed: unknown]> {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const inside = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      for (const [at, changed] of changes(inner, inside)) {
        yield [at, Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed }];
      }
    }
  } else if (typeof value === 'number') yield [path, value + 1];
  else if (typeof value === 'boolean') yield [path, !value];
  else if (typeof value === 'string') yield [path, nextText(value)];
}

/**
 * A text of the same form: the last digit or letter is another one, and still a hex digit where it was one.
 */
function nextText(text: string): string {
  return text === '' ? 'x' : text.replace(/(\d)(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
}

const sensitive = [
  'table: longest client seed',
  'table: five rolls, two blocks',
  'gacha: nine prizes',
  'hit rate: no hit in ten attempts and a third',
  'trigger: value',
  'raffle: several winners, tickets leave one by one',
];

for (const name of sensitive) {
  test(`no single field can be changed: ${name}`, () => {
    const proof = caseOf<Proof>(name);
    for (const [path, changed] of changes(proof)) {
      const found = !verifyProof(changed as Proof).valid;
      assert.equal(verify(changed).length > 0, found, path);
      const same = JSON.stringify(changed) === JSON.stringify(proof);
      if (!same) assert.equal(found, !statements[proof.recipe].includes(path), path);
    }
  });
}

/** Every list inside a value: its path, and the same value with the list cut, empty, or away. */
function* cuts(value: any, path = ''): Generator<[path: string, changed: any]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const inside = path === '' ? key : `${path}.${key}`;
    const put = (changed: unknown): any =>
      Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    if (Array.isArray(inner) && inner.length > 0) {
      // How many opens there were, a proof of windfall/1 does not say.
      if (inside !== 'opens') yield [inside, put(inner.slice(0, -1))];
      yield [inside, put([])];
      yield [inside, put(undefined)];
    }
    for (const [at, changed] of cuts(inner, inside)) yield [at, put(changed)];
  }
}

test('a proof whose lists are cut, or away, is not valid', () => {
  let found = 0;
  for (const { name, proof } of cases)
    for (const [path, changed] of cuts(proof)) {
      assert.notDeepEqual(verify(changed), [], `${name}: ${path}`);
      found++;
    }
  assert.ok(found > 100, String(found));
});

test('sales of a raffle follow each other without a gap', () => {
  const proof = structuredClone(
    raffleProof(
      [
        ['a', 2],
        ['b', 3],
      ],
      { winners: 1, onePerPlayer: false },
      FIRST,
    ),
  ) as any;
  assert.equal(verifyProof(proof).valid, true);
  for (const first of [1, 3]) {
    proof.raffle.entries[1].first_ticket = first;
    assert.match(verifyProof(proof).failures.join(), /raffle\.entries\[1\]\.first_ticket: is not 2/);
  }
});

test('a proof with any values gets a verdict', () => {
  const junk = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.constantFrom('', -1, 2 ** 60));
  fc.assert(
    fc.property(fc.constantFrom(...sensitive), fc.nat(), junk, (name, choice, value) => {
      const proof = caseOf<Proof>(name);
      const paths = [...changes(proof)];
      const [path] = paths[choice % paths.length]!;
      const spoilt = structuredClone(proof) as any;
      const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
      const last = keys.pop()!;
      const holder = keys.reduce((inner, key) => inner[key], spoilt);
      if (typeof holder[last] === typeof value) holder[last] = value;
      assert.equal(verifyProof(spoilt).valid, verify(spoilt).length === 0, path);
    }),
    { numRuns: 2_000 },
  );
});
