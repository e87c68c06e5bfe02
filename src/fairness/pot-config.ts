import { formatDecimal, invalid, ONE, type Micros } from '../kernel/index.ts';
import { bindConfig, type BoundConfig } from './config-hash.ts';
import { HIT_RATE_N_MAX } from './hit-rate.ts';
import { JsonReader } from './json-reader.ts';

/** What a pot's odds depend on: frozen for each of its cycles. */
export interface PotTerms {
  /** A whole attempt costs `cost` and wins with chance 1 / odds; null: the pot is not hit by chance. */
  readonly hitRate: { readonly cost: Micros; readonly odds: number } | null;
  /** The most that one contribution adds to the value; null: no limit. */
  readonly maxStep: Micros | null;
  /** The cap of the value; null: none. */
  readonly maxValue: Micros | null;
  /** A smaller contribution draws nothing, and goes to the reserve. */
  readonly minContribution: Micros;
  /** Neither does one for a smaller wager, which has no part in the sum of the cycle either; 0: none. */
  readonly minBaseWager: Micros;
  /** The value at which the pot drops at the latest; null: none. */
  readonly mustDropValue: Micros | null;
}

/** How a pot is fed and started: the same version's for all pots. Shares are in millionths. */
export interface PotRules {
  /** The part of a contribution after fixed amounts; 0 if the share is fixed. */
  readonly share: bigint;
  /** The fixed amount of each contribution; 0 if the share is a part. */
  readonly fixedShare: Micros;
  readonly seedShare: bigint;
  readonly seed: Micros;
  readonly collect: 'to_seed' | 'always';
  readonly reseed: 'full' | 'minimum';
  readonly fixed: boolean;
}

/** A pot as contributions are drawn from it. */
export interface PotConfig extends PotRules {
  readonly id: string;
  readonly terms: PotTerms;
  /** The terms of the pot's next cycle, if they are others. */
  readonly next: PotTerms | null;
}

export type WinSelector = 'all' | 'first' | 'lowest' | 'highest';
const SELECTORS: readonly string[] = ['all', 'first', 'lowest', 'highest'] satisfies WinSelector[];

/** All that the draw of a contribution, and what becomes of its amount, depend on. */
export interface JackpotConfig {
  /** The part of each contribution that the operator pays, in millionths. */
  readonly operatorShare: bigint;
  readonly selector: WinSelector;
  /** In their order. */
  readonly pots: readonly PotConfig[];
}

/** Whether one of the pots asks for a wager. */
export const asksWager = ({ pots }: JackpotConfig): boolean => pots.some(({ terms }) => terms.minBaseWager > 0n);

/** A pot in its last cycle: it keeps nothing for another one, and starts with nothing. */
export const inLastCycle = (pot: PotConfig): PotConfig => ({
  ...pot,
  seed: 0n,
  seedShare: 0n,
  next: { ...pot.terms, maxValue: 0n },
});

/** A pot after its last cycle: it takes no part of contributions. */
export const afterLastCycle = (pot: PotConfig): PotConfig => ({ ...inLastCycle(pot), share: 0n, fixedShare: 0n });

export interface BoundJackpot extends BoundConfig {
  readonly jackpot: JackpotConfig;
}

const POTS_MAX = 100;
const orNull = (micros: Micros | null): string | null => (micros === null ? null : formatDecimal(micros));

const termsJson = ({ hitRate, maxStep, maxValue, minBaseWager, minContribution, mustDropValue }: PotTerms): object => ({
  hit_rate: hitRate === null ? null : { cost: formatDecimal(hitRate.cost), odds: hitRate.odds },
  max_step: orNull(maxStep),
  max_value: orNull(maxValue),
  ...(minBaseWager === 0n ? {} : { min_base_wager: formatDecimal(minBaseWager) }),
  min_contribution: formatDecimal(minContribution),
  must_drop_value: orNull(mustDropValue),
});

/** The terms of a pot's cycle as they are stored with it: RFC 8785 text. */
export const termsText = (terms: PotTerms): string => bindConfig(termsJson(terms)).config;

/** Parses the text of `termsText`. */
export const readTerms = (text: string): PotTerms => termsOf(JsonReader.parse(text, 'terms'));

/**
 * Binds what contributions are drawn from. What is hashed, exactly: SPECIFICATION.md, "Jackpots". Amounts and shares
 * are the shortest decimal strings.
 */
export function bindJackpotConfig(jackpot: JackpotConfig): BoundJackpot {
  const { operatorShare, selector, pots } = jackpot;
  const json = {
    operator_share: formatDecimal(operatorShare),
    pots: pots.map(({ id, terms, next, ...rules }) => ({
      id,
      fixed_amount: formatDecimal(rules.fixedShare),
      fixed_value: rules.fixed,
      fraction: formatDecimal(rules.share),
      fund_strategy: rules.collect === 'always' ? 'collect_always' : 'collect_to_seed',
      next: next === null ? null : termsJson(next),
      reseed_strategy: rules.reseed,
      seed: formatDecimal(rules.seed),
      seed_share: formatDecimal(rules.seedShare),
      terms: termsJson(terms),
    })),
    win_selector: selector,
  };
  return { ...bindConfig(json), jackpot };
}

/** Parses the text that `bindJackpotConfig` hashes. @throws ApiError naming the part that has another shape. */
export function readJackpotConfig(config: string): JackpotConfig {
  const json = JsonReader.parse(config, 'config');
  const pots = json.member('pots').items(POTS_MAX).map(potOf);
  const shares = pots.reduce((sum, { share }) => sum + share, 0n);
  if (shares > ONE) throw invalid('config.pots', 'have shares beyond 1');
  return {
    pots,
    operatorShare: fraction(json.member('operator_share'), 'config.operator_share'),
    selector: oneOf(json.member('win_selector').string(), SELECTORS, 'config.win_selector') as WinSelector,
  };
}

function potOf(json: JsonReader): PotConfig {
  const name = (member: string, values: readonly string[]): string =>
    oneOf(json.member(member).string(), values, `config.pots.${member}`);
  const fund = name('fund_strategy', ['collect_always', 'collect_to_seed']);
  return {
    id: json.member('id').string(),
    fixedShare: json.member('fixed_amount').amount(),
    fixed: json.member('fixed_value').boolean(),
    share: fraction(json.member('fraction'), 'config.pots.fraction'),
    collect: fund === 'collect_always' ? 'always' : 'to_seed',
    next: json.member('next').isNull() ? null : termsOf(json.member('next')),
    reseed: name('reseed_strategy', ['full', 'minimum']) as PotConfig['reseed'],
    seed: json.member('seed').amount(),
    seedShare: fraction(json.member('seed_share'), 'config.pots.seed_share'),
    terms: termsOf(json.member('terms')),
  };
}

function termsOf(json: JsonReader): PotTerms {
  const amount = (member: string): Micros | null =>
    json.member(member).isNull() ? null : json.member(member).amount();
  const hit = json.member('hit_rate');
  const hitRate = hit.isNull()
    ? null
    : { cost: hit.member('cost').amount(), odds: hit.member('odds').integer(1, HIT_RATE_N_MAX) };
  if (hitRate?.cost === 0n) throw invalid('config.pots', 'have a hit_rate that costs nothing');
  return {
    hitRate,
    maxStep: amount('max_step'),
    maxValue: amount('max_value'),
    minBaseWager: json.has('min_base_wager') ? json.member('min_base_wager').amount() : 0n,
    minContribution: json.member('min_contribution').amount(),
    mustDropValue: amount('must_drop_value'),
  };
}

function fraction(json: JsonReader, path: string): bigint {
  const millionths = json.amount();
  if (millionths > ONE) throw invalid(path, 'is beyond 1');
  return millionths;
}

function oneOf(text: string, values: readonly string[], path: string): string {
  if (!values.includes(text)) throw invalid(path, `is none of ${values.join(', ')}`);
  return text;
}
