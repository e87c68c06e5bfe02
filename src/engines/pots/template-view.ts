import type { PotsBound, PotsRules, PotsTemplate, PotsTemplatePot } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { JackpotTemplate } from '../../../gen/ts/windfall/pots/v1/template.ts';
import type {
  CurrencyValue,
  JackpotContributionRules,
  PotTemplate,
  PotType,
} from '../../../gen/ts/windfall/pots/v1/types.ts';
import { toNumber } from '../../kernel/index.ts';
import { communityMessage } from './community/definition.ts';
import { shareMessage } from './numbers.ts';
import { periodOf } from './periods.ts';
import { raffleMessage } from './raffle/rules.ts';

/** The message of a template, without its id, owner and state. */
export function templateMessage(
  content: PotsTemplate,
): Omit<JackpotTemplate, 'id' | 'ownerId' | 'published' | 'referenceCount'> {
  const { name, description, currency, rules, pots, selector, raffle } = content;
  return {
    name,
    description,
    currency,
    contributionRules: rulesMessage(rules!),
    houseHoldContribution: shareMessage(rules!.house!),
    jackpotType: raffle === undefined ? 'Jackpot' : 'Raffle',
    raffleRules: raffle && raffleMessage(raffle),
    pots: pots.map(potMessage),
    winSelectorStrategy: selector || undefined,
  };
}

/** The message of the rules of contributions. */
export const rulesMessage = (rules: PotsRules): JackpotContributionRules => ({
  optInRequired: rules.optInRequired,
  contributionType: shareMessage(rules.contribution!),
  operatorContributionPercentage: toNumber(rules.operatorShare),
  allowedCountries: rules.allowedCountries,
  blacklistedCountries: rules.blacklistedCountries,
  minContribution: rules.minContribution.map(boundMessage),
  maxContribution: rules.maxContribution.map(boundMessage),
  withholdAbove: rules.withholdAbove === undefined ? undefined : toNumber(rules.withholdAbove),
  withholdCountries: rules.withholdCountries,
});

const boundMessage = ({ currency, amount }: PotsBound): CurrencyValue => ({ currency, value: toNumber(amount) });

/** The message of a pot as its template defines it. */
export const potMessage = (pot: PotsTemplatePot): PotTemplate => ({
  id: pot.code,
  contribution: shareMessage(pot.share!),
  seedContribution: { type: { $case: 'percentage', value: toNumber(pot.seedShare) } },
  seedStrategy: {
    initialSeedValue: toNumber(pot.initialValue),
    minReseedValue: toNumber(pot.seed),
    fundStrategy: pot.collectAlways ? 'CollectAlways' : 'CollectToMinReseed',
    reseedStrategy: pot.reseedMinimum ? 'MinReseed' : 'Full',
  },
  maxInstantiationCount: pot.maxStarts || undefined,
  isProgressive: !pot.fixed,
  supportsExternalTrigger: pot.externalDrop,
  potTypes: typesMessage(pot),
  criteria: criteriaMessage(pot),
  maxPotValue: pot.maxValue === 0n ? undefined : toNumber(pot.maxValue),
  communityPayouts: pot.community.map(communityMessage),
});

const criteriaMessage = ({ minContribution, minBaseWager }: PotsTemplatePot): PotTemplate['criteria'] =>
  minContribution + minBaseWager === 0n
    ? undefined
    : { minContribution: toNumber(minContribution), minBaseWager: toNumber(minBaseWager) };

function typesMessage({
  hitCost,
  hitOdds,
  mustDropValue,
  mustDropSeconds,
  mustDropHidden,
}: PotsTemplatePot): PotType[] {
  const types: NonNullable<PotType['type']>[] = [];
  if (hitCost > 0n)
    types.push({ $case: 'hitRate', value: { costPerAttempt: toNumber(hitCost), maxMagicNumber: Number(hitOdds) } });
  if (mustDropValue > 0n) types.push({ $case: 'mustDropByValue', value: { maxValue: toNumber(mustDropValue) } });
  if (mustDropSeconds > 0n)
    types.push({
      $case: 'mustDropByTime',
      value: { period: periodOf(Number(mustDropSeconds)), hidden: mustDropHidden },
    });
  return types.map((type) => ({ type }));
}
