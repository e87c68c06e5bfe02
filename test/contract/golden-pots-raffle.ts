import * as rounds from '../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import { PotsTicketsEarned, type PotsRaffle } from '../../gen/ts/windfall/facts/v1/pots_raffle.ts';
import type { Golden } from './golden-facts.ts';
import { JACKPOT_GOLDEN } from './golden-jackpot.ts';
import { POTS_GOLDEN } from './golden-pots.ts';

const start: any = (JACKPOT_GOLDEN['JackpotWonV2']!.data as any).start;
const raffle: PotsRaffle = {
  ticketCost: 200_000n,
  ofWager: true,
  seconds: 3600n,
  recurring: true,
  winners: [{ count: 3, percentage: 500_000n }],
  pool: 7n,
};
/** Its bytes. */
const RAFFLE = '08c09a0c100118901c20012a06080310a0c21e3007';
const hash = Buffer.from('0102', 'hex');

/** The bytes of raffles of instances: see golden-facts.ts. */
export const POTS_RAFFLE_GOLDEN: Readonly<Record<string, Golden>> = {
  PotsTicketsEarned: {
    message: PotsTicketsEarned,
    data: { round: 7n, player: 300n, brand: 1001n, spent: 500_000n, tickets: 2n, carried: 100_000n, place: 1 },
    hex: '080710ac0218e90720a0c21e280230a08d063801',
  },
  JackpotRoundOpened: {
    message: rounds.JackpotRoundOpened,
    data: { jackpot: 7n, number: 2, endsAt: 1_800_000_000_000_000n },
    hex: '08071002188080e2c4f2a29903',
  },
  JackpotRoundProlonged: {
    message: rounds.JackpotRoundProlonged,
    data: { endsAt: 1_800_000_000_000_000n },
    hex: '088080e2c4f2a29903',
  },
  JackpotRoundClosed: {
    message: rounds.JackpotRoundClosed,
    data: {
      round: 7n,
      tickets: 9n,
      asset: 2n,
      pots: [{ start, pot: 8n, prize: 1n, toReserve: 2n, fromReserve: 3n, fromSurplus: 4n, deficit: 5n }],
      prizes: [{ amount: 6n, winners: 2 }],
      versionId: 11n,
    },
    hex: '080710091802221a0808100118022003280430053a0c086410091a027b7d200a28082a0408061002300b',
  },
  JackpotRoundDrawn: {
    message: rounds.JackpotRoundDrawn,
    data: {
      versionId: 11n,
      streamName: 'raffle/00-1',
      keyId: 'k1',
      position: 0n,
      readableSince: 1_800_000_000_000_000n,
      poolHash: hash,
      configHash: hash,
      tickets: 9n,
      closedAt: 1_800_000_000_000_001n,
      words: 3,
      asset: 2n,
      winners: [{ ticket: 4n, player: 300n, playerHash: hash, amount: 6n, withheld: true }],
    },
    hex:
      '080b120b726166666c652f30302d311a026b31288080e2c4f2a29903320201023a0201024009488180e2c4f2a29903500358' +
      '02620d080410ac021a02010220062801',
  },
};

/** Fields that came with raffles: unset ones leave the bytes as they were. */
export const POTS_RAFFLE_ADDED: Readonly<Record<string, Golden>> = {
  PotsTemplate: {
    message: POTS_GOLDEN['PotsTemplate']!.message,
    data: { ...POTS_GOLDEN['PotsTemplate']!.data, raffle },
    hex: `${POTS_GOLDEN['PotsTemplate']!.hex}a20115${RAFFLE}`,
  },
  PotsInstance: {
    message: POTS_GOLDEN['PotsInstance']!.message,
    data: { ...POTS_GOLDEN['PotsInstance']!.data, raffle },
    hex: `${POTS_GOLDEN['PotsInstance']!.hex}a20115${RAFFLE}`,
  },
  PotsCalledBack: {
    message: POTS_GOLDEN['PotsCalledBack']!.message,
    data: { ...POTS_GOLDEN['PotsCalledBack']!.data, tickets: 2n },
    hex: `${POTS_GOLDEN['PotsCalledBack']!.hex}a00102`,
  },
};
