import type { JackpotDefinitionV2, PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type {
  CreateJackpotRequest,
  PotInput,
  UpdateJackpotRequest,
  WinRule,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { invalid, parseDecimal, ONE, type Micros } from '../../kernel/index.ts';

/** A pot as an admin has defined it. */
export type PotSettings = Omit<PotDefinitionV2, 'pot'>;

/** What only pots of instances have. */
export const NOT_OF_INSTANCE = { minBaseWager: 0n, maxStarts: 0, community: [] };

const amountOf = (text: string, otherwise = 0n): Micros => (text === '' ? otherwise : parseDecimal(text)!);

/** The part of contributions that the operator pays, in millionths. */
export const operatorShare = (share: string): bigint => amountOf(share, ONE);

/** The pots of a new jackpot. Throws INVALID_ARGUMENT if the sum of their fractions exceeds 1. */
export function potSettings({ pots, seedUsd }: Pick<CreateJackpotRequest, 'pots' | 'seedUsd'>): PotSettings[] {
  const settings = pots.length > 0 ? pots.map(settingsOf) : [mainPot(amountOf(seedUsd))];
  let shares = 0n;
  settings.forEach(({ share }, i) => {
    shares += share;
    if (shares > ONE) throw invalid(`pots[${i}].fraction`, 'takes the fractions of the pots beyond 1');
  });
  return settings;
}

/** The settings of a pot without win rules. */
const NO_RULES = {
  hitCost: 0n,
  hitOdds: 0n,
  mustDropValue: 0n,
  mustDropSeconds: 0n,
  mustDropHidden: false,
  externalDrop: false,
};

/** The short form: one pot that gets whole contributions and is dropped by DropJackpot. */
const mainPot = (seed: Micros): PotSettings => ({
  ...NOT_OF_INSTANCE,
  ...NO_RULES,
  code: 'main',
  share: ONE,
  fixedShare: 0n,
  seedShare: 0n,
  seed,
  initialValue: seed,
  surplus: 0n,
  collectAlways: false,
  reseedMinimum: false,
  fixed: false,
  maxValue: undefined,
  maxStep: 0n,
  minContribution: 0n,
  externalDrop: true,
});

function settingsOf(input: PotInput): PotSettings {
  const seed = amountOf(input.seed);
  return {
    ...NOT_OF_INSTANCE,
    ...sharesOf(input.share),
    ...rulesOf(input.winRules),
    seed,
    code: input.id,
    seedShare: amountOf(input.seedShare),
    initialValue: amountOf(input.initialSeed, seed),
    surplus: amountOf(input.surplusSeed),
    collectAlways: input.fundStrategy === 'collect_always',
    reseedMinimum: input.reseedStrategy === 'minimum',
    fixed: input.fixedValue,
    maxValue: input.maxValue === '' ? undefined : amountOf(input.maxValue),
    maxStep: amountOf(input.maxStep),
    minContribution: amountOf(input.minContribution),
  };
}

function sharesOf(share: PotInput['share']): Pick<PotSettings, 'share' | 'fixedShare'> {
  if (share?.$case === 'fixedAmount') return { share: 0n, fixedShare: amountOf(share.value) };
  return { share: share === undefined ? ONE : amountOf(share.value), fixedShare: 0n };
}

/** The ways in which a pot is won. A pot without rules is dropped by DropJackpot. */
function rulesOf(winRules: readonly WinRule[]): typeof NO_RULES {
  const rules = { ...NO_RULES, externalDrop: winRules.length === 0 };
  for (const { rule } of winRules) {
    switch (rule!.$case) {
      case 'hitRate':
        Object.assign(rules, { hitCost: amountOf(rule!.value.cost), hitOdds: rule!.value.odds });
        break;
      case 'mustDropValue':
        rules.mustDropValue = amountOf(rule!.value.value);
        break;
      case 'mustDropTime':
        rules.mustDropSeconds = BigInt(rule!.value.seconds);
        rules.mustDropHidden = rule!.value.hidden;
        break;
      case 'externalDrop':
        rules.externalDrop = true;
    }
  }
  return rules;
}

/** A definition with the changes of an update. Throws INVALID_ARGUMENT if it changes what must not change. */
export function updatedDefinition(before: JackpotDefinitionV2, request: UpdateJackpotRequest): JackpotDefinitionV2 {
  if (before.instance !== undefined) throw invalid('id', 'is a jackpot instance: InstanceService changes it');
  return {
    ...before,
    name: request.name ?? before.name,
    operatorShare: amountOf(request.operatorShare, before.operatorShare),
    selector: request.winSelector || before.selector,
    pots: updatedPots(before.pots, request),
  };
}

function updatedPots(
  before: readonly PotDefinitionV2[],
  { pots, seedUsd }: UpdateJackpotRequest,
): readonly PotDefinitionV2[] {
  if (seedUsd !== undefined) return reseeded(before, amountOf(seedUsd));
  if (pots.length === 0) return before;
  const settings = potSettings({ pots, seedUsd: '' });
  if (settings.length !== before.length) throw invalid('pots', `must be the ${before.length} pots that there are`);
  return settings.map((wanted, i) => {
    const old = before[i]!;
    if (wanted.code !== old.code) throw invalid(`pots[${i}].id`, `must be ${old.code}`);
    if (waysOf(wanted) !== waysOf(old)) throw invalid(`pots[${i}].win_rules`, `must be the same ones: ${waysOf(old)}`);
    // The opening stays as it was when the pot was created.
    return { ...wanted, pot: old.pot, initialValue: old.initialValue, surplus: old.surplus };
  });
}

function reseeded(before: readonly PotDefinitionV2[], seed: Micros): readonly PotDefinitionV2[] {
  if (before.length > 1) throw invalid('seed_usd', 'cannot be set where there are several pots');
  const [only] = before as readonly [PotDefinitionV2];
  const caps = [only.maxValue, only.mustDropValue || undefined].filter((cap) => cap !== undefined);
  if (caps.some((cap) => cap <= seed)) throw invalid('seed_usd', 'must be below what the pot may hold');
  return [{ ...only, seed }];
}

/** The ways in which a pot can be won. */
function waysOf({ externalDrop, hitCost, mustDropValue, mustDropSeconds }: PotSettings): string {
  const ways = [
    externalDrop && 'external_drop',
    hitCost > 0n && 'hit_rate',
    mustDropValue > 0n && 'must_drop_value',
    mustDropSeconds > 0n && 'must_drop_time',
  ];
  return ways.filter(Boolean).join(', ');
}
