import type { JsonObject } from '@bufbuild/protobuf';
import { TEMPLATE } from '../../contract/definitions.ts';
import type { Caller, Write } from '../writes.ts';

/** An active instance, as the request names it. */
async function opting(caller: Caller): Promise<JsonObject> {
  const { id } = caller;
  await caller.done('TemplateService.SaveTemplate', 'admin', { template: { ...TEMPLATE, id } });
  await caller.done('TemplateService.PublishTemplate', 'admin', { owner_id: 'demo', template_id: id });
  const made = await caller.done('TemplateService.InstantiateTemplate', 'admin', {
    template_owner_id: 'demo',
    template_id: id,
    instance_owner_id: 'demo',
    instance_name: id,
  });
  const instance_id = made['id']!;
  await caller.done('InstanceService.SetInstanceStatus', 'admin', { instance_id, status: 'Active' });
  return { instance_id, player_id: id, brand_id: 'demo:main', player_country: 'MT', opt_in: true };
}

/** The writes of pots. */
export const POTS_WRITES: Readonly<Record<string, Write>> = {
  'InstanceService.SetOptIn': {
    as: 'service',
    operation: 'pots.opt-in',
    prepare: opting,
    async change(caller) {
      const [mine] = (await caller.done('InstanceService.ListPlayerOptIns', 'service', {
        player_id: caller.id,
        brand_id: 'demo:main',
      })) as unknown as readonly { readonly instance_id: string }[];
      await caller.done('InstanceService.SetOptIn', 'service', {
        instance_id: mine!.instance_id,
        player_id: caller.id,
        brand_id: 'demo:main',
        player_country: 'MT',
        opt_in: false,
      });
    },
  },
};
