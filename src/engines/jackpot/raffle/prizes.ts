import type { PotsRaffle } from '../../../../gen/ts/windfall/facts/v1/pots_raffle.ts';
import type { JackpotRoundPrize } from '../../../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import { ONE, type Micros } from '../../../kernel/index.ts';

/** What winners get of one pot, and of all. */
export interface RoundPrizes {
  /** What is taken from each pot, in their order. */
  readonly taken: readonly Micros[];
  /** In the order in which winners are drawn; their winners together are at most the tickets. */
  readonly prizes: readonly JackpotRoundPrize[];
}

/**
 * The prizes of a round: of each pot each winner gets an equal part of the winners' share, rounded down.
 * @param values of the pots. @param tickets in the pool: no more winners can be drawn.
 */
export function prizesOf(winners: PotsRaffle['winners'], values: readonly Micros[], tickets: number): RoundPrizes {
  const taken = values.map(() => 0n);
  const prizes: JackpotRoundPrize[] = [];
  let left = tickets;
  for (const { count, percentage } of winners) {
    const drawn = Math.min(count, left);
    if (drawn === 0) break;
    left -= drawn;
    let amount = 0n;
    values.forEach((value, i) => {
      const part = (value * percentage) / (ONE * BigInt(count));
      taken[i]! += part * BigInt(drawn);
      amount += part;
    });
    prizes.push({ amount, winners: drawn });
  }
  return { taken, prizes };
}
