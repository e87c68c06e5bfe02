import { PersonalDraw } from '../../gen/ts/windfall/facts/v1/fairness.ts';
import { RaffleDrawn } from '../../gen/ts/windfall/facts/v1/raffle.ts';
import { RAFFLE_GOLDEN } from './golden-raffle-facts.ts';
import type { Golden } from './golden-facts.ts';
import { BalanceExpired } from '../../gen/ts/windfall/facts/v1/ledger.ts';
import { MiniGameDefinition } from '../../gen/ts/windfall/facts/v1/minigame.ts';
import { tableOf } from '../prizes/table.ts';
import { PlayTable, StockWon, TablePlayed, type TablePrize } from '../../gen/ts/windfall/facts/v1/prizes.ts';

export const personal: PersonalDraw = {
  stream: 56n,
  streamName: 'player/00',
  keyId: '1',
  position: 3n,
  ownSeed: 'own',
  ownSeedOrigin: 1,
  requestSeed: 'words',
  readableSince: 8n,
  configHash: Buffer.from('ab', 'hex'),
  playerHash: Buffer.alloc(0),
};
export const PERSONAL = '08381209706c617965722f30301a013120032a036f776e30013a05776f72647340084a01ab';
const prize: TablePrize = {
  label: 'big',
  reward: { kind: 1, asset: 'WINZ', amount: 1500n, item: 'sword', quantity: 2n, expiresAfterSeconds: 60n },
  weight: 3n,
  stock: 0n,
  fallback: 'small',
};

export const PRIZE_GOLDEN: Readonly<Record<string, Golden>> = {
  PlayTable: {
    message: PlayTable,
    data: {
      name: 'Box',
      priceAsset: 'WINZ',
      price: 5n,
      freeAsset: 'FREE',
      rolls: 2,
      prizes: [prize],
      guaranteed: [prize],
      limits: [{ count: 1n, period: 'from_last', seconds: 60n }],
      startAt: 7n,
      endAt: 8n,
      stockRow: 9n,
    },
    hex:
      '0a03426f78120457494e5a1805220446524545280232280a0362696712160801120457494e5a18dc0b220573776f72642802' +
      '303c180320002a05736d616c6c3a280a0362696712160801120457494e5a18dc0b220573776f72642802303c180320002a05' +
      '736d616c6c420f0801120966726f6d5f6c617374183c480750085809',
  },
  BalanceExpired: { message: BalanceExpired, data: { until: 5n, nextAt: 300n }, hex: '080510ac02' },
  MiniGameDefinition: {
    message: MiniGameDefinition,
    data: { table: tableOf({ name: 'W', prizes: [prize] }), kind: 'wheel', colours: ['#ffcc00'] },
    hex:
      '0a310a0157280132280a0362696712160801120457494e5a18dc0b220573776f72642802303c180320002a05736d616c6c58' +
      '051205776865656c1a0723666663633030',
  },
  TablePlayed: {
    message: TablePlayed,
    data: {
      definition: 1n,
      version: 2n,
      versionId: 3n,
      player: 4n,
      priceAsset: 5n,
      price: 6n,
      freePlays: 7n,
      draw: personal,
      plays: [
        {
          rolls: [0, 3],
          words: 2,
          rewards: [{ label: 'a', kind: 2, asset: 1n, amount: 2n, item: 'sword', quantity: 3n, soldOut: 'b' }],
          shown: [1, 0],
        },
      ],
      stockRow: 8n,
      taken: [{ label: 'a', count: 1n }],
      granted: [
        { grant: 5n, player: 4n, kind: 2, item: 'sword', quantity: 3n, expiresAt: 9n, definition: 1n, brand: 0n },
      ],
      counted: { row: 9n, created: true, plays: 1n, anew: true, playerDay: 20000n },
      stockWon: [],
    },
    hex:
      '0801100218032004280530063807422508381209706c617965722f30301a013120032a036f776e30013a05776f7264734008' +
      '4a01ab4a210a02000310021a150a01611002180120022a0573776f726430033a01622202010050085a050a01611001620c08' +
      '0910011801200128a09c016a13080510041802220573776f7264280330093801',
  },
  StockWon: { message: StockWon, data: { prizes: [{ label: 'a', count: 300n }] }, hex: '0a060a016110ac02' },
};

/** What later versions of facts have besides: bytes that are written behind those that there were. */
export const ADDED: Readonly<Record<string, Golden>> = {
  PersonalDraw: {
    message: PersonalDraw,
    data: { ...personal, playerHash: Buffer.from('cd', 'hex') },
    hex: `${PERSONAL}5201cd`,
  },
  TablePlayed: {
    message: TablePlayed,
    data: { ...PRIZE_GOLDEN['TablePlayed']!.data, stockWon: [0n, 300n] },
    hex: `${PRIZE_GOLDEN['TablePlayed']!.hex}720300ac02`,
  },
  RaffleDrawn: {
    message: RaffleDrawn,
    data: { ...RAFFLE_GOLDEN['RaffleDrawn']!.data, configHash: Buffer.from('ef', 'hex') },
    hex: `${RAFFLE_GOLDEN['RaffleDrawn']!.hex}aa0101ef`,
  },
};
