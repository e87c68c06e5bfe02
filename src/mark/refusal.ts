import type { DatabaseState, ReadState } from './state.ts';

/** How a new epoch is begun. */
export const BEGIN_EPOCH = 'npm run epoch -- new';

/**
 * Why a database may repeat seeds that were revealed, seen from a mark of its past; undefined: it cannot. A database
 * whose epoch is a later one than the mark's uses none of the seeds that the mark knows.
 */
export function refusal(mark: DatabaseState | null, state: ReadState): string | undefined {
  if (mark === null) return state.used ? 'it is in use and there is no mark of it' : undefined;
  if (state.epoch > mark.epoch) return undefined;
  if (state.epoch < mark.epoch) return `it is in epoch ${state.epoch}, its mark in epoch ${mark.epoch}`;
  if (state.system !== mark.system) return 'its mark is of a database in another cluster';
  if (state.database !== mark.database) return 'its mark is of another database of the cluster';
  if (state.timeline !== mark.timeline)
    return `it was recovered: it is on timeline ${state.timeline}, its mark on ${mark.timeline}`;
  if (state.transaction < mark.transaction || !state.known)
    return `it is behind its mark: the journal does not have all up to transaction ${mark.transaction}`;
  return undefined;
}
