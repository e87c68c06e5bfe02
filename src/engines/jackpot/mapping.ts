import type {
  ContributeToJackpotResponse, DropJackpotResponse, Hit, Jackpot as JackpotMessage, Pot as PotMessage, PotInput, SeedCommitment,
} from '../../../gen/windfall/jackpot/v1/jackpot.ts';
import {
  PUBLISHED_AHEAD, serverSeed, serverSeedHash, streamId, type MasterKeys, type StreamRow,
} from '../../fairness/index.ts';
import { formatDecimal, parseDecimal, toNumber } from '../../kernel/index.ts';
import type { ContributeAnswer } from './commands/contribute.ts';
import type { DropAnswer } from './commands/drop.ts';
import { reason } from './commands/win.ts';
import { hitRateOf, type PotDefinition } from './definition.ts';
import { status, type PotRow, type RecentHit } from './entities.ts';
import { boundsOf } from './hidden.ts';
import type { WholeJackpot } from './queries.ts';

const date = (micros: number): Date => new Date(micros / 1000);
const REASONS = Object.fromEntries(Object.entries(reason).map(([name, number]) => [number, name]));
/** The words of the contract for a definition's. */
const COLLECT = { to_seed: 'collect_to_seed', always: 'collect_always' } as const;

/** A jackpot as it looks outside. @param whole whether with the hashes of seeds to come. */
export function jackpotMessage(jackpot: WholeJackpot, keys: MasterKeys, whole: boolean, hits: readonly Hit[] = []): JackpotMessage {
  const { head, definition, streams } = jackpot;
  const rows = definition.pots.map(({ pot }) => jackpot.pots.get(pot)!);
  const bound = hitRateOf(definition);
  return {
    id: head.code,
    name: definition.name,
    asset: definition.asset,
    status: head.status === status.active ? 'active' : 'archived',
    pool: toNumber(rows.reduce((sum, { value }) => sum + value, 0n)),
    seedUsd: toNumber(parseDecimal(definition.pots[0]!.seed)!),
    version: head.version,
    funding: definition.funding,
    winSelector: definition.selector,
    pots: definition.pots.map((pot, i) => potMessage(pot, rows[i]!, streams.get(streamId('pot', pot.pot))!, keys, whole)),
    house: formatDecimal(head.house),
    contributions: BigInt(head.contributions),
    contributed: formatDecimal(head.contributed),
    hitSeed: bound === null ? undefined
      : commitment(streams.get(streamId('jackpot', head.id))!, bound, keys, { whole, draws: head.nonce }),
    recentHits: [...hits],
    createTime: date(head.createdAt),
    updateTime: date(head.updatedAt),
  };
}

function potMessage(pot: PotDefinition, row: PotRow, stream: StreamRow, keys: MasterKeys, whole: boolean): PotMessage {
  const bounds = boundsOf(row);
  return {
    id: pot.id,
    value: formatDecimal(row.value),
    cycle: BigInt(row.cycle),
    settings: settingsMessage(pot),
    meters: {
      contributed: formatDecimal(row.contributed), hits: BigInt(row.hits), paid: formatDecimal(row.paid),
      overflow: formatDecimal(row.overflow), reserve: formatDecimal(row.reserve), surplus: formatDecimal(row.surplus),
    },
    // The cycle tells the seed's position, so that row and seed belong together whenever the stream was read.
    trigger: bounds === null ? undefined
      : commitment({ ...stream, position: row.cycle - 1 }, bounds, keys, { whole, draws: 1 }),
    dueTime: row.dueAt === 0 ? undefined : date(row.dueAt),
    lastWinTime: row.wonAt === 0 ? undefined : date(row.wonAt),
  };
}

function settingsMessage(pot: PotDefinition): PotInput {
  const { mustDrop } = pot;
  return {
    id: pot.id,
    share: pot.share,
    seedShare: pot.seedShare,
    seed: pot.seed,
    initialSeed: '',
    surplusSeed: '',
    fundStrategy: COLLECT[pot.collect],
    reseedStrategy: pot.reseed,
    fixedValue: pot.fixed,
    maxValue: pot.maxValue ?? '',
    externalDrop: pot.externalDrop,
    hitRate: pot.hitRate === null ? undefined : { cost: pot.hitRate.cost, odds: BigInt(pot.hitRate.odds) },
    mustDropValue: mustDrop?.kind === 'value' ? mustDrop.at : '',
    mustDropSeconds: mustDrop?.kind === 'time' ? mustDrop.seconds : 0,
  };
}

/** The hash of the seed in use, and of those after it. */
function commitment(
  { name, keyId, position, movedAt }: StreamRow, { config, configHash }: { config: string; configHash: string },
  keys: MasterKeys, { whole, draws }: { whole: boolean; draws: number },
): SeedCommitment {
  const hashAt = (n: number): string => serverSeedHash(serverSeed(keys.key(keyId), name, n));
  return {
    stream: name,
    position: BigInt(position),
    serverSeedHash: hashAt(position),
    config, configHash,
    readableSince: date(movedAt),
    nextSeedHashes: whole ? Array.from({ length: PUBLISHED_AHEAD }, (_, ahead) => hashAt(position + 1 + ahead)) : [],
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
    reason: REASONS[hit.reason]!,
    winnerUserId: named ? hit.userId : '',
    hitTime: date(hit.time),
  };
}

/** What a contribution came to. */
export function contributedMessage(
  { operationId, time, contributed, wins, replayed }: ContributeAnswer,
): ContributeToJackpotResponse {
  const { draw, pool } = contributed;
  return {
    contributionId: operationId,
    pool: toNumber(pool),
    wins: wins.map(({ potCode, amount, reason: why, cycle, start }) => ({
      potId: potCode, amount: toNumber(amount), reason: REASONS[why]!, cycle, poolAfter: toNumber(start!.value) })),
    seedPosition: draw?.position,
    nonce: draw?.nonce,
    contributeTime: date(time),
    deduped: replayed,
  };
}

/** What a drop came to. */
export function droppedMessage(
  { operationId, time, won, replayed }: DropAnswer, jackpotId: string, asset: string, winnerUserId: string,
): DropJackpotResponse {
  return {
    dropId: operationId, jackpotId, asset, winnerUserId,
    potId: won.potCode,
    amount: toNumber(won.amount),
    poolBefore: toNumber(won.amount),
    poolAfter: toNumber(won.start!.value),
    cycle: won.cycle,
    triggerReason: REASONS[won.reason]!,
    seedDeficit: formatDecimal(won.deficit),
    dropTime: date(time),
    deduped: replayed,
  };
}
