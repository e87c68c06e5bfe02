import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { notFound } from '../../../catalogue/index.ts';
import { read } from '../../../platform/index.ts';
import { findInstance, instanceMessages } from '../instance-found.ts';
import { STATUS_WORDS } from '../instance-view.ts';
import { instances } from '../instances.ts';
import { ownerOf } from '../owner.ts';

/** Returns one instance. */
export const getInstance = read(
  InstanceServiceService.getInstance,
  (platform) =>
    async ({ instanceId, ownerId, status }, { caller }) => {
      const owner = ownerId === '' ? null : ownerOf(await platform.tenants.of(caller.operator), caller, ownerId);
      const shown = await findInstance(platform, caller, instanceId);
      const other = owner !== null && owner !== Number(shown.content.instance!.brand);
      if (other || (status !== '' && status !== STATUS_WORDS[shown.status])) throw notFound(instances, instanceId);
      const [instance] = await instanceMessages(platform, caller, [shown]);
      return { instance };
    },
);
