import type { JackpotDefinition, PotDefinition } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type {
  Hit,
  Jackpot as JackpotMessage,
  Pot as PotMessage,
  PotInput,
  SeedCommitment,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { Showing } from '../../catalogue/index.ts';
import { PUBLISHED_AHEAD, seedHashes, seedStream, streamId, type StreamRow } from '../../fairness/index.ts';
import { formatDecimal, toNumber } from '../../kernel/index.ts';
import { boundsOf, hitRateOf } from './bound.ts';
import { jackpot, pot as pots, type PotRow, type RecentHit } from './entities.ts';
import { reason } from './winning.ts';

const date = (micros: number): Date => new Date(micros / 1000);
const REASONS = new Map<number, string>(Object.entries(reason).map(([name, number]) => [number, name]));

/** Why a pot was paid, as the contract says it. */
export const reasonName = (number: number): string => REASONS.get(number)!;

/** A jackpot as it looks outside: its definition, and the money and seeds of its rows. */
export function jackpotMessage(content: JackpotDefinition, showing: Showing): Partial<JackpotMessage> {
  const { rows } = showing;
  const head = rows.row(jackpot, Number(content.jackpot));
  const potRows = content.pots.map(({ pot }) => rows.row(pots, Number(pot)));
  const bound = hitRateOf(content);
  return {
    name: content.name,
    asset: content.asset,
    pool: toNumber(potRows.reduce((sum, { value }) => sum + value, 0n)),
    seedUsd: toNumber(content.pots[0]!.seed),
    funding: content.playerFunded ? 'player' : 'operator',
    winSelector: content.selector,
    pots: content.pots.map((pot, i) => potMessage(pot, potRows[i]!, showing)),
    house: formatDecimal(head.house),
    contributions: BigInt(head.contributions),
    contributed: formatDecimal(head.contributed),
    // A jackpot that was never active has no seeds yet.
    hitSeed:
      bound === null || head.definitionId === 0
        ? undefined
        : commitment(rows.row(seedStream, streamId('jackpot', head.id)), bound, showing, head.nonce),
    recentHits: [],
  };
}

function potMessage(pot: PotDefinition, row: Readonly<PotRow>, showing: Showing): PotMessage {
  const bounds = boundsOf(row);
  const stream = showing.rows.row(seedStream, streamId('pot', row.id));
  return {
    id: pot.code,
    value: formatDecimal(row.value),
    cycle: BigInt(row.cycle),
    settings: settingsMessage(pot),
    meters: {
      contributed: formatDecimal(row.contributed),
      hits: BigInt(row.hits),
      paid: formatDecimal(row.paid),
      overflow: formatDecimal(row.overflow),
      reserve: formatDecimal(row.reserve),
      surplus: formatDecimal(row.surplus),
    },
    // The cycle tells the seed's position, so that row and seed belong together whenever the stream was read.
    trigger: bounds === null ? undefined : commitment({ ...stream, position: row.cycle - 1 }, bounds, showing, 1),
    dueTime: row.dueAt === 0 ? undefined : date(row.dueAt),
    lastWinTime: row.wonAt === 0 ? undefined : date(row.wonAt),
  };
}

function settingsMessage(pot: PotDefinition): PotInput {
  return {
    id: pot.code,
    share: formatDecimal(pot.share),
    seedShare: formatDecimal(pot.seedShare),
    seed: formatDecimal(pot.seed),
    initialSeed: '',
    surplusSeed: '',
    fundStrategy: pot.collectAlways ? 'collect_always' : 'collect_to_seed',
    reseedStrategy: pot.reseedMinimum ? 'minimum' : 'full',
    fixedValue: pot.fixed,
    maxValue: pot.maxValue === undefined ? '' : formatDecimal(pot.maxValue),
    externalDrop: pot.externalDrop,
    hitRate: pot.hitCost === 0n ? undefined : { cost: formatDecimal(pot.hitCost), odds: pot.hitOdds },
    mustDropValue: pot.mustDropValue === 0n ? '' : formatDecimal(pot.mustDropValue),
    mustDropSeconds: Number(pot.mustDropSeconds),
  };
}

/** The hash of the seed in use, and of those after it. @param draws how many were made with it. */
function commitment(
  { name, keyId, position, movedAt }: Readonly<StreamRow>,
  { config, configHash }: { config: string; configHash: string },
  { keys, whole }: Showing,
  draws: number,
): SeedCommitment {
  const [serverSeedHash, ...nextSeedHashes] = seedHashes(
    keys,
    { name, keyId },
    position,
    whole ? 1 + PUBLISHED_AHEAD : 1,
  );
  return {
    config,
    configHash,
    nextSeedHashes,
    serverSeedHash: serverSeedHash!,
    stream: name,
    position: BigInt(position),
    readableSince: date(movedAt),
    draws: BigInt(draws),
  };
}

/** A hit as it looks outside. @param named whether the reader may know the winner. */
export function hitMessage(hit: RecentHit & { readonly userId: string }, named: boolean): Hit {
  return {
    drawId: hit.operationId,
    potId: hit.pot,
    cycle: BigInt(hit.cycle),
    amount: toNumber(BigInt(hit.amount)),
    reason: reasonName(hit.reason),
    winnerUserId: named ? hit.userId : '',
    hitTime: date(hit.time),
  };
}
