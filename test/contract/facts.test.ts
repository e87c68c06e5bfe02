import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as facts from '../../gen/windfall/facts/v1/facts.ts';

const draw: facts.Draw = {
  stream: 56n, streamName: 'player/00112233445566778899aabbccddeeff', keyId: '1', position: 3n, clientSeed: 'words',
  clientSeedOrigin: 1, readableSince: 1_795_000_000_000_000n, configHash: Buffer.from('abababab', 'hex'),
};
const DRAW = '08381227706c617965722f30303131323233333434353536363737383839396161626263636464656566661a0131'
  + '20032a05776f72647330013880e0fc8ab09198034204abababab';

interface Golden {
  readonly message: { encode(data: any): { finish(): Uint8Array }; decode(bytes: Uint8Array): unknown };
  readonly data: object;
  readonly hex: string;
}

// The journal is kept for ever, and so are its bytes: a line that has to change here is a message that was changed in
// place, where a new version was due.
const GOLDEN: Readonly<Record<string, Golden>> = {
  PlayerCreated: {
    message: facts.PlayerCreated,
    data: { brandId: 1001n, userId: 'StarlordV7', country: 'MT', currency: 'EUR', vipLevel: 3n, streamName: 'player/00', keyId: '1' },
    hex: '08e907120a537461726c6f726456371a024d54220345555228033209706c617965722f30303a0131',
  },
  ClientSeedSet: { message: facts.ClientSeedSet, data: { clientSeed: 'words' }, hex: '0a05776f726473' },
  Transferred: {
    message: facts.Transferred,
    data: { fromBalance: 5n, toBalance: undefined, reverses: Buffer.from('0102', 'hex') },
    hex: '08051a020102',
  },
  LootboxPublished: {
    message: facts.LootboxPublished,
    data: { code: 'box', version: 2n, versionId: 9n, definition: '{}', configHash: Buffer.from('ab', 'hex'), createdAt: 7n },
    hex: '0a03626f781002180922027b7d2a01ab3007',
  },
  LootboxArchived: { message: facts.LootboxArchived, data: { versionId: 9n, createdAt: 7n }, hex: '08091007' },
  LootboxOpened: {
    message: facts.LootboxOpened,
    data: {
      lootbox: 1n, version: 2n, versionId: 9n, player: 7n, priceAsset: 0n, price: 100_000_000n, draw,
      opens: [{ rolls: [0, 3], words: 2, rewards: [{ label: 'big', asset: 0n, amount: 1_500_000_000n }] }],
    },
    hex: `08011002180920073080c2d72f3a48${DRAW}42130a02000310021a0b0a036269671880dea0cb05`,
  },
  ApiKeyCreated: {
    message: facts.ApiKeyCreated, data: { keyId: 4n, scopes: ['read', 'play'], brandId: 0n }, hex: '08041204726561641204706c6179',
  },
  ApiKeyRevoked: { message: facts.ApiKeyRevoked, data: { keyId: 4n }, hex: '0804' },
};

for (const [name, { message, data, hex }] of Object.entries(GOLDEN)) {
  test(`${name} is written and read as it always was`, () => {
    assert.equal(Buffer.from(message.encode(data).finish()).toString('hex'), hex);
    assert.deepEqual(message.decode(Buffer.from(hex, 'hex')), data);
  });
}

test('every message of the journal is held to its bytes', () => {
  const parts = new Set(['Draw', 'LootboxOpen', 'LootboxReward']);
  const messages = Object.keys(facts).filter((name) => /^[A-Z][a-z]/.test(name) && !parts.has(name));
  assert.deepEqual(messages.sort(), Object.keys(GOLDEN).sort());
});
