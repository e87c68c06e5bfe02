import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import type { Status } from '../../../catalogue/index.ts';
import { ApiError } from '../../../kernel/index.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { archiveDefinition, updateDefinition } from '../../kit/index.ts';
import { potsDirectory } from '../config/directory.ts';
import { findInstance } from '../instance-found.ts';
import { STATUS_WORDS } from '../instance-view.ts';
import { instances } from '../instances.ts';

const method = InstanceServiceService.setInstanceStatus;

/** What each status may become. */
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  draft: ['active', 'archived'],
  active: ['paused', 'archived'],
  paused: ['active', 'archived'],
  archived: [],
};
const STATUSES = new Map(Object.entries(STATUS_WORDS).map(([status, word]) => [word, status as Status]));

/** Activates, pauses or terminates an instance. */
export const setInstanceStatus: OperationOf<typeof method> =
  (platform) =>
  async ({ instanceId, status: word }, context) => {
    const { code: id, status: before } = await findInstance(platform, context.caller, instanceId);
    const status = STATUSES.get(word)!;
    if (status === before) return { nothing: undefined };
    if (!NEXT[before].includes(status)) {
      const details = { id, from: STATUS_WORDS[before], to: word };
      throw new ApiError('INVALID_STATUS_TRANSITION', 'the instance does not get that status', { details });
    }
    const request = { id, idempotencyKey: '', reason: '' };
    if (status === 'archived') await archiveDefinition(platform, instances, method.path, request, context);
    else {
      const wanted = { ...request, status: status as 'active' | 'paused' };
      await updateDefinition(platform, instances, method.path, wanted, context);
    }
    // Contributions to its sources find another one, or it, at once.
    potsDirectory(platform).changed();
    return { nothing: undefined };
  };
