import { hash } from 'node:crypto';
import { bindGacha, drawGacha, type GachaBox, type PityCounters } from '../../src/fairness/gacha.ts';
import {
  bindRaffle,
  drawWinners,
  EMPTY_POOL_HASH,
  nextPoolHash,
  type RaffleEntry,
  type RaffleTerms,
} from '../../src/fairness/raffle.ts';
import { raffleText } from '../../src/fairness/records/raffle.ts';
import type { RecordProof } from '../../src/fairness/records/record.ts';
import { banner, chest, gift, wheel } from './sample-configs.ts';
import { contributions } from './sample-contribution-cases.ts';
import { potEnds } from './sample-pot-ends.ts';
import { entriesOf, type Sale } from './sample-proofs.ts';
import { sales } from './sample-raffles.ts';
import { sampleDraw, sampleHead, sampleProof, tableRecord, type RecordSample } from './sample-records.ts';

/** A valid proof, with the sales of a raffle. */
export interface RecordCase extends RecordProof {
  readonly name: string;
  readonly entries: readonly RaffleEntry[];
}

const players = (own: string, request = ''): RecordSample['clientSeeds'] => [
  { origin: own === '' ? 'none' : 'start', seed: own },
  { origin: request === '' ? 'none' : 'request', seed: request },
];
const COST = { asset: 'WINZ', amount: 2_500_000n, freeAsset: 'SPIN' };

function gachaRecord(box: GachaBox, before: PityCounters, sample: RecordSample): RecordProof {
  const bound = bindGacha(box);
  const [head, seed] = sampleHead('player', bound, sample);
  const draw = sampleDraw(head, seed);
  const { slots, after } = drawGacha(draw, bound, before);
  const outcome = {
    slots,
    since_tier_3: before.sinceTier3,
    since_tier_4: before.sinceTier4,
    since_tier_3_after: after.sinceTier3,
    since_tier_4_after: after.sinceTier4,
    words: draw.wordsConsumed,
  };
  return sampleProof('gacha', [head, seed], outcome, bound);
}

const SIGNATURE = 'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39';
/** When a pool is closed whose beacon is round 1000 of quicknet. */
const CLOSED = (1_692_803_367 + 997 * 3) * 1_000_000 + 999_999;

interface RaffleSample {
  readonly terms: RaffleTerms;
  readonly onePerPlayer?: boolean;
  readonly of?: readonly Sale[];
  readonly clientSeed?: RecordSample['clientSeeds'][0];
  readonly source?: string;
}

function raffleRecord({ terms, onePerPlayer = false, of = sales, clientSeed, source = '' }: RaffleSample) {
  const entries = entriesOf(of, 32);
  const totalTickets = of.reduce((sum, [, count]) => sum + count, 0);
  const winners = terms.prizes.reduce((sum, prize) => sum + prize.winners, 0);
  const poolHash = entries.reduce(nextPoolHash, EMPTY_POOL_HASH);
  const bound = bindRaffle({ poolHash, totalTickets, winners, onePerPlayer, terms });
  const [head, seed] = sampleHead('raffle', bound, {
    clientSeeds: [clientSeed ?? { origin: 'none', seed: '' }],
    head: {
      definition: { engine: 'raffle', id: 'saturday', version: 1 },
      time: CLOSED + 10_000_000,
      seedReadableSince: 7,
    },
  });
  const draw = sampleDraw(head, seed);
  const drawn = drawWinners(draw, bound, entries);
  const prizes = terms.prizes.flatMap((prize) => Array<typeof prize>(prize.winners).fill(prize));
  const outcome = raffleText({
    source,
    closeTime: CLOSED,
    beacon:
      clientSeed?.origin === 'beacon'
        ? {
            chainHash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
            round: 1000,
            signature: SIGNATURE,
          }
        : null,
    winners: drawn.map((winner, place) => ({
      ...winner,
      prize: prizes[place]!,
      withheld: place === 1 && !prizes[place]!.item,
    })),
    grants: drawn.flatMap((_, place) => {
      const { item } = prizes[place]!;
      return item === undefined ? [] : [{ ...item, id: 7 + place }];
    }),
    words: draw.wordsConsumed,
  });
  return { ...sampleProof('raffle', [head, seed], outcome, bound), entries };
}

const money = (amount: bigint, winners = 1) => ({ asset: 'WINZ', amount, winners });
const item = { kind: 'physical', code: 'bike', quantity: 1, expiresAfterSeconds: 3600 };

/** Valid proofs of every recipe. */
export const recordCases: readonly RecordCase[] = [
  {
    name: 'table: free',
    proof: tableRecord({
      table: { ...wheel, rolls: 20, cost: { asset: '', amount: 0n, freeAsset: '' } },
      count: 1,
      clientSeeds: players('own'),
    }),
  },
  {
    name: 'table: several plays of several rolls, some of them free, with both client seeds',
    proof: tableRecord({
      table: { ...chest, rolls: 20, prizes: chest.prizes.filter(({ label }) => label !== 'sack'), cost: COST },
      count: 3,
      freePlays: 2,
      position: 41,
      clientSeeds: players('own words', 'and those of the call'),
    }),
  },
  {
    name: 'table: stock, a fallback, a blank, and items',
    proof: tableRecord({
      table: {
        guaranteed: [{ label: 'pass', asset: '', amount: 0n, item: { kind: 'role', code: 'vip', quantity: 2 } }],
        prizes: [
          { label: 'rare', asset: 'WINZ', amount: 500_000_000n, weight: 3, stock: 2, fallback: 'usual' },
          { label: 'bike', asset: '', amount: 0n, weight: 2, stock: 1, item },
          { label: 'usual', asset: 'WINZ', amount: 1n, weight: 1 },
          { label: 'blank', asset: '', amount: 0n, weight: 1 },
        ],
        rolls: 4,
        cost: { ...COST, freeAsset: '' },
      },
      count: 2,
      won: [1, 0],
      clientSeeds: players('', 'only the call brought one'),
    }),
  },
  {
    name: 'table: gives without drawing',
    proof: tableRecord({ table: { ...gift, cost: COST }, count: 1, clientSeeds: players('') }),
  },
  {
    name: 'gacha: a banner',
    proof: gachaRecord(banner, { sinceTier3: 9, sinceTier4: 49 }, { clientSeeds: players('own') }),
  },
  {
    name: 'gacha: only common prizes',
    proof: gachaRecord(
      { ...banner, prizes: banner.prizes.filter(({ tier }) => tier === 1), choicesShow: 30, tier4ChanceStop: 0 },
      { sinceTier3: 0, sinceTier4: 0 },
      { position: 3, clientSeeds: players('own', 'brought') },
    ),
  },
  {
    name: 'raffle: without entropy from outside',
    proof: raffleRecord({ terms: { entropy: 'none', prizes: [money(5_000_000n)] } }),
  },
  {
    name: 'raffle: a beacon, two prizes',
    proof: raffleRecord({
      terms: { entropy: 'beacon', prizes: [money(5_000_000n), money(1n, 2)] },
      clientSeed: { origin: 'beacon', seed: hash('sha256', Buffer.from(SIGNATURE, 'hex'), 'hex') },
    }),
  },
  {
    name: 'raffle: entropy from the caller, one prize per player, an item',
    proof: raffleRecord({
      terms: { entropy: 'caller', prizes: [{ asset: '', amount: 0n, item, winners: 1 }, money(3n, 5)] },
      onePerPlayer: true,
      clientSeed: { origin: 'caller', seed: 'lotto 4 8 15' },
      source: 'the lottery of Saturday',
    }),
  },
  {
    name: 'raffle: a beacon that is not asked, as nothing was sold',
    proof: raffleRecord({ terms: { entropy: 'beacon', prizes: [money(1n)] }, of: [] }),
  },
  ...contributions,
  ...potEnds,
].map(({ name, proof }) => ({ name, entries: [], ...proof }));
