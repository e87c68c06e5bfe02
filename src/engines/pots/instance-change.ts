import type { JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsInstance } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { Shown } from '../../catalogue/index.ts';
import { ApiError } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Context } from '../../rpc/index.ts';
import { updateDefinition } from '../kit/index.ts';
import { findInstance } from './instance-found.ts';
import { instances, type InstanceEdit } from './instances.ts';

/** A change of what an instance has besides its jackpot. */
export const ofInstance =
  (change: (instance: PotsInstance) => Partial<PotsInstance>): InstanceEdit['edit'] =>
  (before) => ({ ...before, instance: { ...before.instance!, ...change(before.instance!) } });

/**
 * Changes an instance. One that has not begun stays scheduled. Throws INSTANCE_NOT_FOUND, INSTANCE_TERMINATED.
 * @param path of the RPC.
 */
export async function changeInstance(
  platform: Platform,
  context: Context,
  path: string,
  id: string,
  edit: InstanceEdit['edit'],
): Promise<void> {
  const shown = await findInstance(platform, context.caller, id);
  requireUnended(shown);
  const { scheduledAt, code } = shown;
  const effectiveTime = scheduledAt === 0 ? undefined : new Date(scheduledAt / 1000);
  const request = { edit, effectiveTime, id: code, idempotencyKey: '', reason: '' };
  await updateDefinition(platform, instances, path, request, context);
}

function requireUnended({ code: id, status }: Shown<JackpotDefinitionV2>): void {
  if (status !== 'archived') return;
  throw new ApiError('INSTANCE_TERMINATED', 'the instance is terminated', { details: { id, status } });
}
