import { formatDecimal, type Micros } from '../kernel/index.ts';
import { chainOf, leafOf } from './chain.ts';
import { bindConfig, type BoundConfig } from './config-hash.ts';
import { Draw } from './draw.ts';
import type { HmacKey } from './hmac.ts';

/**
 * How a pot is paid by a draw among all who fed it: its time was up (`time`), or its jackpot has ended and the draw was
 * ordered (`final`).
 */
export type PotEndKind = 'time' | 'final';

/** The times within which a cycle has a hidden end, in Unix milliseconds, including both. */
export interface EndRange {
  readonly from: number;
  readonly to: number;
}

/** What the draw at the end of a pot's cycle depends on. */
export interface PotEnd {
  readonly end: PotEndKind;
  /** The operator's id of the pot. */
  readonly pot: string;
  /** The cycle that ends. */
  readonly cycle: number;
  /** What the cycle's contributions have brought to the pot: at least 1 micro-unit. */
  readonly sum: Micros;
  /** Null: the end was not hidden. */
  readonly hidden: EndRange | null;
}

export interface BoundPotEnd extends BoundConfig {
  readonly end: PotEnd;
}

/**
 * The recipe of pots that are drawn among all who fed them. What is hashed, exactly:
 *
 *     {"cycle":3,"end":"time","hidden":null,"pot":"grand","sum":"812.5"}
 *
 * and for a hidden end `"hidden":{"from":1767225600000,"to":1767312000000}`.
 */
export function bindPotEnd(end: PotEnd): BoundPotEnd {
  const { cycle, hidden, pot, sum } = end;
  const range = hidden === null ? null : { from: hidden.from, to: hidden.to };
  return { ...bindConfig({ cycle, end: end.end, hidden: range, pot, sum: formatDecimal(sum) }), end };
}

/**
 * Draws among all who fed a pot: `uniform(sum)`. Each micro-unit that was brought to the pot has the same chance,
 * whenever it was brought; the contribution that has brought the one that is drawn wins.
 */
export const drawPoint = (draw: Draw, { end }: BoundPotEnd): Micros => draw.uniformBigint(end.sum);

/** The draw of a pot's end: no client seed, nonce 0, sub 0. @param chain C(k−1) of the jackpot, 64 hex digits. */
export const potEndDraw = (serverSeed: string | HmacKey, chain: string, { configHash }: BoundPotEnd): Draw =>
  new Draw({ serverSeed, configHash: `${configHash}:${chain}`, clientSeed: '', nonce: 0, sub: 0 });

/** What a hidden end is bound to: `{"from":1767225600000,"to":1767312000000}`. */
export const bindEndRange = ({ from, to }: EndRange): BoundConfig => bindConfig({ from, to });

/**
 * The hidden time at which a cycle ends: from + uniform(to − from + 1). It is drawn with the seed of the draw at that
 * end, with sub 1 and C(0).
 */
export function drawEndTime(serverSeed: string | HmacKey, { from, to }: EndRange): number {
  const { configHash } = bindEndRange({ from, to });
  const draw = new Draw({
    serverSeed,
    configHash: `${configHash}:${chainOf({ chain: '' })}`,
    clientSeed: '',
    nonce: 0,
    sub: 1,
  });
  return from + draw.uniform(to - from + 1);
}

/** What the end of a pot's cycle advances its jackpot's chain by. */
export const potEndLeaf = ({ end, pot, cycle, sum }: PotEnd): Buffer =>
  leafOf(['windfall/end', pot, String(cycle), end, String(sum)]);
