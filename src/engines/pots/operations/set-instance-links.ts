import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { invalid } from '../../../kernel/index.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { changeInstance, ofInstance } from '../instance-change.ts';
import { findInstance } from '../instance-found.ts';

const method = InstanceServiceService.setInstanceLinks;

/** Replaces the instances that an instance is linked to. */
export const setInstanceLinks: OperationOf<typeof method> =
  (platform) =>
  async ({ instanceId, links }, context) => {
    const own = instanceId.toLowerCase();
    const codes = links.map((link) => link.toLowerCase());
    if (new Set(codes).size < codes.length) throw invalid('links', 'must not have an instance twice');
    if (codes.includes(own)) throw invalid('links', 'must not have the instance itself');
    for (const code of codes) await findInstance(platform, context.caller, code);
    await changeInstance(
      platform,
      context,
      method.path,
      instanceId,
      ofInstance(() => ({ links: codes })),
    );
    return { nothing: undefined };
  };
