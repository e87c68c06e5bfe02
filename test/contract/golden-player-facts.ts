import * as facts from '../../gen/ts/windfall/facts/v1/player.ts';
import * as rewards from '../../gen/ts/windfall/facts/v1/reward.ts';
import type { Golden } from './golden-facts.ts';

const limits: facts.PlayerLimits = {
  limits: [
    { kind: 1, asset: 2n, period: 3, amount: 100n, next: 200n, nextAt: 9n, window: 5n, used: 7n },
    { kind: 2, asset: 0n, period: 1, amount: 0n, next: undefined, nextAt: 0n, window: 0n, used: 0n },
  ],
};

export const PLAYER_GOLDEN: Readonly<Record<string, Golden>> = {
  PlayerCreatedV2: {
    message: facts.PlayerCreatedV2,
    data: {
      brandId: 1001n,
      userId: 'StarlordV7',
      country: 'MT',
      currency: 'EUR',
      vipLevel: 3n,
      streamName: 'player/00',
      keyId: '1',
      timeZone: 'Europe/Malta',
      clientSeed: 'ab',
      publicHash: 'cd',
    },
    hex: '08e907120a537461726c6f726456371a024d54220345555228033209706c617965722f30303a0131420c4575726f70652f4d616c74614a02616252026364',
  },
  PlayerUpdated: {
    message: facts.PlayerUpdated,
    data: { country: 'MT', currency: 'EUR', vipLevel: 3n, timeZone: 'Europe/Malta' },
    hex: '0a024d5412034555521803220c4575726f70652f4d616c7461',
  },
  PlayerProtected: {
    message: facts.PlayerProtected,
    data: { change: 2, exclusion: 1, excludedSince: 5n, excludedUntil: 6n, limits },
    hex: '08021001180520062a1b0a11080110021803206428c8013009380540070a06080218012000',
  },
  PlayerLimits: {
    message: facts.PlayerLimits,
    data: limits,
    hex: '0a11080110021803206428c8013009380540070a06080218012000',
  },
  PlayerLimitsUsed: {
    message: facts.PlayerLimitsUsed,
    data: { uses: [{ kind: 1, asset: 2n, amount: 3n }] },
    hex: '0a06080110021803',
  },
  GrantConfirmed: {
    message: rewards.GrantConfirmed,
    data: { reference: 'parcel-1' },
    hex: '0a0870617263656c2d31',
  },
  GrantExpired: { message: rewards.GrantExpired, data: {}, hex: '' },
};
