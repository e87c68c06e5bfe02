import { decimal, micros, type Json } from '../json.ts';

/** What a pot starts its next cycle with, and who pays it. */
export function restart(
  { seed: seedText, reseed_strategy: strategy, terms, next }: Json,
  held: bigint,
  surplus: bigint,
) {
  const seed = micros(seedText);
  const { max_value: cap, must_drop_value: bound } = next ?? terms;
  let reserve = strategy === 'full' || held < seed ? held : seed;
  if (cap !== null && micros(cap) < reserve) reserve = micros(cap);
  if (bound !== null && (seed + micros(bound)) / 2n < reserve) reserve = (seed + micros(bound)) / 2n;
  const short = seed > reserve ? seed - reserve : 0n;
  const fromSurplus = surplus < short ? surplus : short;
  return {
    deficit: decimal(short - fromSurplus),
    from_reserve: decimal(reserve),
    from_surplus: decimal(fromSurplus),
    start: decimal(reserve + short),
    surplus_before: decimal(surplus),
  };
}
