import type { JackpotDefinition, PotDefinition } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { VersionName } from '../../catalogue/index.ts';
import { bindHitRate, bindTrigger, streamId, type BoundHitRate, type BoundTrigger } from '../../fairness/index.ts';
import { accountId, type AccountId, type AssetNo } from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';
import type { PotRow } from './entities.ts';
import type { PotRules, WinSelector } from './rules.ts';

/** A pot prepared for operations. */
export interface Pot extends PotRules {
  /** The number of the pot's row. */
  readonly id: number;
  readonly code: string;
  /** The number of the stream of its hidden triggers. */
  readonly stream: number;
  readonly externalDrop: boolean;
}

/** A version prepared for contributions and drops. */
export interface Jackpot extends VersionName {
  /** The number of the jackpot's row. */
  readonly id: number;
  readonly assetCode: string;
  readonly asset: AssetNo;
  readonly account: AccountId;
  /** The part of each contribution that the operator pays, in millionths. */
  readonly operatorShare: bigint;
  readonly selector: WinSelector;
  readonly pots: readonly Pot[];
  /** The pots that are hit by chance, and their indices in `pots`; null: none. */
  readonly hits: { readonly bound: BoundHitRate; readonly places: readonly number[]; readonly stream: number } | null;
  /** Whether a contribution can win a pot. */
  readonly winnable: boolean;
  /** The maximum that the pots' starts may cost the operator in one operation. */
  readonly seeds: Micros;
}

/** The hit-rate pots of a definition, prepared for drawing; null: none. */
export function hitRateOf({ pots }: Pick<JackpotDefinition, 'pots'>): BoundHitRate | null {
  const drawn = pots
    .filter(({ hitCost }) => hitCost > 0n)
    .map(({ code, hitCost, hitOdds }) => ({ id: code, cost: hitCost, n: Number(hitOdds) }));
  return drawn.length === 0 ? null : bindHitRate(drawn);
}

/** Prepares a version. @param asset the number of its asset. */
export function bindJackpot(
  { content, ...name }: VersionName & { readonly content: JackpotDefinition },
  asset: AssetNo,
): Jackpot {
  const id = Number(content.jackpot);
  const bound = hitRateOf(content);
  const pots = content.pots.map(bindPot);
  const places = content.pots.flatMap(({ hitCost }, place) => (hitCost === 0n ? [] : [place]));
  return {
    ...name,
    id,
    asset,
    pots,
    assetCode: content.asset,
    account: accountId('jackpot', id, asset),
    operatorShare: content.operatorShare,
    selector: content.selector as WinSelector,
    hits: bound === null ? null : { bound, places, stream: streamId('jackpot', id) },
    winnable: bound !== null || pots.some(({ mustDrop }) => mustDrop !== null),
    seeds: pots.reduce((sum, { seed }) => sum + seed, 0n),
  };
}

/** Prepares a pot. */
export function bindPot(definition: PotDefinition): Pot {
  const { share, fixedShare, seedShare, seed, fixed, externalDrop, maxValue, mustDropValue, mustDropSeconds } =
    definition;
  return {
    share,
    fixedShare,
    seedShare,
    seed,
    fixed,
    externalDrop,
    id: Number(definition.pot),
    code: definition.code,
    stream: streamId('pot', Number(definition.pot)),
    collect: definition.collectAlways ? 'always' : 'to_seed',
    reseed: definition.reseedMinimum ? 'minimum' : 'full',
    maxValue: maxValue ?? null,
    mustDrop:
      mustDropValue > 0n
        ? { kind: 'value', at: mustDropValue }
        : mustDropSeconds > 0n
          ? { kind: 'time', seconds: Number(mustDropSeconds) }
          : null,
  };
}

/** The range that the hidden trigger of a cycle is drawn from; null: the cycle has none. */
export function boundsOf({
  triggerFrom,
  triggerTo,
  dueAt,
}: Pick<PotRow, 'triggerFrom' | 'triggerTo' | 'dueAt'>): BoundTrigger | null {
  return triggerTo === 0n
    ? null
    : bindTrigger({ kind: dueAt === 0 ? 'value' : 'time', from: triggerFrom, to: triggerTo });
}
