import { bindHitRate, type BoundHitRate } from '../../fairness/index.ts';
import { streamId } from '../../fairness/index.ts';
import { accountId, type AccountId, type AssetNo } from '../../journal/index.ts';
import { parseDecimal, type Micros } from '../../kernel/index.ts';
import type { PotRules, WinSelector } from './rules.ts';

/** A pot of a version as it is stored: amounts and shares are decimal strings. */
export interface PotDefinition {
  /** The number of the pot's row. */
  readonly pot: number;
  readonly id: string;
  readonly share: string;
  readonly seedShare: string;
  readonly seed: string;
  readonly collect: 'to_seed' | 'always';
  readonly reseed: 'full' | 'minimum';
  readonly fixed: boolean;
  readonly maxValue: string | null;
  readonly externalDrop: boolean;
  readonly hitRate: { readonly cost: string; readonly odds: number } | null;
  readonly mustDrop:
    | { readonly kind: 'value'; readonly at: string }
    | { readonly kind: 'time'; readonly seconds: number }
    | null;
}

/** A version of a jackpot as it is stored. */
export interface Definition {
  readonly name: string;
  readonly asset: string;
  readonly funding: 'operator' | 'player';
  readonly selector: WinSelector;
  readonly pots: readonly PotDefinition[];
}

/** A pot made ready. */
export interface Pot extends PotRules {
  /** The number of the pot's row. */
  readonly id: number;
  readonly code: string;
  /** The number of the stream of its hidden triggers. */
  readonly stream: number;
  readonly externalDrop: boolean;
}

/** A version made ready for contributions and drops. */
export interface Jackpot {
  readonly id: number;
  readonly code: string;
  readonly version: number;
  readonly versionId: number;
  readonly definition: Definition;
  readonly asset: AssetNo;
  readonly account: AccountId;
  readonly funding: 'operator' | 'player';
  readonly selector: WinSelector;
  readonly pots: readonly Pot[];
  /** The pots that are hit by chance, and their places in `pots`; null: none. */
  readonly hits: { readonly bound: BoundHitRate; readonly places: readonly number[]; readonly stream: number } | null;
  /** Whether a contribution can win a pot. */
  readonly winnable: boolean;
  /** What the pots' starts may cost the operator in one operation. */
  readonly seeds: Micros;
}

const micros = (decimal: string): Micros => parseDecimal(decimal)!;

/** The hit-rate pots of a definition as they are drawn; null: none. */
export function hitRateOf({ pots }: Pick<Definition, 'pots'>): BoundHitRate | null {
  const drawn = pots.filter(({ hitRate }) => hitRate !== null)
    .map(({ id, hitRate }) => ({ id, cost: micros(hitRate!.cost), n: hitRate!.odds }));
  return drawn.length === 0 ? null : bindHitRate(drawn);
}

interface Stored {
  readonly id: number;
  readonly code: string;
  readonly version: number;
  readonly versionId: number;
  readonly definition: Definition;
}

/** Makes a stored version ready. @param asset the number of its asset. */
export function bindJackpot(stored: Stored, asset: AssetNo): Jackpot {
  const { id, definition } = stored;
  const bound = hitRateOf(definition);
  const pots = definition.pots.map(bindPot);
  const places = definition.pots.flatMap(({ hitRate }, place) => (hitRate === null ? [] : [place]));
  return {
    ...stored, asset, pots,
    account: accountId('jackpot', id, asset),
    funding: definition.funding,
    selector: definition.selector,
    hits: bound === null ? null : { bound, places, stream: streamId('jackpot', id) },
    winnable: bound !== null || pots.some(({ mustDrop }) => mustDrop !== null),
    seeds: pots.reduce((sum, { seed }) => sum + seed, 0n),
  };
}

/** Makes a pot ready. */
export function bindPot(definition: PotDefinition): Pot {
  const { mustDrop, maxValue } = definition;
  return {
    id: definition.pot,
    code: definition.id,
    stream: streamId('pot', definition.pot),
    externalDrop: definition.externalDrop,
    // A decimal of at most 6 places as micro-units is a fraction in millionths.
    share: micros(definition.share),
    seedShare: micros(definition.seedShare),
    seed: micros(definition.seed),
    collect: definition.collect,
    reseed: definition.reseed,
    fixed: definition.fixed,
    maxValue: maxValue === null ? null : micros(maxValue),
    mustDrop: mustDrop?.kind === 'value' ? { kind: 'value', at: micros(mustDrop.at) } : mustDrop,
  };
}
