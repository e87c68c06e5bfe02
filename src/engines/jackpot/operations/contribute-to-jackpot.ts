import { hash as digest } from 'node:crypto';
import { JackpotContributed, type HitDraw, type JackpotWon } from '../../../../gen/ts/windfall/facts/v1/facts.ts';
import {
  JackpotServiceService,
  type ContributeToJackpotRequest,
  type ContributeToJackpotResponse,
} from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { lookAt, requireActive } from '../../../catalogue/index.ts';
import {
  drawContribution,
  SeedSecrets,
  seedStream,
  streamId,
  useSeed,
  type HitDrawing,
  type MasterKeys,
} from '../../../fairness/index.ts';
import {
  account,
  accountId,
  defineFact,
  outOfRange,
  type Command,
  type Snapshot,
  type RowRequests,
  type Transfer,
} from '../../../journal/index.ts';
import { formatDecimal, fromNumber, invalid, MICROS_MAX, type Micros } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { checkPlay, playNeeds, spends } from '../../../players/index.ts';
import type { Jackpot } from '../bound.ts';
import { jackpots } from '../definition.ts';
import { jackpot as heads, jackpotHits, pot as pots } from '../entities.ts';
import { revealSeedOrder } from '../reveal-seed.ts';
import { operatorPart, partsOf, poolAfter, select, shareOf, type Share } from '../rules.ts';
import { reasonName } from '../view.ts';
import { jackpotWon, wonFact } from '../winning.ts';
import { wonPots } from '../won-pots.ts';

/** A player has contributed. Its transfers are the amount. */
export const jackpotContributed = defineFact<JackpotContributed>({
  name: 'jackpot.contributed',
  number: 1102,
  version: 1,
  aggregate: heads,
  codec: JackpotContributed,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const head = rows.edit(heads, at.aggregate);
    let amount = data.house;
    for (const share of data.pots) {
      const row = rows.edit(pots, Number(share.pot));
      row.value += share.value;
      row.reserve += share.reserve;
      row.overflow += share.overflow;
      row.contributed += share.value + share.reserve;
      row.lastPlayer = Number(data.player);
      amount += share.value + share.reserve;
    }
    head.house += data.house;
    head.contributed += amount;
    head.contributions += 1;
    if (data.draw === undefined) return;
    head.nonce = Number(data.draw.nonce) + 1;
    if (!data.draw.pots.some(({ hit }) => hit)) return;
    // The hit reveals the seed, so that the next draw is made with another one.
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
    head.nonce = 0;
  },
});

export interface ContributeRequest {
  readonly jackpot: Jackpot;
  readonly player: number;
  readonly amount: Micros;
  readonly clientSeed: string;
}

export interface ContributeAnswer {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly contributed: JackpotContributed;
  readonly wins: readonly JackpotWon[];
  readonly replayed: boolean;
}

const NO_TASKS: readonly never[] = [];
const CLIENT_SEED_MAX = 64;
/** A whole, in millionths. */
const ONE = 1_000_000n;

/** Contributes for a player: payment, shares, draws, and the pots that the contribution wins. */
export function contributing(keys: MasterKeys): Command<ContributeRequest, ContributeAnswer> {
  const secrets = new SeedSecrets(keys);
  return {
    name: 'jackpot.contribute',
    needs,
    active: ({ player }) => player,
    decide(request, snapshot) {
      const { jackpot, player, amount } = request;
      requireActive(jackpots, jackpot, snapshot);
      const transfers = payments(request);
      const counted = checkPlay(snapshot, player, spends(transfers));
      requireRoom(request, snapshot);
      const rows = jackpot.pots.map(({ id }) => snapshot.row(pots, id));
      const parts = partsOf(amount, jackpot.pots);
      const shares = jackpot.pots.map((pot, i) => shareOf(parts[i]!, pot, rows[i]!));
      const draw = drawFor(request, secrets, snapshot);
      const drawn = draw?.drawn ?? [];
      const won = jackpot.winnable ? wonPots({ jackpot, rows, shares, drawn }, secrets, snapshot) : [];
      const wins = select(jackpot.selector, won).map((ending) => wonFact(jackpot, player, ending, snapshot));
      const paid = wins.map((win) => win.data);
      const data = { ...factOf(request, shares, draw?.data), pool: poolAfter(rows, shares, paid) };
      const tasks = isFirst(draw) ? [revealSeedOrder(jackpot.id, snapshot.now)] : NO_TASKS;
      return [{ kind: jackpotContributed, id: jackpot.id, data, transfers, tasks }, ...wins, ...counted];
    },
    answer: ({ id, time, facts: [contributed, ...wins] }, replayed) => ({
      operationId: id,
      time,
      replayed,
      contributed: contributed!.data,
      wins: wins.filter(({ kind }) => kind === jackpotWon).map(({ data }) => data as JackpotWon),
    }),
  };
}

/** The player's payment, then the operator's. */
function payments({ jackpot: { operatorShare, asset, account: to }, player, amount }: ContributeRequest): Transfer[] {
  const operators = operatorPart(amount, operatorShare);
  const transfers: Transfer[] = [];
  if (operators < amount) transfers.push({ from: accountId('player', player, asset), to, amount: amount - operators });
  if (operators > 0n) transfers.push({ from: accountId('operator', 0, asset), to, amount: operators });
  return transfers;
}

/** Whether a draw is the first one with its seed and hits nothing: then a task reveals the seed. */
function isFirst(draw: HitDrawing | undefined): boolean {
  return draw?.data.nonce === 0n && !draw.drawn.some(({ hit }) => hit);
}

/** Requests all rows that a win needs: if only winners needed a row, contention would redraw only winners. */
function needs({ jackpot, player }: ContributeRequest, rows: RowRequests): void {
  lookAt(jackpot, rows);
  playNeeds(rows, player, jackpot.operatorShare < ONE);
  rows.lock(heads, jackpot.id);
  rows.lock(account, jackpot.account);
  for (const { id, stream, mustDrop } of jackpot.pots) {
    rows.lock(pots, id);
    if (mustDrop !== null) rows.lock(seedStream, stream);
  }
  if (jackpot.hits !== null) rows.lock(seedStream, jackpot.hits.stream);
  if (jackpot.winnable) rows.lock(jackpotHits, jackpot.id);
  if (jackpot.winnable || jackpot.operatorShare < ONE) rows.lock(account, accountId('player', player, jackpot.asset));
}

/** Throws before the draw if a win might not fit: no error may depend on the outcome of a draw. */
function requireRoom({ jackpot, player, amount }: ContributeRequest, snapshot: Snapshot): void {
  const held = snapshot.row(account, jackpot.account).balance + amount;
  const code = (): string => jackpot.assetCode;
  if (held + jackpot.seeds > MICROS_MAX) throw outOfRange(jackpot.account, code);
  if (!jackpot.winnable) return;
  const id = accountId('player', player, jackpot.asset);
  if (snapshot.row(account, id).balance + held > MICROS_MAX) throw outOfRange(id, code);
}

/** Draws the pots that are hit by chance, with the jackpot's current seed. */
function drawFor(
  { jackpot, amount, clientSeed }: ContributeRequest,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): HitDrawing | undefined {
  if (jackpot.hits === null) return undefined;
  const { nonce } = snapshot.row(heads, jackpot.id);
  return drawContribution(
    { bound: jackpot.hits.bound, stream: jackpot.hits.stream, nonce, clientSeed, amount },
    secrets,
    snapshot,
  );
}

function factOf(
  { jackpot, player, amount }: ContributeRequest,
  shares: readonly Share[],
  draw: HitDraw | undefined,
): Omit<JackpotContributed, 'pool'> {
  let house = amount;
  for (const { value, reserve } of shares) house -= value + reserve;
  return {
    player: BigInt(player),
    versionId: BigInt(jackpot.versionId),
    house,
    draw,
    pots: shares.map((share, i) => ({ pot: BigInt(jackpot.pots[i]!.id), ...share })),
  };
}

/** Contributes for a player. Calls with the same wager or the same key are one contribution. */
export const contributeToJackpot = write({
  method: JackpotServiceService.contributeToJackpot,
  command: ({ keys }) => contributing(keys),
  player: (request) => request,
  definition: jackpots,
  prepare(request, { who: { player }, definition: jackpot }) {
    const amount = fromNumber(request.amount);
    if (amount === undefined) throw invalid('amount', 'must have at most 6 decimals');
    return {
      route: jackpot.id,
      natural: request.sourceWagerId === '' ? undefined : { of: jackpot.definitionId, key: request.sourceWagerId },
      request: { jackpot, player, amount, clientSeed: clientSeedOf(request) },
    };
  },
  respond: contributedMessage,
});

/** The caller's part of the randomness: the id of the wager, otherwise the key. */
function clientSeedOf({ sourceWagerId, idempotencyKey }: ContributeToJackpotRequest): string {
  const seed = sourceWagerId || idempotencyKey;
  return seed.length <= CLIENT_SEED_MAX ? seed : digest('sha256', seed, 'hex');
}

function contributedMessage({
  operationId,
  time,
  contributed,
  wins,
  replayed,
}: ContributeAnswer): ContributeToJackpotResponse {
  const { draw, pool } = contributed;
  return {
    contributionId: operationId,
    pool: formatDecimal(pool),
    wins: wins.map(({ potCode, amount, reason, cycle, start }) => ({
      potId: potCode,
      won: formatDecimal(amount),
      withheld: false,
      reason: reasonName(reason),
      cycle,
      poolAfter: formatDecimal(start!.value),
    })),
    seedPosition: draw?.position,
    nonce: draw?.nonce,
    contributeTime: new Date(time / 1000),
    deduped: replayed,
  };
}
