import type { Task } from '../../tasks/index.ts';
import { archiveByTask } from '../kit/index.ts';
import { END_INSTANCE } from '../jackpot/index.ts';
import { instances } from './instances.ts';

/** Terminates an instance at its timestamp_end. */
export const endInstanceTask: Task = {
  name: END_INSTANCE,
  run: (platform, order) => archiveByTask(platform, instances, order),
};
