import type { CreateJackpotRequest, PotInput, UpdateJackpotRequest } from '../../../gen/windfall/jackpot/v1/jackpot.ts';
import { HIT_RATE_N_MAX } from '../../fairness/index.ts';
import { formatDecimal, fromNumber, invalid, parseDecimal, type Micros } from '../../kernel/index.ts';
import type { Definition, PotDefinition } from './definition.ts';
import type { WinSelector } from './rules.ts';

/** A pot as an admin wants it: its settings, and what it opens with. */
export interface WantedPot {
  readonly settings: Omit<PotDefinition, 'pot'>;
  readonly value: Micros;
  readonly surplus: Micros;
}

const ONE = 1_000_000n;
/** The most that any amount of a definition is: 10⁹ units. */
const MOST = 1_000_000_000_000_000n;

/** The pots of a new jackpot. Refuses what the field rules cannot say. */
export function wantedPots({ pots, seedUsd }: Pick<CreateJackpotRequest, 'pots' | 'seedUsd'>): WantedPot[] {
  if (pots.length > 0 && seedUsd !== 0) throw invalid('seed_usd', 'must be 0 where there are pots');
  const inputs = pots.length > 0 ? pots : [mainPot(seedUsd)];
  const wanted = inputs.map((input, i) => wantedPot(input, `pots[${i}]`));
  checkTogether(wanted);
  return wanted;
}

/** The short form: one pot that takes whole contributions and is dropped from outside. */
function mainPot(seed: number): PotInput {
  return {
    id: 'main', share: '', seedShare: '', seed: formatDecimal(seedMicros(seed)), initialSeed: '', surplusSeed: '',
    fundStrategy: '', reseedStrategy: '', fixedValue: false, maxValue: '', externalDrop: true, hitRate: undefined,
    mustDropValue: '', mustDropSeconds: 0,
  };
}

function seedMicros(seed: number): Micros {
  const micros = fromNumber(seed);
  if (micros === undefined) throw invalid('seed_usd', 'must have at most 6 decimals');
  return micros;
}

function checkTogether(pots: readonly WantedPot[]): void {
  const ids = new Set<string>();
  let shares = 0n;
  pots.forEach(({ settings: { id, share } }, i) => {
    if (ids.has(id)) throw invalid(`pots[${i}].id`, 'is in the jackpot twice');
    ids.add(id);
    shares += parseDecimal(share)!;
    if (shares > ONE) throw invalid(`pots[${i}].share`, 'takes the shares of the pots beyond 1');
  });
}

/** An amount from its decimal; an empty one is `otherwise`. */
function amount(text: string, field: string, otherwise = 0n): Micros {
  if (text === '') return otherwise;
  const micros = parseDecimal(text)!;
  if (micros > MOST) throw invalid(field, 'must be at most 10⁹');
  return micros;
}

function wantedPot(input: PotInput, field: string): WantedPot {
  const seed = amount(input.seed, `${field}.seed`);
  const value = amount(input.initialSeed, `${field}.initial_seed`, seed);
  const maxValue = input.maxValue === '' ? null : amount(input.maxValue, `${field}.max_value`);
  const mustDrop = mustDropOf(input, field);
  const least = seed > value ? seed : value;
  if (maxValue !== null && maxValue <= least) throw invalid(`${field}.max_value`, 'must be more than the pot starts with');
  if (mustDrop?.kind === 'value') checkTrigger(input, parseDecimal(mustDrop.at)!, least, maxValue, field);
  const share = amount(input.share, `${field}.share`, ONE);
  if (share === 0n) throw invalid(`${field}.share`, 'must be more than 0');
  const hitRate = hitRateOf(input, field);
  return {
    value,
    surplus: amount(input.surplusSeed, `${field}.surplus_seed`),
    settings: {
      id: input.id,
      share: formatDecimal(share),
      seedShare: formatDecimal(amount(input.seedShare, `${field}.seed_share`)),
      seed: formatDecimal(seed),
      collect: input.fundStrategy === 'collect_always' ? 'always' : 'to_seed',
      reseed: input.reseedStrategy === 'minimum' ? 'minimum' : 'full',
      fixed: input.fixedValue,
      maxValue: maxValue === null ? null : formatDecimal(maxValue),
      externalDrop: input.externalDrop || (hitRate === null && mustDrop === null),
      hitRate, mustDrop,
    },
  };
}

function checkTrigger(input: PotInput, at: Micros, least: Micros, maxValue: Micros | null, field: string): void {
  if (input.fixedValue) throw invalid(`${field}.must_drop_value`, 'cannot be reached by a pot of fixed value');
  if (at <= least) throw invalid(`${field}.must_drop_value`, 'must be more than the pot starts with');
  if (maxValue !== null && maxValue < at) throw invalid(`${field}.max_value`, 'must not be below must_drop_value');
}

function mustDropOf({ mustDropValue, mustDropSeconds }: PotInput, field: string): PotDefinition['mustDrop'] {
  const at = amount(mustDropValue, `${field}.must_drop_value`);
  if (at > 0n && mustDropSeconds > 0) throw invalid(`${field}.must_drop_seconds`, 'cannot be set beside must_drop_value');
  if (at > 0n) return { kind: 'value', at: formatDecimal(at) };
  return mustDropSeconds > 0 ? { kind: 'time', seconds: mustDropSeconds } : null;
}

function hitRateOf({ hitRate }: PotInput, field: string): PotDefinition['hitRate'] {
  if (hitRate === undefined) return null;
  const cost = amount(hitRate.cost, `${field}.hit_rate.cost`);
  if (cost === 0n) throw invalid(`${field}.hit_rate.cost`, 'must be more than 0');
  const odds = Number(hitRate.odds);
  if (odds > HIT_RATE_N_MAX) throw invalid(`${field}.hit_rate.odds`, `must be at most ${HIT_RATE_N_MAX}`);
  return { cost: formatDecimal(cost), odds };
}

/** A definition with what an update sets. Refuses what must stay. */
export function updatedDefinition(before: Definition, request: UpdateJackpotRequest): Definition {
  return {
    ...before,
    name: request.name ?? before.name,
    funding: (request.funding || before.funding) as Definition['funding'],
    selector: (request.winSelector || before.selector) as WinSelector,
    pots: updatedPots(before.pots, request),
  };
}

function updatedPots(before: readonly PotDefinition[], { pots, seedUsd }: UpdateJackpotRequest): readonly PotDefinition[] {
  if (seedUsd !== undefined) return reseeded(before, seedUsd, pots.length);
  if (pots.length === 0) return before;
  const wanted = wantedPots({ pots, seedUsd: 0 });
  if (wanted.length !== before.length) throw invalid('pots', `must be the ${before.length} pots that there are`);
  return wanted.map(({ settings }, i) => {
    const { pot, ...old } = before[i]!;
    if (settings.id !== old.id) throw invalid(`pots[${i}].id`, `must be ${old.id}`);
    if (waysOf(settings) !== waysOf(old)) throw invalid(`pots[${i}]`, `must be won in the same ways: ${waysOf(old)}`);
    return { pot, ...settings };
  });
}

function reseeded(before: readonly PotDefinition[], seedUsd: number, given: number): readonly PotDefinition[] {
  if (given > 0) throw invalid('seed_usd', 'cannot be set beside pots');
  if (before.length > 1) throw invalid('seed_usd', 'cannot be set where there are several pots');
  const [only] = before as readonly [PotDefinition];
  const { mustDrop, maxValue } = only;
  const caps = [maxValue, mustDrop?.kind === 'value' ? mustDrop.at : null]
    .filter((cap) => cap !== null).map((cap) => parseDecimal(cap)!);
  const seed = seedMicros(seedUsd);
  if (caps.some((cap) => cap <= seed)) throw invalid('seed_usd', 'must be below what the pot may hold');
  return [{ ...only, seed: formatDecimal(seed) }];
}

/** In which ways a pot can be won. */
function waysOf({ externalDrop, hitRate, mustDrop }: Omit<PotDefinition, 'pot'>): string {
  const ways = [externalDrop && 'external_drop', hitRate !== null && 'hit_rate', mustDrop !== null && `must_drop_${mustDrop.kind}`];
  return ways.filter(Boolean).join(', ');
}
