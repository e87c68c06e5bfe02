import type { Micros } from '../kernel/index.ts';
import { attemptsOf, contribute, placesOf, takesPart, type Attempts, type PotBefore } from './contribution.ts';
import type { JackpotConfig, PotTerms } from './pot-config.ts';

/**
 * The chances that a contribution wins each pot, in the order of the pots, with the win selector: the chance that the
 * pot's turn comes, times its own. @throws ApiError for `amount` if it buys more than 10,000 attempts in total.
 */
export function winChances(config: JackpotConfig, before: readonly PotBefore[], amount: Micros): number[] {
  const { pots } = contribute(config, before, amount, null);
  const attempts = attemptsOf(config.pots, pots, amount);
  const chances = pots.map(() => 0);
  let reached = 1;
  for (const place of placesOf(config.selector, pots)) {
    const { terms } = config.pots[place]!;
    const { after, drawnAt } = pots[place]!;
    const hit = hitChance(terms, attempts[place]!);
    const onTheWay = valueChance(terms, drawnAt, after);
    const own = takesPart(config.pots[place]!, pots[place]!, amount) ? hit + (1 - hit) * onTheWay : 0;
    chances[place] = reached * own;
    if (config.selector !== 'all') reached *= 1 - own;
  }
  return chances;
}

/** That one of the attempts hits: exact also where it is tiny. */
function hitChance({ hitRate }: PotTerms, { whole, millionths }: Attempts): number {
  if (hitRate === null) return 0;
  const { odds } = hitRate;
  const missed = (whole === 0 ? 0 : whole * Math.log1p(-1 / odds)) + Math.log1p(-millionths / 1e6 / odds);
  return -Math.expm1(missed);
}

const valueChance = ({ mustDropValue: bound }: PotTerms, u: Micros, after: Micros): number =>
  bound === null || after === u ? 0 : Math.min(1, Number(after - u) / Number(bound - u));
