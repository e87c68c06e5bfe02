import assert from 'node:assert/strict';
import { test } from 'vitest';
import { LootboxDefinition, type LootboxOpened } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import { lootboxes } from '../../../src/engines/lootbox/definition.ts';
import { firstLootboxOpened, firstPlaysToProve, readFirstOpened } from '../../../src/engines/lootbox/first-version.ts';
import {
  bindTable,
  drawOpens,
  MasterKeys,
  proofHead,
  serverSeed,
  serverSeedHash,
  verifyProof,
} from '../../../src/fairness/index.ts';
import { outcomeMessages, prizeTable } from '../../../src/prizes/index.ts';

const UNIT = 1_000_000n;
const keys = new MasterKeys([['1', Buffer.alloc(32, 7)]], '1');
const STREAM = 'player/00112233445566778899aabbccddeeff';
const stored = LootboxDefinition.encode({
  name: 'Old box',
  priceAsset: 'WINZ',
  price: 5n * UNIT,
  rolls: 2,
  prizes: [
    { label: 'blank', asset: '', amount: 0n, weight: 1n },
    { label: 'some', asset: 'WINZ', amount: 3n * UNIT, weight: 2n },
  ],
  guaranteed: [{ label: 'gift', asset: 'EUR', amount: UNIT, weight: 0n }],
}).finish();

test('a definition of the first format has the config hash that its draws were bound to', () => {
  const content = lootboxes.read(1, stored);
  const config =
    '{"guaranteed":[{"amount":"1","asset":"EUR","label":"gift"}],"prizes":[' +
    '{"amount":"0","asset":"","label":"blank","weight":1},' +
    '{"amount":"3","asset":"WINZ","label":"some","weight":2}],"rolls":2}';
  assert.equal(bindTable(prizeTable(content)).config, config);
  // The next version is stored in the present format, and says the same.
  assert.deepEqual(lootboxes.read(lootboxes.format, lootboxes.encode(content)), content);
});

test('an open of the first version is answered and proven as it was', () => {
  const table = bindTable(prizeTable(lootboxes.read(1, stored)));
  const secret = serverSeed(keys.key('1'), STREAM, 3);
  const opens = drawOpens({ serverSeed: secret, clientSeed: 'words', nonce: 3 }, table, 2);
  const data: LootboxOpened = {
    lootbox: 1n,
    version: 1n,
    versionId: 2n,
    player: 3n,
    priceAsset: 4n,
    price: 10n * UNIT,
    draw: {
      stream: 192n,
      streamName: STREAM,
      keyId: '1',
      position: 3n,
      clientSeed: 'words',
      clientSeedOrigin: 1,
      readableSince: 1_795_000_000_000_000n,
      configHash: Buffer.from(table.configHash, 'hex'),
    },
    opens: opens.map(({ rolls, wordsConsumed }) => ({
      rolls: [...rolls],
      words: wordsConsumed,
      rewards: [
        ...rolls.map((index) =>
          index === 0 ? { label: 'blank', asset: 0n, amount: 0n } : { label: 'some', asset: 4n, amount: 3n * UNIT },
        ),
        { label: 'gift', asset: 5n, amount: UNIT },
      ],
    })),
  };
  const { played, seeds } = readFirstOpened({ kind: firstLootboxOpened, id: 192, data, transfers: [] }, keys);
  assert.deepEqual([seeds.clientSeed, seeds.serverSeed, seeds.nonce], ['words', secret, 3n]);
  assert.equal(seeds.nextServerSeedHash, serverSeedHash(serverSeed(keys.key('1'), STREAM, 4)));
  assert.equal(seeds.configHash, table.configHash);
  const told = outcomeMessages(played, (asset) => (asset === 4 ? 'WINZ' : 'EUR'));
  assert.deepEqual(
    told.map((rewards) => rewards.map(({ segmentLabel, kind, amount }) => [segmentLabel, kind, amount])),
    opens.map(({ rolls }) => [
      ...rolls.map((index) => (index === 0 ? ['blank', 'nothing', undefined] : ['some', 'asset', 3])),
      ['gift', 'asset', 1],
    ]),
  );
  const { use, plays } = firstPlaysToProve(data);
  const proof = {
    ...proofHead(keys, use, table),
    recipe: 'table' as const,
    opens: plays.map(({ rolls, words }, sub) => ({ sub, rolls, words_consumed: words })),
  };
  assert.equal(proof.algorithm, 'windfall/1');
  assert.deepEqual(verifyProof(proof), { valid: true, failures: [] });
  const [first, ...others] = proof.opens;
  const tampered = { ...proof, opens: [{ ...first!, rolls: first!.rolls.map((roll) => 1 - roll) }, ...others] };
  assert.equal(verifyProof(tampered).valid, false);
});
