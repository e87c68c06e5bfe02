import type { JackpotDefinitionV2, PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type {
  Hit,
  Jackpot as JackpotMessage,
  Meters,
  Pot as PotMessage,
  PotSettings,
  WinRule,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { ViewOptions } from '../../catalogue/index.ts';
import { isDrawn, seedHashes, seedStream, streamId } from '../../fairness/index.ts';
import { formatDecimal } from '../../kernel/index.ts';
import { configOf } from './bound.ts';
import { jackpot, pot as pots, type PotRow, type RecentHit } from './entities.ts';
import { reason } from './winning.ts';

const date = (micros: number): Date => new Date(micros / 1000);
const REASONS = new Map<number, string>(Object.entries(reason).map(([name, number]) => [number, name]));

/** The contract's name of the reason why a pot was paid. */
export const reasonName = (number: number): string => REASONS.get(number)!;

/** The message of a jackpot: its definition, and the money and seeds of its rows. */
export function jackpotMessage(content: JackpotDefinitionV2, showing: ViewOptions): Partial<JackpotMessage> {
  const { rows, keys, insider } = showing;
  const head = rows.row(jackpot, Number(content.jackpot));
  const potRows = content.pots.map(({ pot }) => rows.row(pots, Number(pot)));
  const stream = rows.row(seedStream, streamId('jackpot', head.id));
  // A jackpot that was never active has no seeds yet.
  const drawn = isDrawn(configOf(content).jackpot) && head.definitionId !== 0;
  return {
    name: content.name,
    asset: content.asset,
    pool: formatDecimal(potRows.reduce((sum, { value }) => sum + value, 0n)),
    seedUsd: formatDecimal(content.pots[0]!.seed),
    winSelector: content.selector,
    pots: content.pots.map((pot, i) => potMessage(pot, potRows[i]!, showing)),
    hitSeedHash: drawn ? seedHashes(keys, stream, stream.position, 1)[0] : undefined,
    contributions: BigInt(head.contributions),
    contributed: formatDecimal(head.contributed),
    operatorShare: formatDecimal(content.operatorShare),
    house: insider ? formatDecimal(head.house) : undefined,
    recentHits: [],
  };
}

function potMessage(pot: PotDefinitionV2, row: Readonly<PotRow>, { rows, keys, detailed }: ViewOptions): PotMessage {
  const stream = rows.row(seedStream, streamId('pot', row.id));
  return {
    id: pot.code,
    value: formatDecimal(row.value),
    cycle: BigInt(row.cycle),
    dueTime: row.dueAt === 0 ? undefined : date(row.dueAt),
    endSeedHash: stream.name === '' ? undefined : seedHashes(keys, stream, stream.position, 1)[0],
    lastWinTime: row.wonAt === 0 ? undefined : date(row.wonAt),
    settings: detailed ? settingsMessage(pot) : undefined,
    meters: detailed ? metersMessage(row) : undefined,
  };
}

function metersMessage({ contributed, hits, paid, overflow, reserve, surplus }: Readonly<PotRow>): Meters {
  return {
    contributed: formatDecimal(contributed),
    hits: BigInt(hits),
    won: formatDecimal(paid),
    overflow: formatDecimal(overflow),
    reserve: formatDecimal(reserve),
    surplus: formatDecimal(surplus),
  };
}

function settingsMessage(pot: PotDefinitionV2): PotSettings {
  return {
    share:
      pot.fixedShare > 0n
        ? { $case: 'fixedAmount', value: formatDecimal(pot.fixedShare) }
        : { $case: 'fraction', value: formatDecimal(pot.share) },
    seedShare: formatDecimal(pot.seedShare),
    seed: formatDecimal(pot.seed),
    fundStrategy: pot.collectAlways ? 'collect_always' : 'collect_to_seed',
    reseedStrategy: pot.reseedMinimum ? 'minimum' : 'full',
    fixedValue: pot.fixed,
    maxValue: pot.maxValue === undefined ? undefined : formatDecimal(pot.maxValue),
    winRules: winRules(pot),
    maxStep: pot.maxStep === 0n ? undefined : formatDecimal(pot.maxStep),
    minContribution: formatDecimal(pot.minContribution),
  };
}

function winRules(pot: PotDefinitionV2): WinRule[] {
  const { hitCost, hitOdds, mustDropValue, mustDropSeconds, mustDropHidden: hidden, externalDrop } = pot;
  const rules: NonNullable<WinRule['rule']>[] = [];
  if (hitCost > 0n) rules.push({ $case: 'hitRate', value: { cost: formatDecimal(hitCost), odds: hitOdds } });
  if (mustDropValue > 0n) rules.push({ $case: 'mustDropValue', value: { value: formatDecimal(mustDropValue) } });
  if (mustDropSeconds > 0n) rules.push({ $case: 'mustDropTime', value: { hidden, seconds: Number(mustDropSeconds) } });
  if (externalDrop) rules.push({ $case: 'externalDrop', value: {} });
  return rules.map((rule) => ({ rule }));
}

/** The message of a hit. @param userId the winner's, if the reader may see it. */
export function hitMessage(hit: RecentHit, userId: string | undefined): Hit {
  return {
    drawId: hit.operationId,
    potId: hit.pot,
    cycle: BigInt(hit.cycle),
    won: formatDecimal(BigInt(hit.amount)),
    withheld: hit.withheld ?? false,
    awardReason: hit.award,
    reason: reasonName(hit.reason),
    winnerUserId: userId,
    hitTime: date(hit.time),
  };
}
