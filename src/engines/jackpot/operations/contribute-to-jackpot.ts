import { hash as digest } from 'node:crypto';
import type { JackpotContributedV2, JackpotWonV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import {
  JackpotServiceService,
  type ContributeToJackpotRequest,
  type ContributeToJackpotResponse,
} from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { lookAt, requireActive } from '../../../catalogue/index.ts';
import { operatorPart, recordOf, SeedSecrets, seedStream, streamId, type MasterKeys } from '../../../fairness/index.ts';
import {
  account,
  accountId,
  outOfRange,
  type AccountId,
  type Command,
  type Fact,
  type FactPlace,
  type Snapshot,
  type RowRequests,
  type Transfer,
} from '../../../journal/index.ts';
import { formatDecimal, fromNumber, invalid, MICROS_MAX, ONE, type Micros } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { checkPlay, playNeeds, spends } from '../../../players/index.ts';
import type { Jackpot } from '../bound.ts';
import {
  contributionData,
  drawContribution,
  jackpotContributed,
  type ContributeRequest,
  type DrawnPots,
  type PaidContribution,
} from '../contributed.ts';
import { community } from '../community/standings.ts';
import { jackpots } from '../definition.ts';
import { jackpot as heads, jackpotHits, pot as pots } from '../entities.ts';
import { drawnContribution } from '../record.ts';
import { revealSeedOrder } from '../reveal-seed.ts';
import { reasonName } from '../view.ts';
import { requireEscrow, wholeOf } from '../payouts.ts';
import { rejected } from '../rejected.ts';
import { jackpotWon, wonFact, type Payout } from '../winning.ts';

export interface ContributeAnswer {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly contributed: Contributed;
  readonly wins: readonly Payout[];
  readonly replayed: boolean;
}

/** What the answer shows of the facts, in all their versions. */
interface Contributed {
  readonly pool: Micros;
  readonly draw?: { readonly position: bigint; readonly nonce: bigint } | undefined;
}

const NO_LEAF = Buffer.alloc(0);
const CLIENT_SEED_MAX = 64;
/** Contributes for a player: payment, shares, draws, and the pots that the contribution wins. */
export function contributing(keys: MasterKeys): Command<ContributeRequest, ContributeAnswer> {
  const secrets = new SeedSecrets(keys);
  return {
    name: 'jackpot.contribute',
    needs,
    active: ({ player }) => player,
    decide(request, snapshot) {
      const { jackpot, player } = request;
      requireActive(jackpots, jackpot, snapshot);
      const transfers = payments(request);
      const counted = checkPlay(snapshot, player, spends(transfers));
      requireRoom(request, accountId('player', player, jackpot.asset), snapshot);
      return [...contributionFacts({ ...request, transfers }, secrets, snapshot), ...counted];
    },
    answer: ({ id, time, facts: [contributed, ...wins] }, replayed) => ({
      operationId: id,
      time,
      replayed,
      contributed: contributed!.data,
      wins: wins.filter(({ kind }) => kind.number === jackpotWon.number).map(({ data }) => data as Payout),
    }),
  };
}

/** What a contribution to an active jackpot is: the contribution, and the pots that it wins. */
export function contributionFacts(request: PaidContribution, secrets: SeedSecrets, snapshot: Snapshot): Fact[] {
  const { jackpot, transfers, instance } = request;
  const drawn = drawContribution(request, secrets, snapshot);
  const wins = drawn.outcome.pots.some(({ wonBy }) => wonBy !== null) ? winsOf(request, drawn, snapshot) : [];
  const data = { ...contributionData(request, drawn), instance, pool: poolAfter(drawn, wins) };
  const reveals = data.draw?.nonce === 0n && wins.length === 0;
  const tasks = reveals ? [revealSeedOrder(jackpot.id, snapshot.now)] : [];
  const fact = { kind: jackpotContributed, id: jackpot.id, data, transfers, tasks };
  if (data.draw === undefined) return [fact];
  return [{ ...fact, record: recording(jackpot, data, drawn, secrets) }, ...wins];
}

/** The record of a contribution that drew, once its place is known. */
function recording(
  { code, version }: Jackpot,
  data: JackpotContributedV2,
  { bound }: DrawnPots,
  secrets: SeedSecrets,
): (place: FactPlace) => string {
  return (place) => {
    const drawn = drawnContribution(data, { engine: jackpots.engine, id: code, version }, bound);
    const { streamName: name, keyId, position } = drawn.use;
    return recordOf(place, drawn, secrets.hashOf({ name, keyId, position }));
  };
}

/** The player's payment, then the operator's. */
function payments({ jackpot: { bound, asset, account: to }, player, amount }: ContributeRequest): Transfer[] {
  const operators = operatorPart(amount, bound.jackpot.operatorShare);
  const transfers: Transfer[] = [];
  if (operators < amount) transfers.push({ from: accountId('player', player, asset), to, amount: amount - operators });
  if (operators > 0n) transfers.push({ from: accountId('operator', 0, asset), to, amount: operators });
  return transfers;
}

/** The pots that a contribution wins, in their order. */
function winsOf(
  { jackpot, player, payee = { player, country: '', number: 0, linked: '' } }: PaidContribution,
  { outcome, rows }: DrawnPots,
  snapshot: Snapshot,
): Fact<JackpotWonV2>[] {
  return outcome.pots.flatMap(({ wonBy, after, reserve }, place) => {
    const row = rows[place]!;
    const pot = jackpot.pots[place]!;
    if (wonBy === null) return [];
    const win = { pot, row, value: after, reserve: row.reserve + reserve, reason: wonBy, leaf: NO_LEAF, payee };
    return [wonFact(jackpot, win, snapshot)];
  });
}

/** The sum of the pots' values after a contribution and the restarts of the pots that it won. */
function poolAfter({ outcome }: DrawnPots, wins: readonly Fact<JackpotWonV2>[]): Micros {
  let pool = 0n;
  for (const { after } of outcome.pots) pool += after;
  for (const { data } of wins) pool += data.start!.value - wholeOf(data);
  return pool;
}

function needs({ jackpot, player }: ContributeRequest, rows: RowRequests): void {
  const pays = jackpot.bound.jackpot.operatorShare < ONE;
  playNeeds(rows, player, pays);
  contributionNeeds(jackpot, player, rows);
  if (jackpot.drawn || pays) rows.lock(account, accountId('player', player, jackpot.asset));
}

/**
 * Requests all rows that a contribution needs, and its wins: if only winners needed a row, contention would redraw only
 * winners. The player's accounts and protection are the caller's.
 */
export function contributionNeeds(jackpot: Jackpot, player: number, rows: RowRequests): void {
  lookAt(jackpot, rows);
  rows.lock(heads, jackpot.id);
  rows.lock(account, jackpot.account);
  for (const { id } of jackpot.pots) rows.lock(pots, id);
  if (jackpot.withholds) rows.lock(account, accountId('escrow', jackpot.id, jackpot.asset));
  if (jackpot.community !== undefined) rows.lock(community, jackpot.id);
  if (!jackpot.drawn) return;
  // The player's own client seed. Only read: a player may contribute in many jackpots at once.
  rows.read(seedStream, streamId('player', player));
  rows.lock(seedStream, jackpot.stream);
  rows.lock(jackpotHits, jackpot.id);
}

/**
 * Throws before the draw if a win might not fit: no error may depend on the outcome of a draw.
 * @param payout the player's account that wins are paid to. @param worth converts an amount to its asset.
 */
export function requireRoom(
  { jackpot, amount }: Pick<ContributeRequest, 'jackpot' | 'amount'>,
  payout: AccountId,
  snapshot: Snapshot,
  worth = (micros: Micros): Micros => micros,
): void {
  const held = snapshot.row(account, jackpot.account).balance + amount;
  const code = (): string => jackpot.assetCode;
  const total = snapshot.row(heads, jackpot.id).contributed + amount;
  if (held + jackpot.seeds > MICROS_MAX || total > MICROS_MAX) throw outOfRange(jackpot.account, code);
  if (!jackpot.drawn) return;
  requireEscrow(jackpot, held, snapshot);
  if (snapshot.row(account, payout).balance + worth(held) > MICROS_MAX) throw outOfRange(payout, code);
}

/** Contributes for a player. Calls with the same wager or the same key are one contribution. */
export const contributeToJackpot = write({
  method: JackpotServiceService.contributeToJackpot,
  command: ({ keys }) => contributing(keys),
  player: (request) => request,
  definition: jackpots,
  prepare(request, { who: { player, publicHash: playerHash }, definition: jackpot }) {
    // Instances have rules that this face does not know.
    if (jackpot.instance !== undefined) throw rejected(jackpot.code, 'InstanceOfPots');
    const amount = fromNumber(request.amount);
    if (amount === undefined) throw invalid('amount', 'must have at most 6 decimals');
    return {
      route: jackpot.id,
      natural: request.sourceWagerId === '' ? undefined : { of: jackpot.definitionId, key: request.sourceWagerId },
      request: { jackpot, player, playerHash, amount, clientSeed: clientSeedOf(request) },
    };
  },
  drawId: ({ contributionId }) => contributionId,
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
}: ContributeAnswer): Omit<ContributeToJackpotResponse, 'receipt'> {
  const { draw, pool } = contributed;
  return {
    contributionId: operationId,
    pool: formatDecimal(pool),
    wins: wins.map(({ potCode, amount, reason, cycle, start, withheld = false }) => ({
      potId: potCode,
      won: formatDecimal(amount),
      withheld,
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
