import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { changeInstance } from '../instance-change.ts';

const method = InstanceServiceService.updateInstance;

/** Changes an instance's name and description. */
export const updateInstance: OperationOf<typeof method> =
  (platform) =>
  async ({ instanceId, name, description }, context) => {
    await changeInstance(platform, context, method.path, instanceId, (before) => {
      const instance = before.instance!;
      return {
        ...before,
        name: name ?? before.name,
        instance: { ...instance, description: description ?? instance.description },
      };
    });
    return { nothing: undefined };
  };
