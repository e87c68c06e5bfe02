import type {
  SimulatedAsset,
  SimulatedPrize,
  SimulationResult,
} from '../../../gen/ts/windfall/common/v1/simulations.ts';
import type { Play, PlayTable } from '../../../gen/ts/windfall/facts/v1/prizes.ts';
import { HmacKey } from '../../fairness/index.ts';
import type { AssetNo } from '../../journal/index.ts';
import { formatDecimal, type Micros } from '../../kernel/index.ts';
import { rewardKind } from '../../rewards/index.ts';
import { bindPlayTable, type BoundPlayTable } from '../bound.ts';
import { drawPlays } from '../draw.ts';
import { Stock } from '../stock.ts';
import { Spread } from './spread.ts';

/** What to simulate. */
export interface Simulation {
  readonly content: PlayTable;
  /** Plays of each run. */
  readonly plays: number;
  readonly runs: number;
  /** 64 hex digits. */
  readonly seed: string;
}

/** Plays that are drawn at once, under one nonce. */
const CHUNK = 1000;

/**
 * Simulates plays with the rules of live ones. Calls `tell` after each chunk with the number of plays that are done in
 * all runs.
 */
export function simulate({ content, plays, runs, seed }: Simulation, tell: (done: number) => void): SimulationResult {
  const codes = assetsOf(content);
  const game = bindPlayTable({ definitionId: 0, code: '', version: 0, versionId: 0, content }, (asset) =>
    codes.indexOf(asset),
  );
  const serverSeed = HmacKey.fromHex(seed);
  const tally = new Tally(game, codes);
  const chunks = Math.ceil(plays / CHUNK);
  for (let run = 0; run < runs; run++) {
    const stock = new Stock(new Map());
    for (let chunk = 0; chunk < chunks; chunk++) {
      const count = Math.min(CHUNK, plays - chunk * CHUNK);
      tally.add(drawPlays(game, { serverSeed, clientSeed: '', nonce: run * chunks + chunk }, count, stock).plays);
      tell(run * plays + chunk * CHUNK + count);
    }
    tally.endRun();
  }
  return {
    plays,
    runs,
    seed,
    configHash: game.table.configHash,
    assets: codes.map((asset, number) => tally.asset(asset, number, plays, runs)),
    prizes: tally.prizes(plays * runs * content.rolls),
  };
}

/** The assets that a table pays out, and that of its price. */
function assetsOf({ prizes, guaranteed, priceAsset }: PlayTable): string[] {
  const paid = [...prizes, ...guaranteed].flatMap(({ reward }) =>
    reward?.kind === rewardKind.asset ? reward.asset : [],
  );
  return [...new Set([...paid, ...(priceAsset === '' ? [] : [priceAsset])])].sort();
}

/** Counts what plays give. */
class Tally {
  readonly #game: BoundPlayTable;
  readonly #drawn: number[];
  readonly #given = new Map<string, number>();
  readonly #soldOut = new Map<string, number>();
  readonly #perPlay: Spread[];
  readonly #perRun: Spread[];
  readonly #run: bigint[];
  readonly #play: bigint[];

  constructor(game: BoundPlayTable, codes: readonly string[]) {
    this.#game = game;
    this.#drawn = game.prizes.map(() => 0);
    this.#perPlay = codes.map(() => new Spread());
    this.#perRun = codes.map(() => new Spread());
    this.#run = codes.map(() => 0n);
    this.#play = codes.map(() => 0n);
  }

  add(plays: readonly Play[]): void {
    for (const { rolls, rewards } of plays) {
      this.#play.fill(0n);
      for (const index of rolls) this.#drawn[index]! += 1;
      rewards.forEach(({ label, kind, asset, amount, soldOut }, nth) => {
        if (kind === rewardKind.asset) this.#play[Number(asset)]! += amount;
        if (nth >= rolls.length) return;
        if (soldOut !== '') this.#soldOut.set(soldOut, (this.#soldOut.get(soldOut) ?? 0) + 1);
        // Where nothing is given, the label is that of the prize that was drawn.
        if (soldOut !== label) this.#given.set(label, (this.#given.get(label) ?? 0) + 1);
      });
      this.#play.forEach((amount, asset) => {
        this.#perPlay[asset]!.add(amount);
        this.#run[asset]! += amount;
      });
    }
  }

  endRun(): void {
    this.#run.forEach((amount, asset) => this.#perRun[asset]!.add(amount));
    this.#run.fill(0n);
  }

  asset(asset: string, number: AssetNo, plays: number, runs: number): SimulatedAsset {
    const { content } = this.#game;
    const price = asset === content.priceAsset ? content.price * BigInt(plays) * BigInt(runs) : 0n;
    const paid = this.#perPlay[number]!.sum;
    return {
      asset,
      price: formatDecimal(price),
      paid: formatDecimal(paid),
      rtp: price === 0n ? undefined : Number(paid) / Number(price),
      worstCase: formatDecimal(worstCase(content, asset, plays)),
      run: this.#perRun[number]!.message(),
      play: this.#perPlay[number]!.message(),
    };
  }

  prizes(rolls: number): SimulatedPrize[] {
    const { prizes } = this.#game.content;
    const sum = prizes.reduce((total, { weight }) => total + Number(weight), 0);
    return prizes.map(({ label, weight }, index) => {
      const probability = Number(weight) / sum;
      const [drawn, expected] = [this.#drawn[index]!, rolls * probability];
      const deviation = Math.sqrt(expected * (1 - probability));
      return {
        drawn,
        expected,
        segmentLabel: label,
        sigmas: deviation === 0 ? 0 : (drawn - expected) / deviation,
        given: this.#given.get(label) ?? 0,
        soldOut: this.#soldOut.get(label) ?? 0,
      };
    });
  }
}

/** The most that plays can pay out of an asset: the largest prizes first, each while its stock lasts. */
export function worstCase({ prizes, guaranteed, rolls }: PlayTable, asset: string, plays: number): Micros {
  const amountOf = ({ reward }: PlayTable['prizes'][number]): Micros =>
    reward?.kind === rewardKind.asset && reward.asset === asset ? reward.amount : 0n;
  const best = prizes.toSorted((a, b) => (amountOf(a) > amountOf(b) ? -1 : 1));
  let left = BigInt(plays) * BigInt(rolls);
  let sum = guaranteed.reduce((total, one) => total + amountOf(one), 0n) * BigInt(plays);
  for (const prize of best) {
    const times = prize.stock === undefined || prize.stock > left ? left : prize.stock;
    sum += times * amountOf(prize);
    left -= times;
  }
  return sum;
}
