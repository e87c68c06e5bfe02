import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { TEMPLATE } from '../../contract/definitions.ts';
import type { Service } from '../../support/service.ts';

type Served = Pick<Service, 'credentials' | 'rest'>;

/** Calls RPCs over REST as admin, and returns the bodies of successes. */
export async function adminOf(service: Served): Promise<(rpc: string, request: JsonObject) => Promise<any>> {
  const admin = await service.credentials('admin', '');
  return async (rpc, request) => {
    const { status, body } = await service.rest(rpc, request, admin);
    assert.equal(status, 200, `${rpc}: ${JSON.stringify(body)}`);
    return body;
  };
}

/** Makes an active instance. Returns its id. */
export async function makeInstance(service: Served): Promise<string> {
  const call = await adminOf(service);
  const id = randomUUID();
  await call('TemplateService.SaveTemplate', { template: { ...TEMPLATE, id } });
  await call('TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
  const made = await call('TemplateService.InstantiateTemplate', {
    template_owner_id: 'demo',
    template_id: id,
    instance_owner_id: 'demo',
    instance_name: id,
  });
  await call('InstanceService.SetInstanceStatus', { instance_id: made.id, status: 'Active' });
  return made.id;
}
