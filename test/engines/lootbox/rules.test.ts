import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import type { LootboxDefinition } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import { bindLootbox, openLootboxes, openTransfers } from '../../../src/engines/lootbox/rules.ts';
import { accountId } from '../../../src/journal/index.ts';

const ASSETS = ['WINZ', 'EUR', 'GEMS'];
const assetNo = (code: string): number => ASSETS.indexOf(code);
const SEED = 'ab'.repeat(32);

const UNIT = 1_000_000n;
const units = (min: number, max: number): fc.Arbitrary<bigint> => fc.integer({ min, max }).map((n) => BigInt(n) * UNIT);
const reward = { label: fc.string(), asset: fc.constantFrom(...ASSETS), amount: units(0, 10 ** 9) };
const definitions: fc.Arbitrary<LootboxDefinition> = fc
  .record({
    name: fc.constant('a box'),
    price: fc.option(fc.record({ priceAsset: reward.asset, price: units(1, 1000) })),
    rolls: fc.integer({ min: 1, max: 20 }),
    prizes: fc.array(fc.record({ ...reward, weight: fc.bigInt({ min: 1n, max: 10n ** 6n }) }), {
      minLength: 1,
      maxLength: 20,
    }),
    guaranteed: fc.array(fc.record({ ...reward, weight: fc.constant(0n) }), { maxLength: 5 }),
  })
  .map(({ price, ...rest }) => ({ ...rest, ...(price ?? { priceAsset: '', price: 0n }) }));
const opens = fc.record({
  definition: definitions,
  count: fc.integer({ min: 1, max: 10 }),
  nonce: fc.nat(),
  clientSeed: fc.constantFrom('', 'words'),
});

interface Opens {
  readonly definition: LootboxDefinition;
  readonly count: number;
  readonly nonce: number;
  readonly clientSeed: string;
}

function open({ definition, count, nonce, clientSeed }: Opens) {
  const lootbox = bindLootbox({ definitionId: 1, code: 'box', version: 1, versionId: 2, content: definition }, assetNo);
  const opened = openLootboxes(lootbox, { serverSeed: SEED, clientSeed, nonce }, count);
  return { lootbox, opened, transfers: openTransfers(lootbox, 7, opened) };
}

test('transfers pay exactly what was drawn and guaranteed, and debit the price of all opens first', () => {
  fc.assert(
    fc.property(opens, (input) => {
      const { lootbox, opened, transfers } = open(input);
      const { price, priceAsset } = input.definition;
      const credits = priceAsset === '' ? transfers : transfers.slice(1);
      if (priceAsset !== '') {
        const asset = assetNo(priceAsset);
        const amount = price * BigInt(input.count);
        assert.deepEqual(transfers[0], {
          from: accountId('player', 7, asset),
          to: accountId('operator', 0, asset),
          amount,
        });
      }
      for (const code of ASSETS) {
        const won = opened.flatMap(({ rewards }) => rewards).filter(({ asset }) => asset === code);
        const sum = won.reduce((total, { amount }) => total + amount, 0n);
        const paid = credits.filter(({ to }) => to === accountId('player', 7, assetNo(code)));
        assert.equal(
          paid.reduce((total, { amount }) => total + amount, 0n),
          sum,
        );
        assert.ok(paid.length <= 1 && paid.every(({ amount }) => amount > 0n));
        assert.ok(sum <= (lootbox.most.get(assetNo(code)) ?? 0n) * BigInt(input.count));
      }
    }),
  );
});

test('each open pays its rolls in order, then the guaranteed rewards', () => {
  fc.assert(
    fc.property(opens, (input) => {
      const { definition, count } = input;
      const { opened } = open(input);
      assert.equal(opened.length, count);
      for (const { rolls, rewards } of opened) {
        assert.equal(rolls.length, definition.rolls);
        const labels = [
          ...rolls.map((index) => definition.prizes[index]!.label),
          ...definition.guaranteed.map(({ label }) => label),
        ];
        assert.deepEqual(
          rewards.map(({ label }) => label),
          labels,
        );
      }
    }),
  );
});

test('an open of a count is the same draw whatever the count', () => {
  fc.assert(
    fc.property(opens, (input) => {
      const { opened } = open(input);
      assert.deepEqual(open({ ...input, count: 1 }).opened[0], opened[0]);
    }),
  );
});

test('another client seed, nonce or definition is another draw', () => {
  const definition: LootboxDefinition = {
    name: 'a box',
    priceAsset: '',
    price: 0n,
    rolls: 20,
    guaranteed: [],
    prizes: [1n, 2n, 3n, 4n].map((n) => ({ label: String(n), asset: 'WINZ', amount: n * UNIT, weight: n })),
  };
  const guaranteed = [{ label: 'g', asset: 'WINZ', amount: UNIT, weight: 0n }];
  const rolls = (change: object): string =>
    open({ definition, count: 1, nonce: 0, clientSeed: '', ...change }).opened[0]!.rolls.join();
  const all = [{}, { nonce: 1 }, { clientSeed: 'x' }, { definition: { ...definition, guaranteed } }];
  assert.equal(new Set(all.map(rolls)).size, all.length);
});
