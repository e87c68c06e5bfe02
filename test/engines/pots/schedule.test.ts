import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import { TEMPLATE } from '../../contract/definitions.ts';
import { startService, type Service } from '../../support/service.ts';
import { WAIT_MS } from '../definition.ts';
import { Stage } from './stage.ts';

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

const DAY = 86_400;
const timeOf = (second: number): JsonObject => {
  const within = (second + DAY) % DAY;
  return { hour: Math.floor(within / 3600), minute: Math.floor(within / 60) % 60, sec: within % 60 };
};
/** Windows of every day, from and to so many seconds from now. */
const around = (from: number, to: number): JsonObject => {
  const now = Math.floor(Date.now() / 1000) % DAY;
  return { recurrence_rules: [{ frequency: { Daily: { hours: [[timeOf(now + from), timeOf(now + to)]] } } }] };
};

test('outside its windows an instance takes no contribution, and a source passes over it', async () => {
  const stage = new Stage(service);
  const closed = await stage.instance({}, { schedule: around(3600, 7200) });
  const open = await stage.instance({}, { schedule: around(-3600, 3600) });
  const always = await stage.instance();
  const sourceId = randomUUID();
  const jackpots = [closed, open, always].map((id, priority) => ({ instance_id: id, priority }));
  await stage.call('admin', 'SourceService.AddSources', {
    items: [{ owner_id: 'demo', source_id: sourceId, source_name: 'Happy hour', jackpots }],
  });
  const player = randomUUID();
  const refused = await stage.contribute(closed, player);
  assert.deepEqual(refused.body, { status_code: 400, code: 'CONTRIBUTION_REJECTED', message: 'OutsideSchedule' });
  const taken = await stage.contribute('', player, { target: { type: 'source', id: sourceId } });
  assert.deepEqual(
    (taken.body as any[]).map((one) => one.instance_id),
    [open],
  );
  const found = await stage.call('service', 'InstanceService.GetInstanceForSource', {
    source_id: sourceId,
    brand_id: 'demo:main',
  });
  assert.equal(found.id, open);
});

test('a linked instance outside its windows fails alone', async () => {
  const stage = new Stage(service);
  const closed = await stage.instance({}, { schedule: around(3600, 7200) });
  const id = await stage.instance({}, { linked_instance: closed });
  const { body } = await stage.contribute(id, randomUUID());
  assert.deepEqual(
    (body as any[]).map(({ instance_id: instance, message }) => instance ?? message),
    [id, 'OutsideSchedule'],
  );
});
