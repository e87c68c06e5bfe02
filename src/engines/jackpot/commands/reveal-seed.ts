import { HitSeedRevealed } from '../../../../gen/windfall/facts/v1/facts.ts';
import { seedStream, streamId, useSeed } from '../../../fairness/index.ts';
import { defineFact, type Command } from '../../../journal/index.ts';
import { jackpot } from '../entities.ts';

/** How long a seed of hits is in use at most, in microseconds: a day. */
export const SEED_AGE = 86_400_000_000;

const hitSeedRevealed = defineFact<HitSeedRevealed>({
  name: 'jackpot.hit-seed-revealed',
  number: 45,
  version: 1,
  aggregate: jackpot,
  codec: HitSeedRevealed,
  evolve(_, rows, at) {
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
    rows.edit(jackpot, at.aggregate).nonce = 0;
  },
});

/**
 * Replaces the seed of a jackpot's hits after a day, so that what was drawn with it can be verified. Decides nothing where
 * that is not due, so that any number of processes may try.
 */
export const revealSeed: Command<{ readonly id: number }, void> = {
  name: 'jackpot.reveal-seed',
  needs({ id }, want) {
    want.row(jackpot, id);
    want.row(seedStream, streamId('jackpot', id));
  },
  decide({ id }, given) {
    const { position, movedAt } = given.row(seedStream, streamId('jackpot', id));
    if (given.row(jackpot, id).nonce === 0 || given.now - movedAt < SEED_AGE) return [];
    return [{ kind: hitSeedRevealed, id, data: { position: BigInt(position) }, transfers: [] }];
  },
  answer: () => undefined,
};
