import type { JackpotDefinition, PotDefinition } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type {
  CreateJackpotRequest,
  PotInput,
  UpdateJackpotRequest,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { fromNumber, invalid, parseDecimal, type Micros } from '../../kernel/index.ts';

/** A pot as an admin wants it. */
export type PotSettings = Omit<PotDefinition, 'pot'>;

const ONE = 1_000_000n;
const amountOf = (text: string, otherwise = 0n): Micros => (text === '' ? otherwise : parseDecimal(text)!);

/** The pots of a new jackpot, whose shares are together at most 1. */
export function potSettings({ pots, seedUsd }: Pick<CreateJackpotRequest, 'pots' | 'seedUsd'>): PotSettings[] {
  const wanted = pots.length > 0 ? pots.map(wantedPot) : [mainPot(seedMicros(seedUsd))];
  let shares = 0n;
  wanted.forEach(({ share }, i) => {
    shares += share;
    if (shares > ONE) throw invalid(`pots[${i}].share`, 'takes the shares of the pots beyond 1');
  });
  return wanted;
}

/** The short form: one pot that takes whole contributions and is dropped from outside. */
const mainPot = (seed: Micros): PotSettings => ({
  code: 'main',
  share: ONE,
  seedShare: 0n,
  seed,
  initialValue: seed,
  surplus: 0n,
  collectAlways: false,
  reseedMinimum: false,
  fixed: false,
  maxValue: undefined,
  externalDrop: true,
  hitCost: 0n,
  hitOdds: 0n,
  mustDropValue: 0n,
  mustDropSeconds: 0n,
});

function seedMicros(seed: number): Micros {
  const micros = fromNumber(seed);
  if (micros === undefined) throw invalid('seed_usd', 'must have at most 6 decimals');
  return micros;
}

function wantedPot(input: PotInput): PotSettings {
  const seed = amountOf(input.seed);
  const mustDropValue = amountOf(input.mustDropValue);
  return {
    code: input.id,
    share: amountOf(input.share, ONE),
    seedShare: amountOf(input.seedShare),
    seed,
    initialValue: amountOf(input.initialSeed, seed),
    surplus: amountOf(input.surplusSeed),
    collectAlways: input.fundStrategy === 'collect_always',
    reseedMinimum: input.reseedStrategy === 'minimum',
    fixed: input.fixedValue,
    maxValue: input.maxValue === '' ? undefined : amountOf(input.maxValue),
    externalDrop:
      input.externalDrop || (input.hitRate === undefined && mustDropValue === 0n && input.mustDropSeconds === 0),
    hitCost: amountOf(input.hitRate?.cost ?? ''),
    hitOdds: input.hitRate?.odds ?? 0n,
    mustDropValue,
    mustDropSeconds: BigInt(input.mustDropSeconds),
  };
}

/** A definition with what an update sets. Refuses what must stay. */
export function updatedDefinition(before: JackpotDefinition, request: UpdateJackpotRequest): JackpotDefinition {
  return {
    ...before,
    name: request.name ?? before.name,
    playerFunded: request.funding === '' ? before.playerFunded : request.funding === 'player',
    selector: request.winSelector || before.selector,
    pots: updatedPots(before.pots, request),
  };
}

function updatedPots(
  before: readonly PotDefinition[],
  { pots, seedUsd }: UpdateJackpotRequest,
): readonly PotDefinition[] {
  if (seedUsd !== undefined) return reseeded(before, seedUsd);
  if (pots.length === 0) return before;
  const wanted = potSettings({ pots, seedUsd: 0 });
  if (wanted.length !== before.length) throw invalid('pots', `must be the ${before.length} pots that there are`);
  return wanted.map((settings, i) => {
    const old = before[i]!;
    if (settings.code !== old.code) throw invalid(`pots[${i}].id`, `must be ${old.code}`);
    if (waysOf(settings) !== waysOf(old)) throw invalid(`pots[${i}]`, `must be won in the same ways: ${waysOf(old)}`);
    // The opening is what it was when the pot was made.
    return { ...settings, pot: old.pot, initialValue: old.initialValue, surplus: old.surplus };
  });
}

function reseeded(before: readonly PotDefinition[], seedUsd: number): readonly PotDefinition[] {
  if (before.length > 1) throw invalid('seed_usd', 'cannot be set where there are several pots');
  const [only] = before as readonly [PotDefinition];
  const caps = [only.maxValue, only.mustDropValue || undefined].filter((cap) => cap !== undefined);
  const seed = seedMicros(seedUsd);
  if (caps.some((cap) => cap <= seed)) throw invalid('seed_usd', 'must be below what the pot may hold');
  return [{ ...only, seed }];
}

/** In which ways a pot can be won. */
function waysOf({ externalDrop, hitCost, mustDropValue, mustDropSeconds }: PotSettings): string {
  const ways = [
    externalDrop && 'external_drop',
    hitCost > 0n && 'hit_rate',
    mustDropValue > 0n && 'must_drop_value',
    mustDropSeconds > 0n && 'must_drop_time',
  ];
  return ways.filter(Boolean).join(', ');
}
