import type { PotsTemplate, PotsTemplatePot } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import {
  JackpotServiceService,
  type CreateJackpotRequest,
  type PotInput,
  type WinRule,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { formatDecimal } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';

const SELECTORS = new Map([
  ['Lowest', 'lowest'],
  ['Highest', 'highest'],
]);

/** The jackpot that an instance of a template is. @param id and name of the instance. */
export function jackpotRequest(
  { currency, rules, pots, selector }: PotsTemplate,
  { id, name }: Pick<CreateJackpotRequest, 'id' | 'name'>,
): CreateJackpotRequest {
  return {
    id,
    name,
    asset: currency,
    seedUsd: '',
    pots: pots.map(potInput),
    operatorShare: formatDecimal(rules!.operatorShare),
    winSelector: SELECTORS.get(selector) ?? 'first',
    idempotencyKey: '',
    status: '',
    reason: '',
    effectiveTime: undefined,
  };
}

function potInput(pot: PotsTemplatePot): PotInput {
  const { isFixed, fixed, percentage } = pot.share!;
  return {
    id: pot.code,
    share: isFixed
      ? { $case: 'fixedAmount', value: formatDecimal(fixed) }
      : { $case: 'fraction', value: formatDecimal(percentage) },
    seedShare: formatDecimal(pot.seedShare),
    seed: formatDecimal(pot.seed),
    initialSeed: formatDecimal(pot.initialValue),
    surplusSeed: '',
    fundStrategy: pot.collectAlways ? 'collect_always' : 'collect_to_seed',
    reseedStrategy: pot.reseedMinimum ? 'minimum' : 'full',
    fixedValue: pot.fixed,
    maxValue: pot.maxValue === 0n ? '' : formatDecimal(pot.maxValue),
    winRules: rulesOf(pot),
    maxStep: '',
    minContribution: formatDecimal(pot.minContribution),
  };
}

function rulesOf(pot: PotsTemplatePot): WinRule[] {
  const { hitCost, hitOdds, mustDropValue, mustDropSeconds, mustDropHidden: hidden, externalDrop } = pot;
  const rules: NonNullable<WinRule['rule']>[] = [];
  if (hitCost > 0n) rules.push({ $case: 'hitRate', value: { cost: formatDecimal(hitCost), odds: hitOdds } });
  if (mustDropValue > 0n) rules.push({ $case: 'mustDropValue', value: { value: formatDecimal(mustDropValue) } });
  if (mustDropSeconds > 0n) rules.push({ $case: 'mustDropTime', value: { hidden, seconds: Number(mustDropSeconds) } });
  if (externalDrop) rules.push({ $case: 'externalDrop', value: {} });
  return rules.map((rule) => ({ rule }));
}

/**
 * Throws INVALID_ARGUMENT if no jackpot can be made of a template: the rules are those of CreateJackpot, and the fields
 * that they name are its own.
 */
export function requireJackpot(platform: Platform, template: PotsTemplate): void {
  const request = jackpotRequest(template, { id: 'template', name: template.name });
  platform.itemCheck(JackpotServiceService.createJackpot.path)({ ...request, idempotencyKey: 'template' });
}
