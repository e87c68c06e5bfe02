import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindLootbox, openLootboxes, openTransfers, type Definition } from '../../../src/engines/lootbox/rules.ts';
import { accountId } from '../../../src/journal/index.ts';
import { parseDecimal } from '../../../src/kernel/index.ts';

const ASSETS = ['WINZ', 'EUR', 'GEMS'];
const assetNo = (code: string): number => ASSETS.indexOf(code);
const SEED = 'ab'.repeat(32);

const reward = { asset: fc.constantFrom(...ASSETS), amount: fc.integer({ min: 0, max: 10 ** 9 }).map(String) };
const definitions: fc.Arbitrary<Definition> = fc.record({
  name: fc.constant('a box'),
  price: fc.option(fc.record({ asset: reward.asset, amount: fc.integer({ min: 1, max: 1000 }).map(String) })),
  rolls: fc.integer({ min: 1, max: 20 }),
  prizes: fc.array(fc.record({ label: fc.string(), ...reward, weight: fc.integer({ min: 1, max: 10 ** 6 }) }), { minLength: 1, maxLength: 20 }),
  guaranteed: fc.array(fc.record({ label: fc.string(), ...reward }), { maxLength: 5 }),
});
const opens = fc.record({ definition: definitions, count: fc.integer({ min: 1, max: 10 }), nonce: fc.nat(), clientSeed: fc.constantFrom('', 'words') });

function open({ definition, count, nonce, clientSeed }: { definition: Definition; count: number; nonce: number; clientSeed: string }) {
  const lootbox = bindLootbox({ id: 1, code: 'box', version: 1, versionId: 2, definition }, assetNo);
  const opened = openLootboxes(lootbox, { serverSeed: SEED, clientSeed, nonce }, count);
  return { lootbox, opened, transfers: openTransfers(lootbox, 7, opened) };
}

test('transfers pay exactly what was drawn and guaranteed, and debit the price of all opens first', () => {
  fc.assert(fc.property(opens, (input) => {
    const { lootbox, opened, transfers } = open(input);
    const { price } = input.definition;
    const credits = price === null ? transfers : transfers.slice(1);
    if (price !== null) {
      const asset = assetNo(price.asset);
      const amount = parseDecimal(price.amount)! * BigInt(input.count);
      assert.deepEqual(transfers[0], { from: accountId('player', 7, asset), to: accountId('operator', 0, asset), amount });
    }
    for (const code of ASSETS) {
      const won = opened.flatMap(({ rewards }) => rewards).filter(({ asset }) => asset === code);
      const sum = won.reduce((total, { amount }) => total + amount, 0n);
      const paid = credits.filter(({ to }) => to === accountId('player', 7, assetNo(code)));
      assert.equal(paid.reduce((total, { amount }) => total + amount, 0n), sum);
      assert.ok(paid.length <= 1 && paid.every(({ amount }) => amount > 0n));
      assert.ok(sum <= (lootbox.most.get(assetNo(code)) ?? 0n) * BigInt(input.count));
    }
  }));
});

test('each open gives its rolls in order, then the guaranteed rewards', () => {
  fc.assert(fc.property(opens, (input) => {
    const { definition, count } = input;
    const { opened } = open(input);
    assert.equal(opened.length, count);
    for (const { rolls, rewards } of opened) {
      assert.equal(rolls.length, definition.rolls);
      const labels = [...rolls.map((index) => definition.prizes[index]!.label), ...definition.guaranteed.map(({ label }) => label)];
      assert.deepEqual(rewards.map(({ label }) => label), labels);
    }
  }));
});

test('an open of a count is the same draw whatever the count', () => {
  fc.assert(fc.property(opens, (input) => {
    const { opened } = open(input);
    assert.deepEqual(open({ ...input, count: 1 }).opened[0], opened[0]);
  }));
});

test('another client seed, nonce or definition is another draw', () => {
  const definition: Definition = {
    name: 'a box', price: null, rolls: 20, guaranteed: [],
    prizes: [1, 2, 3, 4].map((n) => ({ label: String(n), asset: 'WINZ', amount: String(n), weight: n })),
  };
  const rolls = (change: object): string => open({ definition, count: 1, nonce: 0, clientSeed: '', ...change }).opened[0]!.rolls.join();
  const all = [{}, { nonce: 1 }, { clientSeed: 'x' }, { definition: { ...definition, guaranteed: [{ label: 'g', asset: 'WINZ', amount: '1' }] } }];
  assert.equal(new Set(all.map(rolls)).size, all.length);
});
