import * as facts from '../../gen/ts/windfall/facts/v1/facts.ts';
import { PersonalDraw } from '../../gen/ts/windfall/facts/v1/fairness.ts';
import * as settlements from '../../gen/ts/windfall/facts/v1/settlement.ts';
import { PLAYER_GOLDEN } from './golden-player-facts.ts';
import { personal, PERSONAL, PRIZE_GOLDEN } from './golden-prize-facts.ts';
import { RAFFLE_GOLDEN } from './golden-raffle-facts.ts';

const draw: facts.Draw = {
  stream: 56n,
  streamName: 'player/00112233445566778899aabbccddeeff',
  keyId: '1',
  position: 3n,
  clientSeed: 'words',
  clientSeedOrigin: 1,
  readableSince: 1_795_000_000_000_000n,
  configHash: Buffer.from('abababab', 'hex'),
};
const DRAW =
  '08381227706c617965722f30303131323233333434353536363737383839396161626263636464656566661a0131' +
  '20032a05776f72647330013880e0fc8ab09198034204abababab';

const start: facts.PotStart = { value: 100n, triggerFrom: 100n, triggerTo: 500n, dueAt: 9n };
const START = '0864106418f4032009';
const trigger: facts.TriggerReveal = {
  streamName: 'pot/00',
  keyId: '1',
  position: 4n,
  readableSince: 8n,
  byTime: false,
  from: 100n,
  to: 500n,
  before: 0n,
  after: 130n,
};
const TRIGGER = '0a06706f742f303012013118042008306438f4034000488201';

export interface Golden {
  readonly message: { encode(data: any): { finish(): Uint8Array }; decode(bytes: Uint8Array): unknown };
  readonly data: object;
  readonly hex: string;
}

// The journal is kept for ever, and so are its bytes: a line that has to change here is a message that was changed in
// place, where a new version was due.
export const GOLDEN: Readonly<Record<string, Golden>> = {
  ...PLAYER_GOLDEN,
  ...PRIZE_GOLDEN,
  ...RAFFLE_GOLDEN,
  PlayerCreated: {
    message: facts.PlayerCreated,
    data: {
      brandId: 1001n,
      userId: 'StarlordV7',
      country: 'MT',
      currency: 'EUR',
      vipLevel: 3n,
      streamName: 'player/00',
      keyId: '1',
    },
    hex: '08e907120a537461726c6f726456371a024d54220345555228033209706c617965722f30303a0131',
  },
  PersonalDraw: { message: PersonalDraw, data: personal, hex: PERSONAL },
  ClientSeedSet: { message: facts.ClientSeedSet, data: { clientSeed: 'words' }, hex: '0a05776f726473' },
  Transferred: {
    message: facts.Transferred,
    data: { fromBalance: 5n, toBalance: undefined, reverses: Buffer.from('0102', 'hex') },
    hex: '08051a020102',
  },
  DefinitionChanged: {
    message: facts.DefinitionChanged,
    data: {
      engine: 'jackpot',
      code: 'daily',
      change: 3,
      status: 2,
      version: 1n,
      versionId: 9n,
      latest: 2n,
      scheduled: 2n,
      scheduledId: 10n,
      scheduledAt: 300n,
      openedAt: 7n,
      createdAt: 6n,
      updatedAt: 8n,
      shelf: 0n,
      reason: 'summer',
      content: {
        version: 2n,
        versionId: 10n,
        format: 1,
        definition: Buffer.from('0a0162', 'hex'),
        configHash: Buffer.from('ab', 'hex'),
        publishedAt: 8n,
        effectiveAt: 300n,
      },
      rows: [
        {
          table: 1102n,
          id: 5n,
          values: new Map([
            ['value', '100'],
            ['code', 'main'],
          ]),
        },
      ],
    },
    hex:
      '0a076a61636b706f7412056461696c79180320022801300938024002480a50ac02580760066a130802100a180122030a01622a01ab30' +
      '0838ac02720673756d6d65727a2108ce0810051a0c0a0576616c756512033130301a0c0a04636f646512046d61696e800108',
  },
  LootboxDefinition: {
    message: facts.LootboxDefinition,
    data: {
      name: 'A box',
      priceAsset: 'WINZ',
      price: 100n,
      rolls: 2,
      prizes: [{ label: 'big', asset: 'EUR', amount: 1_500_000n, weight: 3n }],
      guaranteed: [{ label: 'sure', asset: 'WINZ', amount: 5n, weight: 0n }],
    },
    hex: '0a054120626f78120457494e5a186420022a100a03626967120345555218e0c65b2003320e0a0473757265120457494e5a1805',
  },
  LootboxOpened: {
    message: facts.LootboxOpened,
    data: {
      lootbox: 1n,
      version: 2n,
      versionId: 9n,
      player: 7n,
      priceAsset: 0n,
      price: 100_000_000n,
      draw,
      opens: [{ rolls: [0, 3], words: 2, rewards: [{ label: 'big', asset: 0n, amount: 1_500_000_000n }] }],
    },
    hex: `08011002180920073080c2d72f3a48${DRAW}42130a02000310021a0b0a036269671880dea0cb05`,
  },
  JackpotDefinition: {
    message: facts.JackpotDefinition,
    data: {
      jackpot: 4n,
      name: 'Daily',
      asset: 'USD',
      operatorShare: 250_000n,
      selector: 'all',
      pots: [
        {
          pot: 5n,
          code: 'main',
          share: 500_000n,
          seedShare: 100_000n,
          seed: 100n,
          initialValue: 3n,
          surplus: 4n,
          collectAlways: true,
          reseedMinimum: true,
          fixed: true,
          maxValue: 0n,
          externalDrop: true,
          hitCost: 6n,
          hitOdds: 7n,
          mustDropValue: 8n,
          mustDropSeconds: 9n,
          fixedShare: 10n,
        },
      ],
    },
    hex:
      '080412054461696c791a035553442090a10f2a03616c6c322c080512046d61696e18a0c21e20a08d062864300338044001480150015800' +
      '600168067007780880010988010a',
  },
  JackpotOpened: {
    message: facts.JackpotOpened,
    data: {
      asset: 1n,
      pots: [{ pot: 5n, code: 'main', surplus: 3n, streamName: 'pot/00', start }],
      streamName: 'jackpot/00',
      keyId: '1',
      definition: 9n,
    },
    hex: `0801121d080512046d61696e18032206706f742f30302a09${START}1a0a6a61636b706f742f30302201312809`,
  },
  JackpotContributed: {
    message: facts.JackpotContributed,
    data: {
      player: 7n,
      versionId: 9n,
      house: 5n,
      pots: [{ pot: 5n, value: 40n, reserve: 10n, overflow: 2n }],
      pool: 140n,
      draw: {
        streamName: '',
        keyId: '1',
        position: 2n,
        nonce: 3n,
        clientSeed: 'w1',
        readableSince: 8n,
        words: 1,
        pots: [{ attempts: 1, hit: true }],
      },
    },
    hex: '080710091805220808051028180a20022a150a01311002180322027731280830013a0408011001308c01',
  },
  JackpotWon: {
    message: facts.JackpotWon,
    data: {
      pot: 5n,
      potCode: 'main',
      cycle: 2n,
      player: 7n,
      amount: 140n,
      reason: 3,
      start,
      fromReserve: 60n,
      fromSurplus: 30n,
      deficit: 10n,
      trigger,
      asset: 1n,
    },
    hex: `080512046d61696e18022007288c0130033a09${START}403c481e500a5a19${TRIGGER}6001`,
  },
  PotLapsed: {
    message: facts.PotLapsed,
    data: { pot: 5n, cycle: 2n, start, trigger },
    hex: `080510021a09${START}2219${TRIGGER}`,
  },
  HitSeedRevealed: { message: facts.HitSeedRevealed, data: { position: 4n }, hex: '0804' },
  ApiKeyCreated: {
    message: facts.ApiKeyCreated,
    data: { keyId: 4n, scopes: ['read', 'play'], brandId: 0n, expiresAt: 0n },
    hex: '08041204726561641204706c6179',
  },
  AdminChanged: { message: facts.AdminChanged, data: { adminId: 4n, change: 3 }, hex: '08041003' },
  ApiKeyRevoked: { message: facts.ApiKeyRevoked, data: { keyId: 4n }, hex: '0804' },
  SettlementOpened: { message: settlements.SettlementOpened, data: { definition: 4n, payees: 9n }, hex: '08041009' },
  SettlementPaid: {
    message: settlements.SettlementPaid,
    data: { position: 5n, payees: 3n, withheld: [{ player: 7n, asset: 1n, amount: 40n }], finished: true },
    hex: '08051003' + '1a06080710011828' + '2001',
  },
};
