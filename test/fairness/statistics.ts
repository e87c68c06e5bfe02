import { bindConfig } from '../../src/fairness/config-hash.ts';
import { Draw } from '../../src/fairness/draw.ts';
import { bindGacha, drawGacha, type GachaBox } from '../../src/fairness/gacha.ts';
import { bindHitRate, drawHits } from '../../src/fairness/hit-rate.ts';
import { HmacKey } from '../../src/fairness/hmac.ts';
import { bindRaffle, drawWinners, playerHash } from '../../src/fairness/raffle.ts';
import { bindTable, drawTable } from '../../src/fairness/table.ts';
import { bindTrigger, drawTrigger } from '../../src/fairness/trigger.ts';
import type { Group } from './chi-square.ts';
import { banner } from './sample-configs.ts';
import { entriesOf, type Sale } from './sample-proofs.ts';

/**
 * A kind of draw: makes `count` draws and tells their counts beside the exact odds, which are computed apart
 * from it.
 */
export interface Experiment {
  readonly name: string;
  run(count: number): readonly Group[];
}

const serverSeed = new HmacKey(Buffer.alloc(32, 'statistics'));
const { configHash } = bindConfig({});
const fixed = { serverSeed, clientSeed: 'statistics', sub: 0, configHash };
const drawAt = (nonce: number): Draw => new Draw({ ...fixed, nonce });
const zeros = (length: number): number[] => Array(length).fill(0);
const even = (length: number): number[] => Array(length).fill(1 / length);

/** Counts the outcomes, numbered from 0, of draws with a nonce each. */
function count(draws: number, probabilities: readonly number[], outcome: (draw: Draw) => number): Group[] {
  const observed = zeros(probabilities.length);
  for (let nonce = 0; nonce < draws; nonce++) observed[outcome(drawAt(nonce))]! += 1;
  return [{ observed, probabilities }];
}

export const uniform: Experiment = {
  name: 'uniform(1000), words running on',
  run(draws) {
    const [draw, observed] = [drawAt(0), zeros(1_000)];
    for (let i = 0; i < draws; i++) observed[draw.uniform(1_000)]! += 1;
    return [{ observed, probabilities: even(1_000) }];
  },
};

/**
 * A quarter of all words is rejected; taking them modulo n instead would make the lower third 1.5 times as
 * likely.
 */
export const rejecting: Experiment = {
  name: 'uniform(3 · 2^61), in 12 parts',
  run(draws) {
    const [draw, observed] = [drawAt(1), zeros(12)];
    for (let i = 0; i < draws; i++) observed[Number(draw.uniformBigint(3n << 61n) >> 59n)]! += 1;
    return [{ observed, probabilities: even(12) }];
  },
};

const weights = [1, 5, 20, 60, 150, 400, 1_364, 2_000, 3_000, 3_000];
export const table: Experiment = {
  name: 'table of 10 prizes, 1 to 3,000 in 10,000',
  run(draws) {
    const prizes = weights.map((weight) => ({ label: 'prize', asset: 'WINZ', amount: 1n, weight }));
    const bound = bindTable({ guaranteed: [], prizes, rolls: 1 });
    return count(
      draws,
      weights.map((weight) => weight / 10_000),
      (draw) => drawTable(draw, bound)[0]!,
    );
  },
};

/**
 * The odds of the banner's prizes at one slot, given its counters. Legendary ones: index 3 is rate-up, 4 and
 * 7 are not.
 */
function oddsAt(box: GachaBox, sinceTier3: number, sinceTier4: number): number[] {
  const rise = (box.tier4ChanceMax - box.tier4Chance) / box.tier4ChanceStop;
  const base = Math.floor(box.tier4Chance + rise * Math.min(sinceTier4, box.tier4ChanceStop) + 1e-6) / 1e8;
  const p4 = sinceTier4 === box.tier4Guarantee ? 1 : base;
  const p3 = (1 - p4) * (sinceTier3 === box.tier3Guarantee ? 1 : box.tier3Chance / 1e8 / (1 - base));
  const open = sinceTier4 < box.tier4Guarantee && sinceTier3 < box.tier3Guarantee;
  const p2 = open ? box.tier2Chance / 1e8 : 0;
  const p1 = open ? 1 - p4 - p3 - p2 : 0;
  return [p1 / 3, p2, p3, p4 / 2, p4 / 4, p1 / 3, p1 / 3, p4 / 4];
}

/**
 * One box opened again and again. Given the counters, slots are independent: one group for each state of the
 * counters.
 */
export const gacha: Experiment = {
  name: 'gacha slots, by both pity counters',
  run(draws) {
    const bound = bindGacha(banner);
    const groups = new Map<number, { observed: number[]; probabilities: number[] }>();
    let after = { sinceTier3: 0, sinceTier4: 0 };
    for (let nonce = 0; nonce * banner.choicesShow < draws; nonce++) {
      let { sinceTier3, sinceTier4 } = after;
      const opened = drawGacha(drawAt(nonce), bound, after);
      for (const { tier, prize } of opened.slots) {
        const state = sinceTier3 * 1_000 + sinceTier4;
        let group = groups.get(state);
        if (group === undefined) {
          group = { observed: zeros(8), probabilities: oddsAt(banner, sinceTier3, sinceTier4) };
          groups.set(state, group);
        }
        group.observed[prize]! += 1;
        sinceTier3 = tier >= 3 ? 0 : sinceTier3 + 1;
        sinceTier4 = tier === 4 ? 0 : sinceTier4 + 1;
      }
      after = opened.after;
    }
    return [...groups.values()];
  },
};

/** 3.3 attempts at 1 in 5: hit at the first, second, third, at the fraction of 0.3, or not at all. */
export const hitRate: Experiment = {
  name: 'hit rate, 3.3 attempts at 1 in 5',
  run(draws) {
    const bound = bindHitRate([{ id: 'mini', cost: 100_000n, n: 5 }]);
    const odds = [0.2, 0.8 * 0.2, 0.8 ** 2 * 0.2, 0.8 ** 3 * 0.06, 0.8 ** 3 * 0.94];
    return count(draws, odds, (draw) => {
      const { attempts, hit } = drawHits(draw, bound, [330_000n])[0]!;
      return hit ? attempts - 1 : 4;
    });
  },
};

export const trigger: Experiment = {
  name: 'hidden trigger, 1,000 values',
  run(draws) {
    const bound = bindTrigger({ kind: 'value', from: 500n, to: 1_499n });
    return count(draws, even(1_000), (draw) => Number(drawTrigger(draw, bound)) - 500);
  },
};

const sales: Sale[] = [
  ['a', 3],
  ['b', 5],
  ['a', 1],
  ['c', 1],
];
const entries = entriesOf(sales);
const pool = { poolHash: '', totalTickets: 10, winners: 2 };

/** Each ordered pair of the ten tickets is as likely. */
export const raffle: Experiment = {
  name: 'raffle, two of ten tickets',
  run(draws) {
    const bound = bindRaffle({ ...pool, onePerPlayer: false });
    return count(draws, even(90), (draw) => {
      const [first, second] = drawWinners(draw, bound, entries).map(({ ticket }) => ticket);
      return first! * 9 + (second! > first! ? second! - 1 : second!);
    });
  },
};

/** Players a, b, c have 4, 5 and 1 tickets of ten; all tickets of the first winner leave. */
export const rafflePlayers: Experiment = {
  name: 'raffle, two of three players',
  run(draws) {
    const bound = bindRaffle({ ...pool, onePerPlayer: true });
    const held = { a: 4, b: 5, c: 1 };
    const pairs = [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'a'],
      ['b', 'c'],
      ['c', 'a'],
      ['c', 'b'],
    ] as const;
    const odds = pairs.map(([first, second]) => (held[first] / 10) * (held[second] / (10 - held[first])));
    const hashes = pairs.map((pair) => pair.map(playerHash).join());
    return count(draws, odds, (draw) => {
      const winners = drawWinners(draw, bound, entries).map((winner) => winner.playerHash);
      return hashes.indexOf(winners.join());
    });
  },
};

export const experiments = [uniform, rejecting, table, gacha, hitRate, trigger, raffle, rafflePlayers];
