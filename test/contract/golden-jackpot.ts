import * as jackpots from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { Golden } from './golden-facts.ts';

const start: jackpots.CycleStart = { value: 100n, dueAt: 9n, terms: '{}', termsFrom: 10n, hiddenFrom: 8n, starts: 0 };
const hash = Buffer.from('abcd', 'hex');

export const JACKPOT_GOLDEN: Readonly<Record<string, Golden>> = {
  JackpotDefinitionV2: {
    message: jackpots.JackpotDefinitionV2,
    data: {
      jackpot: 4n,
      instance: undefined,
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
          maxStep: 11n,
          minContribution: 12n,
          mustDropHidden: true,
          minBaseWager: 0n,
          maxStarts: 0,
          community: [],
        },
      ],
    },
    hex:
      '080412054461696c791a035553442090a10f2a03616c6c3235080512046d61696e18a0c21e20a08d062864300338044001' +
      '480150015800600168067007780880010988010a90010b98010ca00101',
  },
  JackpotOpenedV2: {
    message: jackpots.JackpotOpenedV2,
    data: {
      asset: 1n,
      pots: [{ pot: 5n, code: 'main', surplus: 3n, streamName: 'pot/00', start }],
      streamName: 'jackpot/00',
      keyId: '1',
      definition: 9n,
      configHash: hash,
    },
    hex:
      '08011220080512046d61696e18032206706f742f30302a0c086410091a027b7d200a28081a0a6a61636b706f742f303022' +
      '013128093202abcd',
  },
  JackpotRenewed: {
    message: jackpots.JackpotRenewed,
    data: { leaf: hash, versionId: 10n, configHash: hash },
    hex: '0a02abcd100a1a02abcd',
  },
  JackpotContributedV2: {
    message: jackpots.JackpotContributedV2,
    data: {
      instance: undefined,
      player: 7n,
      leaf: hash,
      versionId: 9n,
      house: 5n,
      pots: [
        {
          pot: 5n,
          value: 40n,
          reserve: 10n,
          overflow: 2n,
          valueBefore: 100n,
          reserveBefore: 4n,
          drawnBefore: 90n,
          drawnAt: 140n,
          sum: 50n,
          cycle: 2n,
          termsFrom: 10n,
          attempts: 3,
          wonBy: 2,
          surplusBefore: 6n,
          phase: 0,
          barred: false,
        },
      ],
      pool: 140n,
      draw: {
        streamName: 'jackpot/00',
        keyId: '1',
        position: 2n,
        nonce: 3n,
        readableSince: 8n,
        words: 1,
        chain: hash,
        playerHash: '00ff',
        ownSeed: 'own',
        ownSeedOrigin: 1,
        requestSeed: 'w1',
        baseWager: 0n,
      },
    },
    hex:
      '08071202abcd180920052a1d08051028180a2002283230643804405a488c015002580a600368027006308c013a2c0a0a6a61' +
      '636b706f742f303012013118022003280830013a02abcd4204303066664a036f776e50015a027731',
  },
  JackpotWonV2: {
    message: jackpots.JackpotWonV2,
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
      asset: 1n,
      leaf: hash,
      award: 'sorry',
      withheld: false,
      payouts: undefined,
      instance: undefined,
    },
    hex: '080512046d61696e18022007288c0130033a0c086410091a027b7d200a2808403c481e500a58016a02abcd7205736f727279',
  },
  PotLapsedV2: {
    message: jackpots.PotLapsedV2,
    data: { pot: 5n, cycle: 2n, start, leaf: hash },
    hex: '080510021a0c086410091a027b7d200a28082202abcd',
  },
};
