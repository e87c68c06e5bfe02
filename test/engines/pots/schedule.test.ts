import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import { TEMPLATE } from '../../contract/definitions.ts';
import { startService, type Service } from '../../support/service.ts';
import { WAIT_MS } from '../definition.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

test('an instance begins and ends at its times, and its changelog says that nobody did it', async () => {
  const admin = await service.credentials('admin', '');
  const call = async (rpc: string, request: JsonObject): Promise<any> => {
    const { status, body } = await service.rest(rpc, request, admin);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const id = randomUUID();
  await call('TemplateService.SaveTemplate', { template: { ...TEMPLATE, id } });
  await call('TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
  const [start, end] = [Date.now() + 1500, Date.now() + 3000];
  const made = await call('TemplateService.InstantiateTemplate', {
    template_owner_id: 'demo',
    template_id: id,
    instance_owner_id: 'demo',
    instance_name: 'For a second',
    schedule: { timestamp_start: start, timestamp_end: end },
  });
  assert.equal(made.status, 'Pending');
  // A change before the start must not take the start away.
  await call('InstanceService.UpdateInstance', { instance_id: made.id, name: 'For a second or two' });
  const ended = async (): Promise<boolean> =>
    (await call('InstanceService.GetInstance', { instance_id: made.id })).status === 'Terminated';
  assert.ok(await until(ended, WAIT_MS), 'it is not over');
  const changes = await call('InstanceService.ListInstanceChanges', { instance_id: made.id });
  assert.deepEqual(
    changes.map(({ action, user_id: by, status }: any) => [action, by, status]),
    [
      ['archived', 'task', 'Terminated'],
      ['effective', 'task', 'Active'],
      ['scheduled', 'admin:1', 'Pending'],
      ['created', 'admin:1', 'Pending'],
    ],
  );
  const [over, begun] = changes.map(({ timestamp }: any) => timestamp);
  assert.ok(begun >= start && over >= end, `${begun} ${over}`);
});
