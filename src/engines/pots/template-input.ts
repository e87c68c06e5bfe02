import type { PotsRules, PotsTemplate, PotsTemplatePot } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { JackpotTemplate } from '../../../gen/ts/windfall/pots/v1/template.ts';
import type { CurrencyValue, JackpotContributionRules, PotTemplate } from '../../../gen/ts/windfall/pots/v1/types.ts';
import { invalid, ONE } from '../../kernel/index.ts';
import { communityOf, requireShort, type CommunityOf } from './community/definition.ts';
import { exact, shareOf, whole } from './numbers.ts';
import { secondsOf } from './periods.ts';
import { raffleOf } from './raffle/rules.ts';

/**
 * The stored form of a template. Throws INVALID_ARGUMENT for numbers with more than 6 decimals, and shares that do not
 * make up the whole. @param brand the number of the owning brand; 0: the operator's own.
 */
export function templateOf(template: JackpotTemplate, brand: number): PotsTemplate {
  const rules = rulesOf(template.contributionRules!, template);
  const raffle = raffleOf(template);
  const of = { optInRequired: rules.optInRequired, drawn: raffle !== undefined };
  const pots = template.pots.map((pot, i) => potOf(pot, `pots[${i}]`, of));
  requireWhole(rules, pots);
  requireShort(pots.map(({ community }) => community));
  return {
    rules,
    pots,
    raffle,
    name: template.name,
    description: template.description,
    brand: BigInt(brand),
    currency: template.currency,
    selector: template.winSelectorStrategy ?? '',
  };
}

function rulesOf(rules: JackpotContributionRules, { houseHoldContribution }: JackpotTemplate): PotsRules {
  const bounds = (field: string, values: readonly CurrencyValue[]): PotsRules['minContribution'] => {
    const once = new Set(values.map(({ currency }) => currency));
    if (once.size < values.length) throw invalid(`contribution_rules.${field}`, 'must not have a currency twice');
    return values.map(({ currency, value }, i) => ({
      currency,
      amount: exact(`contribution_rules.${field}[${i}].value`, value),
    }));
  };
  const operatorShare = 'contribution_rules.operator_contribution_percentage';
  return {
    optInRequired: rules.optInRequired,
    contribution: shareOf('contribution_rules.contribution_type', rules.contributionType!),
    operatorShare: exact(operatorShare, rules.operatorContributionPercentage),
    allowedCountries: rules.allowedCountries,
    blacklistedCountries: rules.blacklistedCountries,
    minContribution: bounds('min_contribution', rules.minContribution),
    maxContribution: bounds('max_contribution', rules.maxContribution),
    withholdAbove:
      rules.withholdAbove === undefined ? undefined : exact('contribution_rules.withhold_above', rules.withholdAbove),
    withholdCountries: rules.withholdCountries,
    house: shareOf('house_hold_contribution', houseHoldContribution!),
  };
}

function potOf(pot: PotTemplate, at: string, of: CommunityOf): PotsTemplatePot {
  const seeds = pot.seedStrategy!;
  const saved = pot.seedContribution && shareOf(`${at}.seed_contribution`, pot.seedContribution);
  if (saved?.isFixed) throw invalid(`${at}.seed_contribution`, 'must be a Percentage');
  const share = shareOf(`${at}.contribution`, pot.contribution!);
  if (share.fixed + share.percentage === 0n) throw invalid(`${at}.contribution`, 'must be above 0');
  return {
    ...waysOf(pot, at, of.drawn),
    share,
    code: pot.id,
    seedShare: saved?.percentage ?? 0n,
    initialValue: exact(`${at}.seed_strategy.initial_seed_value`, seeds.initialSeedValue),
    seed: exact(`${at}.seed_strategy.min_reseed_value`, seeds.minReseedValue),
    collectAlways: seeds.fundStrategy === 'CollectAlways',
    reseedMinimum: seeds.reseedStrategy === 'MinReseed',
    fixed: pot.isProgressive === false,
    minContribution: exact(`${at}.criteria.min_contribution`, pot.criteria?.minContribution ?? 0),
    minBaseWager: exact(`${at}.criteria.min_base_wager`, pot.criteria?.minBaseWager ?? 0),
    maxValue: exact(`${at}.max_pot_value`, pot.maxPotValue ?? 0),
    maxStarts: Number(whole(`${at}.max_instantiation_count`, pot.maxInstantiationCount ?? 0)),
    community: communityOf(pot.communityPayouts, at, of),
  };
}

type Way = 'externalDrop' | 'hitCost' | 'hitOdds' | 'mustDropValue' | 'mustDropSeconds' | 'mustDropHidden';
type Ways = { -readonly [Name in Way]: PotsTemplatePot[Name] };

/** The ways in which a pot is won. Throws INVALID_ARGUMENT for none, and for one kind twice. */
function waysOf({ supportsExternalTrigger, potTypes }: PotTemplate, at: string, drawn: boolean): Ways {
  const ways: Ways = {
    externalDrop: supportsExternalTrigger,
    hitCost: 0n,
    hitOdds: 0n,
    mustDropValue: 0n,
    mustDropSeconds: 0n,
    mustDropHidden: false,
  };
  if (potTypes.length === 0 && !supportsExternalTrigger && !drawn)
    throw invalid(`${at}.pot_types`, 'must not be empty: nothing could win the pot');
  const kinds = new Set(potTypes.map(({ type }) => type!.$case));
  if (kinds.size < potTypes.length) throw invalid(`${at}.pot_types`, 'must have each kind at most once');
  potTypes.forEach(({ type }, i) => {
    const field = `${at}.pot_types[${i}]`;
    switch (type!.$case) {
      case 'hitRate':
        ways.hitCost = exact(`${field}.HitRate.cost_per_attempt`, type!.value.costPerAttempt);
        ways.hitOdds = whole(`${field}.HitRate.max_magic_number`, type!.value.maxMagicNumber);
        break;
      case 'mustDropByValue':
        ways.mustDropValue = exact(`${field}.MustDropByValue.max_value`, type!.value.maxValue);
        break;
      case 'mustDropByTime':
        ways.mustDropSeconds = BigInt(secondsOf(type!.value.period!));
        ways.mustDropHidden = type!.value.hidden;
    }
  });
  return ways;
}

/** Throws INVALID_ARGUMENT if house and pots are not the whole contribution. */
function requireWhole({ house, contribution }: PotsRules, pots: readonly PotsTemplatePot[]): void {
  const fixed = pots.reduce((sum, { share }) => sum + share!.fixed, 0n);
  const percentage = pots.reduce((sum, { share }) => sum + share!.percentage, 0n);
  if (contribution!.isFixed && fixed > contribution!.fixed)
    throw invalid('pots', 'must not have Fixed contributions beyond the whole contribution');
  if (!house!.isFixed) {
    if (percentage + house!.percentage !== ONE && pots.some(({ share }) => !share!.isFixed))
      throw invalid('house_hold_contribution', 'must make up 1 with the percentages of the pots');
    return;
  }
  if (percentage > 0n || !contribution!.isFixed || fixed + house!.fixed !== contribution!.fixed)
    throw invalid('house_hold_contribution', 'must make up a Fixed contribution with Fixed contributions of the pots');
}
