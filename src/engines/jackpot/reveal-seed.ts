import { HitSeedRevealed } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import { seedStream, streamId, useSeed } from '../../fairness/index.ts';
import { defineFact, isDue, taskOptions, type Command, type TaskOrder } from '../../journal/index.ts';
import type { Task } from '../../tasks/index.ts';
import { jackpot } from './entities.ts';

/** How long a seed of hits is used at most, in microseconds: a day. */
export const SEED_AGE = 86_400_000_000;

export const hitSeedRevealed = defineFact<HitSeedRevealed>({
  name: 'jackpot.hit-seed-revealed',
  number: 1105,
  version: 1,
  aggregate: jackpot,
  codec: HitSeedRevealed,
  evolve(_, rows, at) {
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
    rows.edit(jackpot, at.aggregate).nonce = 0;
  },
});

const REVEAL_SEED = 'jackpot.reveal-seed';

/** The order to reveal the seed of a jackpot's hits a day after its first draw; a hit reveals it earlier. */
export const revealSeedOrder = (jackpotId: number, now: number): TaskOrder => ({
  task: REVEAL_SEED,
  id: jackpotId,
  at: now + SEED_AGE,
});

/**
 * Replaces the seed of a jackpot's hits after a day, so that its draws can be verified. Decides nothing if the seed was
 * replaced since the order was given, so it is safe to run twice.
 */
export const revealSeed: Command<{ readonly id: number; readonly at: number }, void> = {
  name: REVEAL_SEED,
  needs({ id }, rows) {
    rows.lock(jackpot, id);
    rows.lock(seedStream, streamId('jackpot', id));
  },
  decide({ id, at }, snapshot) {
    const { position, movedAt } = snapshot.row(seedStream, streamId('jackpot', id));
    if (snapshot.row(jackpot, id).nonce === 0 || !isDue(movedAt + SEED_AGE, at, snapshot.now)) return [];
    return [{ kind: hitSeedRevealed, id, data: { position: BigInt(position) }, transfers: [] }];
  },
  answer: () => undefined,
};

/** Reveals the seed of a jackpot's hits after it was used for a day. */
export const revealSeedTask: Task = {
  name: REVEAL_SEED,
  run: ({ journal }, { operator, id, at }) => journal.run(revealSeed, { id, at }, taskOptions(operator, id)),
};
