import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as facts from '../../gen/windfall/facts/v1/facts.ts';

const draw: facts.Draw = {
  stream: 56n, streamName: 'player/00112233445566778899aabbccddeeff', keyId: '1', position: 3n, clientSeed: 'words',
  clientSeedOrigin: 1, readableSince: 1_795_000_000_000_000n, configHash: Buffer.from('abababab', 'hex'),
};
const DRAW = '08381227706c617965722f30303131323233333434353536363737383839396161626263636464656566661a0131'
  + '20032a05776f72647330013880e0fc8ab09198034204abababab';

const start: facts.PotStart = { value: 100n, triggerFrom: 100n, triggerTo: 500n, dueAt: 9n };
const START = '0864106418f4032009';
const trigger: facts.TriggerReveal = {
  streamName: 'pot/00', keyId: '1', position: 4n, readableSince: 8n, byTime: false, from: 100n, to: 500n, before: 0n, after: 130n,
};
const TRIGGER = '0a06706f742f303012013118042008306438f4034000488201';

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
  JackpotPublished: {
    message: facts.JackpotPublished,
    data: {
      code: 'daily', version: 1n, versionId: 9n, definition: '{}', configHash: Buffer.from('ab', 'hex'), createdAt: 7n, asset: 1n,
      pots: [{ pot: 5n, code: 'main', surplus: 3n, streamName: 'pot/00', start }], streamName: 'jackpot/00', keyId: '1',
    },
    hex: `0a056461696c791001180922027b7d2a01ab30073801421d080512046d61696e18032206706f742f30302a09${START}4a0a6a61636b706f742f3030520131`,
  },
  JackpotArchived: { message: facts.JackpotArchived, data: { versionId: 9n, createdAt: 7n }, hex: '08091007' },
  JackpotContributed: {
    message: facts.JackpotContributed,
    data: {
      player: 7n, versionId: 9n, house: 5n, pots: [{ pot: 5n, value: 40n, reserve: 10n, overflow: 2n }], pool: 140n,
      draw: { keyId: '1', position: 2n, nonce: 3n, clientSeed: 'w1', readableSince: 8n, words: 1, pots: [{ attempts: 1, hit: true }] },
    },
    hex: '080710091805220808051028180a20022a150a01311002180322027731280830013a0408011001308c01',
  },
  JackpotWon: {
    message: facts.JackpotWon,
    data: {
      pot: 5n, potCode: 'main', cycle: 2n, player: 7n, amount: 140n, reason: 3, start, fromReserve: 60n, fromSurplus: 30n,
      deficit: 10n, trigger, asset: 1n,
    },
    hex: `080512046d61696e18022007288c0130033a09${START}403c481e500a5a19${TRIGGER}6001`,
  },
  PotLapsed: {
    message: facts.PotLapsed, data: { pot: 5n, cycle: 2n, start, trigger }, hex: `080510021a09${START}2219${TRIGGER}`,
  },
  HitSeedRevealed: { message: facts.HitSeedRevealed, data: { position: 4n }, hex: '0804' },
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
  const parts = new Set([
    'Draw', 'LootboxOpen', 'LootboxReward', 'PotOpened', 'PotStart', 'PotShare', 'PotDraw', 'HitDraw', 'TriggerReveal',
  ]);
  const messages = Object.keys(facts).filter((name) => /^[A-Z][a-z]/.test(name) && !parts.has(name));
  assert.deepEqual(messages.sort(), Object.keys(GOLDEN).sort());
});
