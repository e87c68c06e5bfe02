import { JackpotContributedV2, type PotFed } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import {
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
  type NextSeed,
  type SeedSecrets,
} from '../../fairness/index.ts';
import { defineFact, type Snapshot } from '../../journal/index.ts';
import { drawnAt, inForce, type Jackpot } from './bound.ts';
import { jackpot as heads, pot as pots, type PotRow } from './entities.ts';
import { reason } from './winning.ts';

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
      row.drawnAt = fed.drawnAt;
      row.sum = fed.sum;
      row.lastPlayer = Number(data.player);
      won ||= fed.wonBy !== 0;
    }
    const amount = amountOf(data);
    head.house += data.house;
    head.contributed += amount;
    head.contributions += 1;
    head.chain = nextLink(
      data.chain,
      contributionLeaf(`${data.ownSeed}\n${data.requestSeed}`, data.playerHash, amount),
    );
    if (data.draw === undefined) return;
    head.nonce = Number(data.draw.nonce) + 1;
    if (!won) return;
    // A win reveals the seed, so that the next draw is made with another one.
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
    head.nonce = 0;
  },
});

/** What a contribution is drawn from. */
interface Contribution {
  readonly jackpot: Jackpot;
  readonly player: number;
  readonly playerHash: string;
  readonly amount: bigint;
  readonly clientSeed: string;
}

/** A contribution as it was drawn. */
export interface DrawnPots {
  readonly outcome: ContributionOutcome;
  /** The pots before. */
  readonly rows: readonly Readonly<PotRow>[];
  readonly bound: BoundJackpot;
  /** The chain before, 64 hex digits. */
  readonly chain: string;
  readonly ownSeed: string;
  readonly ownSeedOrigin: number;
  /** Null: no pot can be won by a contribution. */
  readonly use: { readonly seed: NextSeed; readonly nonce: number; readonly words: number } | null;
}

/** Draws a contribution. Throws INVALID_ARGUMENT for an amount beyond 10,000 attempts. */
export function drawContribution(
  { jackpot, player, amount, clientSeed }: Contribution,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): DrawnPots {
  const head = snapshot.row(heads, jackpot.id);
  const rows = jackpot.pots.map(({ id }) => snapshot.row(pots, id));
  const personal = snapshot.row(seedStream, streamId('player', player));
  const bound = inForce(jackpot, rows);
  const chain = chainOf(head);
  const before = rows.map((row, i) => ({
    value: row.value,
    reserve: row.reserve,
    drawnAt: drawnAt(jackpot.pots[i]!, row),
  }));
  const seed = jackpot.drawn ? nextSeed(snapshot, jackpot.stream) : null;
  const draw =
    seed === null
      ? null
      : new Draw({
          serverSeed: secrets.keyOf(seed),
          clientSeed: `${personal.clientSeed}\n${clientSeed}`,
          nonce: head.nonce,
          sub: 0,
          configHash: `${bound.configHash}:${chain}`,
        });
  const outcome = contribute(bound.jackpot, before, amount, draw);
  return {
    outcome,
    rows,
    bound,
    chain,
    ownSeed: personal.clientSeed,
    ownSeedOrigin: ownOriginOf(personal),
    use: seed === null ? null : { seed, nonce: head.nonce, words: draw!.wordsConsumed },
  };
}

/** The fact's data, without the sum of the pots' values. */
export function contributionData(
  { jackpot, player, playerHash, clientSeed: requestSeed }: Contribution,
  { outcome, rows, chain, ownSeed, ownSeedOrigin, use }: DrawnPots,
): Omit<JackpotContributedV2, 'pool'> {
  return {
    player: BigInt(player),
    playerHash,
    ownSeed,
    ownSeedOrigin,
    versionId: BigInt(jackpot.versionId),
    house: outcome.house,
    chain: Buffer.from(chain, 'hex'),
    requestSeed,
    pots: jackpot.pots.map((pot, i): PotFed => {
      const { value, reserve, overflow, attempts, wonBy, drawnAt: at } = outcome.pots[i]!;
      const row = rows[i]!;
      return {
        value,
        reserve,
        overflow,
        attempts,
        pot: BigInt(pot.id),
        valueBefore: row.value,
        reserveBefore: row.reserve,
        drawnBefore: drawnAt(pot, row),
        drawnAt: at,
        sum: row.sum + value + reserve,
        cycle: BigInt(row.cycle),
        termsFrom: BigInt(row.terms === '' ? jackpot.versionId : row.termsFrom),
        wonBy: wonBy === null ? 0 : reason[wonBy],
        surplusBefore: wonBy === null ? 0n : row.surplus,
      };
    }),
    draw:
      use === null
        ? undefined
        : {
            streamName: use.seed.name,
            keyId: use.seed.keyId,
            position: BigInt(use.seed.position),
            nonce: BigInt(use.nonce),
            readableSince: BigInt(use.seed.readableSince),
            words: use.words,
          },
  };
}
