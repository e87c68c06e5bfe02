import type { JackpotDefinitionV2, PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsCommunitySizes, PotsInstance } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { VersionName } from '../../catalogue/index.ts';
import {
  afterLastCycle,
  bindJackpotConfig,
  inLastCycle,
  isDrawn,
  readTerms,
  streamId,
  termsText,
  type BoundJackpot,
  type JackpotConfig,
  type PotConfig,
  type PotTerms,
} from '../../fairness/index.ts';
import { accountId, type AccountId, type AssetNo } from '../../journal/index.ts';
import { ApiError, invalid, type Micros } from '../../kernel/index.ts';
import { sizesOf } from './community/rules.ts';
import type { PotRow } from './entities.ts';

/** A pot prepared for operations. */
export interface Pot {
  /** The number of the pot's row. */
  readonly id: number;
  readonly code: string;
  /** The number of the stream that the ends of its cycles are drawn from. */
  readonly stream: number;
  readonly externalDrop: boolean;
  /** After how many seconds a cycle ends; 0: at no time. */
  readonly seconds: number;
  /** Whether it ends at a hidden time within them. */
  readonly hidden: boolean;
  /** The version's, for cycles that start under it. */
  readonly config: PotConfig;
  /** The text of its terms. */
  readonly terms: string;
  /** How often it starts at most; 0: no limit. */
  readonly maxStarts: number;
  /** The parts of each win that players besides the winner get. */
  readonly payouts: PotDefinitionV2['community'];
}

/** Where a pot is whose starts are limited: 0 before its last cycle, 1 in it, 2 after it. */
export type Phase = 0 | 1 | 2;

/** @param starts that a pot has had. */
export function phaseOf({ maxStarts }: Pick<Pot, 'maxStarts'>, starts: number): Phase {
  if (maxStarts === 0 || starts < maxStarts) return 0;
  return starts === maxStarts ? 1 : 2;
}

const IN_PHASE = [(config: PotConfig) => config, inLastCycle, afterLastCycle] as const;

/** A pot's config in a phase. */
export const inPhase = (config: PotConfig, phase: Phase): PotConfig => IN_PHASE[phase](config);

/** A version prepared for contributions and drops. */
export interface Jackpot extends VersionName {
  /** The number of the jackpot's row. */
  readonly id: number;
  readonly assetCode: string;
  readonly asset: AssetNo;
  readonly account: AccountId;
  readonly pots: readonly Pot[];
  /** What is drawn from, if the cycles of all pots have this version's terms. */
  readonly bound: BoundJackpot;
  /** The number of the stream of its draws. */
  readonly stream: number;
  /** Whether a contribution can win a pot. */
  readonly drawn: boolean;
  /** The maximum that the pots' starts may cost the operator in one operation. */
  readonly seeds: Micros;
  /** It is a jackpot instance: another face has its rules. */
  readonly instance: PotsInstance | undefined;
  /** Whether wins may be withheld, or shared: then some of the money goes to escrow. */
  readonly withholds: boolean;
  /** Set: players besides the winner get parts of wins. */
  readonly community: PotsCommunitySizes | undefined;
}

/** What the contributions to a version are drawn from, if the cycles of all its pots have its terms. */
export const configOf = ({ operatorShare, selector, pots }: JackpotDefinitionV2): BoundJackpot =>
  bindJackpotConfig({ operatorShare, selector: selector as JackpotConfig['selector'], pots: pots.map(potConfig) });

/** Whether wins of a version may be withheld, or shared. */
const withholds = ({ instance, pots }: Pick<JackpotDefinitionV2, 'instance' | 'pots'>): boolean =>
  instance !== undefined &&
  (instance.rules!.withholdAbove !== undefined ||
    instance.rules!.withholdCountries.length > 0 ||
    pots.some(({ community }) => community.length > 0));

/** Prepares a version. @param asset the number of its asset. */
export function bindJackpot(
  { content, ...name }: VersionName & { readonly content: JackpotDefinitionV2 },
  asset: AssetNo,
): Jackpot {
  const id = Number(content.jackpot);
  const bound = configOf(content);
  return {
    ...name,
    id,
    asset,
    bound,
    assetCode: content.asset,
    account: accountId('jackpot', id, asset),
    pots: content.pots.map(bindPot),
    stream: streamId('jackpot', id),
    drawn: isDrawn(bound.jackpot),
    seeds: content.pots.reduce((sum, { seed }) => sum + seed, 0n),
    instance: content.instance,
    withholds: withholds(content),
    community: sizesOf(content.pots.map(({ community }) => community)),
  };
}

/** Prepares a pot. */
export function bindPot(definition: PotDefinitionV2): Pot {
  const config = potConfig(definition);
  return {
    config,
    id: Number(definition.pot),
    code: definition.code,
    stream: streamId('pot', Number(definition.pot)),
    externalDrop: definition.externalDrop,
    seconds: Number(definition.mustDropSeconds),
    hidden: definition.mustDropHidden,
    terms: termsText(config.terms),
    maxStarts: definition.maxStarts,
    payouts: definition.community,
  };
}

const potConfig = (pot: PotDefinitionV2): PotConfig => ({
  id: pot.code,
  share: pot.share,
  fixedShare: pot.fixedShare,
  seedShare: pot.seedShare,
  seed: pot.seed,
  fixed: pot.fixed,
  collect: pot.collectAlways ? 'always' : 'to_seed',
  reseed: pot.reseedMinimum ? 'minimum' : 'full',
  terms: termsIn(pot),
  next: null,
});

/** What is frozen for the cycles that start under a version. */
const termsIn = ({
  hitCost,
  hitOdds,
  maxStep,
  maxValue,
  minBaseWager,
  minContribution,
  mustDropValue,
}: PotDefinitionV2): PotTerms => ({
  hitRate: hitCost === 0n ? null : { cost: hitCost, odds: Number(hitOdds) },
  maxStep: maxStep === 0n ? null : maxStep,
  maxValue: maxValue ?? null,
  minBaseWager,
  minContribution,
  mustDropValue: mustDropValue === 0n ? null : mustDropValue,
});

/** The configs in force, kept per version: a new one comes with the next cycle of a pot at the earliest. */
const kept = new WeakMap<Jackpot, { readonly cycles: string; readonly bound: BoundJackpot }>();

/**
 * What contributions are drawn from now: the version in force, with the terms of each pot's cycle.
 * @param rows the pots' rows in the version's order. A cycle from before there were terms has the version's.
 */
export function inForce(jackpot: Jackpot, rows: readonly Pick<PotRow, 'terms' | 'starts'>[]): BoundJackpot {
  const { pots, bound } = jackpot;
  if (rows.every((row, i) => (row.terms === '' || row.terms === pots[i]!.terms) && phaseOf(pots[i]!, row.starts) === 0))
    return bound;
  const cycles = rows.map(({ terms, starts }, i) => ({ terms, phase: phaseOf(pots[i]!, starts) }));
  const text = cycles.map(({ terms, phase }) => `${phase}${terms}`).join();
  const known = kept.get(jackpot);
  if (known?.cycles === text) return known.bound;
  const found = withCycles(bound.jackpot, cycles);
  kept.set(jackpot, { cycles: text, bound: found });
  return found;
}

/** The cycle of a pot: the text of its terms; empty: the version's. */
export interface Cycle {
  readonly terms: string;
  readonly phase: Phase;
}

/** A version's config with each pot's cycle. */
export function withCycles(config: JackpotConfig, cycles: readonly Cycle[]): BoundJackpot {
  const pots = config.pots.map((pot, i) => {
    const { terms, phase } = cycles[i]!;
    const own = terms === '' || terms === termsText(pot.terms);
    return inPhase(own ? pot : { ...pot, terms: readTerms(terms), next: pot.terms }, phase);
  });
  return bindJackpotConfig({ ...config, pots });
}

/**
 * The value at which a pot was last drawn; 0 for a pot without a bound. It is below the bound, also in a cycle from
 * before draws were made so.
 */
export function drawnAt({ config }: Pot, { terms, drawnAt: at, value }: Readonly<PotRow>): Micros {
  const { mustDropValue: bound } = config.terms;
  if (bound === null) return 0n;
  if (terms !== '') return at;
  return value >= bound ? bound - 1n : value;
}

/**
 * The pot with an id; of a jackpot with one pot it may be empty. Throws INVALID_ARGUMENT (none is named, and there are
 * several), POT_NOT_FOUND. @param field of the request that names it.
 */
export function potOf({ code, pots: all }: Jackpot, id: string, field = 'pot_id'): Pot {
  if (id === '' && all.length > 1) throw invalid(field, 'must name one of several pots');
  const pot = id === '' ? all[0] : all.find((one) => one.code === id);
  if (pot !== undefined) return pot;
  throw new ApiError('POT_NOT_FOUND', 'the jackpot has no such pot', { details: { id: code, pot_id: id } });
}
