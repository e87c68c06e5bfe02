import type { PrizeTable } from '../fairness/index.ts';
import type { Micros } from '../kernel/index.ts';

/** The chance of one prize in one roll. */
export interface Odds {
  /** Exact and reduced: "1/20". */
  readonly fraction: string;
  /** The nearest double. */
  readonly probability: number;
}

/**
 * The odds of a table's prizes in one roll, in table order: weight / sum of weights. They sum to exactly 1.
 */
export function oddsOf(table: PrizeTable): Odds[] {
  const sum = table.prizes.reduce((total, { weight }) => total + weight, 0);
  return table.prizes.map(({ weight }) => {
    const divisor = greatestCommonDivisor(weight, sum);
    return { fraction: `${weight / divisor}/${sum / divisor}`, probability: weight / sum };
  });
}

/**
 * The average value of one open, per asset, in table order: guaranteed rewards, and rolls · Σ amount ·
 * weight / Σ weight; computed exactly, then rounded down to a micro-unit.
 */
export function expectedValue(table: PrizeTable): Map<string, Micros> {
  const sum = BigInt(table.prizes.reduce((total, { weight }) => total + weight, 0) || 1);
  const rolls = BigInt(table.rolls);
  const scaled = new Map<string, bigint>();
  const add = (asset: string, amount: bigint): void => {
    scaled.set(asset, (scaled.get(asset) ?? 0n) + amount);
  };
  for (const { asset, amount } of table.guaranteed) add(asset, amount * sum);
  for (const { asset, amount, weight } of table.prizes) add(asset, amount * BigInt(weight) * rolls);
  // Blanks have no asset.
  scaled.delete('');
  return new Map([...scaled].map(([asset, amount]) => [asset, amount / sum]));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
