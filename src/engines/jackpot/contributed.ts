import type { PotsContributed } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import { JackpotContributedV2, type ContributionDraw, type PotFed } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import {
  asksWager,
  chainOf,
  contribute,
  contributionLeaf,
  Draw,
  nextLink,
  nextSeed,
  ownOriginOf,
  seedStream,
  streamId,
  useSeed,
  type BoundJackpot,
  type ContributionOutcome,
  type PotOutcome,
  type SeedSecrets,
} from '../../fairness/index.ts';
import { defineFact, type Snapshot, type Transfer } from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';
import { drawnAt, inForce, phaseOf, type Jackpot } from './bound.ts';
import { noteContribution } from './community/standings.ts';
import { jackpot as heads, optIn, pot as pots, type PotRow } from './entities.ts';
import { reason, type Payee } from './winning.ts';

/** The whole amount of a contribution. */
export const amountOf = ({ house, pots: fed }: Pick<JackpotContributedV2, 'house' | 'pots'>): bigint =>
  fed.reduce((sum, { value, reserve }) => sum + value + reserve, house);

/** A player has contributed. Its transfers are the amount. */
export const jackpotContributed = defineFact<JackpotContributedV2>({
  name: 'jackpot.contributed',
  number: 1102,
  version: 2,
  aggregate: heads,
  codec: JackpotContributedV2,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const head = rows.edit(heads, at.aggregate);
    let won = false;
    for (const fed of data.pots) {
      const row = rows.edit(pots, Number(fed.pot));
      row.value += fed.value;
      row.reserve += fed.reserve;
      row.overflow += fed.overflow;
      row.contributed += fed.value + fed.reserve;
      if (data.draw !== undefined) row.drawnAt = fed.drawnAt;
      row.sum = fed.sum;
      if (!fed.barred) row.lastPlayer = Number(data.player);
      won ||= fed.wonBy !== 0;
    }
    const amount = amountOf(data);
    head.house += data.house;
    head.contributed += amount;
    head.contributions += 1;
    head.chain = nextLink(chainOf(head), data.leaf);
    const counts = Number(data.instance?.optIn ?? 0n);
    if (counts !== 0) {
      const player = rows.edit(optIn, counts);
      player.contributions += 1;
      player.contributed += amount;
    }
    if (data.instance?.community !== undefined) noteContribution(data, amount, rows, at);
    if (data.draw === undefined) return;
    head.nonce = Number(data.draw.nonce) + 1;
    if (!won) return;
    // A win reveals the seed, so that the next draw is made with another one.
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
    head.nonce = 0;
  },
});

/** A contribution that is to be decided. */
export interface ContributeRequest {
  readonly jackpot: Jackpot;
  readonly player: number;
  /** Names the player in public proofs: 32 hex digits. */
  readonly playerHash: string;
  readonly amount: Micros;
  /** What the call brought to the draw. */
  readonly clientSeed: string;
  /** The wager that it is for, in the jackpot's asset; unset: large enough for all pots. */
  readonly wager?: Micros | undefined;
}

/** With its payment. */
export interface PaidContribution extends ContributeRequest {
  readonly transfers: readonly Transfer[];
  /** How wins are paid; unset: to the player's account of the jackpot's asset. */
  readonly payee?: Payee | undefined;
  /** What an instance of pots adds to the fact. */
  readonly instance?: PotsContributed | undefined;
}

/** A contribution as it was drawn. */
export interface DrawnPots {
  readonly outcome: ContributionOutcome;
  /** The pots before. */
  readonly rows: readonly Readonly<PotRow>[];
  readonly bound: BoundJackpot;
  readonly leaf: Buffer;
  readonly draw: ContributionDraw | undefined;
}

/** Draws a contribution. Throws INVALID_ARGUMENT for an amount beyond 10,000 attempts. */
export function drawContribution(
  { jackpot, player, playerHash, amount, clientSeed: requestSeed, wager }: ContributeRequest,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): DrawnPots {
  const head = snapshot.row(heads, jackpot.id);
  const rows = jackpot.pots.map(({ id }) => snapshot.row(pots, id));
  const bound = inForce(jackpot, rows);
  if (!jackpot.drawn) {
    const leaf = contributionLeaf(requestSeed, playerHash, amount);
    return { rows, bound, leaf, outcome: contribute(bound.jackpot, rows, amount, null, wager), draw: undefined };
  }
  const personal = snapshot.row(seedStream, streamId('player', player));
  const clientSeed = `${personal.clientSeed}\n${requestSeed}`;
  const leaf = contributionLeaf(clientSeed, playerHash, amount);
  const before = rows.map((row, i) => ({
    value: row.value,
    reserve: row.reserve,
    drawnAt: drawnAt(jackpot.pots[i]!, row),
  }));
  const seed = nextSeed(snapshot, jackpot.stream);
  const { nonce } = head;
  const chain = chainOf(head);
  const configHash = `${bound.configHash}:${chain}`;
  const draw = new Draw({ serverSeed: secrets.keyOf(seed), clientSeed, nonce, sub: 0, configHash });
  const outcome = contribute(bound.jackpot, before, amount, draw, wager);
  return {
    rows,
    bound,
    leaf,
    outcome,
    draw: {
      playerHash,
      requestSeed,
      streamName: seed.name,
      keyId: seed.keyId,
      position: BigInt(seed.position),
      nonce: BigInt(nonce),
      readableSince: BigInt(seed.readableSince),
      words: draw.wordsConsumed,
      chain: Buffer.from(chain, 'hex'),
      ownSeed: personal.clientSeed,
      ownSeedOrigin: ownOriginOf(personal),
      baseWager: asksWager(bound.jackpot) ? (wager ?? 0n) : 0n,
    },
  };
}

/** The fact's data, without the sum of the pots' values. */
export function contributionData(
  { jackpot, player }: ContributeRequest,
  { outcome, rows, leaf, draw }: DrawnPots,
): Omit<JackpotContributedV2, 'pool' | 'instance'> {
  return {
    leaf,
    draw,
    player: BigInt(player),
    versionId: BigInt(jackpot.versionId),
    house: outcome.house,
    pots: outcome.pots.map((drawn, i) => fedOf(jackpot, i, rows[i]!, drawn)),
  };
}

const UNDRAWN = {
  valueBefore: 0n,
  reserveBefore: 0n,
  drawnBefore: 0n,
  drawnAt: 0n,
  cycle: 0n,
  termsFrom: 0n,
  attempts: 0,
  wonBy: 0,
  surplusBefore: 0n,
  phase: 0,
};

function fedOf(
  { pots: all, drawn, versionId }: Jackpot,
  place: number,
  row: Readonly<PotRow>,
  { value, reserve, overflow, attempts, wonBy, drawnAt: at, barred }: PotOutcome,
): PotFed {
  const pot = all[place]!;
  const sum = barred ? row.sum : row.sum + value + reserve;
  const fed = { pot: BigInt(pot.id), value, reserve, overflow, sum, barred };
  if (!drawn) return { ...fed, ...UNDRAWN };
  return {
    ...fed,
    attempts,
    valueBefore: row.value,
    reserveBefore: row.reserve,
    drawnBefore: drawnAt(pot, row),
    drawnAt: at,
    cycle: BigInt(row.cycle),
    termsFrom: BigInt(row.terms === '' || row.termsFrom === versionId ? 0 : row.termsFrom),
    phase: phaseOf(pot, row.starts),
    wonBy: wonBy === null ? 0 : reason[wonBy],
    surplusBefore: wonBy === null ? 0n : row.surplus,
  };
}
