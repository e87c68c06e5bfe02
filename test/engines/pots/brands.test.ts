import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { TEMPLATE } from '../../contract/definitions.ts';
import type { Headers } from '../../support/api.ts';
import { startService, type Service } from '../../support/service.ts';

let service: Service;
let admin: Headers;
beforeAll(async () => {
  service = await startService();
  admin = await service.credentials('admin', '');
});
afterAll(() => service.stop());

async function done(rpc: string, request: JsonObject, as = admin): Promise<any> {
  const { reason, body } = await service.rest(rpc, request, as);
  assert.equal(reason, null, JSON.stringify(body));
  return body;
}

async function keyOf(brand: string): Promise<Headers> {
  const { secret } = await done('AuthService.CreateApiKey', { name: brand, brand_id: brand });
  return { authorization: `Bearer ${secret}` };
}

/** Makes an active instance of the main brand. */
async function makeInstance(): Promise<string> {
  const template = randomUUID();
  await done('TemplateService.SaveTemplate', { template: { ...TEMPLATE, id: template } });
  await done('TemplateService.PublishTemplate', { owner_id: 'demo', template_id: template });
  const { id } = await done('TemplateService.InstantiateTemplate', {
    template_owner_id: 'demo',
    template_id: template,
    instance_owner_id: 'demo:main',
    instance_name: 'Of the main brand',
  });
  await done('InstanceService.SetInstanceStatus', { instance_id: id, status: 'Active' });
  return id;
}

test('a key of a brand sees what is of the operator and of its brand, and no other brand', async () => {
  await done('OperatorService.SaveOperators', { items: [{ id: 'demo:second', name: 'Second' }] });
  const id = await makeInstance();
  const jackpots = [{ instance_id: id, priority: 0 }];
  const own = { owner_id: 'demo:main', jackpots };
  const all = { owner_id: 'demo', jackpots };
  await done('SourceService.AddSources', {
    items: [
      { ...own, source_id: 'own', source_name: 'Own' },
      { ...all, source_id: 'all', source_name: 'All' },
    ],
  });
  await done('SegmentService.AddSegments', {
    items: [
      { ...own, id: 'own', priority: 0 },
      { ...all, id: 'all', priority: 0 },
    ],
  });
  await done('CurrencyService.SetCurrencies', {
    brand_id: 'demo:main',
    base_currency: 'EUR',
    multipliers: { GBP: 0.85 },
  });
  await done('CurrencyService.SetCurrencies', { brand_id: 'demo', base_currency: 'USD', multipliers: { GBP: 0.8 } });
  const seen = async (brand: string) => {
    const key = await keyOf(brand);
    const lists: any[][] = [
      await done('SourceService.ListSources', {}, key),
      await done('SegmentService.ListSegments', {}, key),
      await done('CurrencyService.ListCurrencies', {}, key),
      (await done('OperatorService.GetOperator', { operator_id: 'demo' }, key)).brands,
    ];
    const source = { source_id: 'all', brand_id: `demo:${brand}` };
    const { reason } = await service.grpc('InstanceService.GetInstanceForSource', source, key);
    const metered = (await done('MetricsService.GetMetrics', {}, key)).includes(id) as boolean;
    return [...lists.map((list) => list.length), reason, metered];
  };
  // With the demo's source, which is the operator's.
  assert.deepEqual(await seen('main'), [3, 2, 2, 1, null, true]);
  assert.deepEqual(await seen('second'), [2, 1, 1, 1, 'INSTANCE_NOT_FOUND', false]);
  const asked = { source_id: 'own', brand_id: 'demo:main' };
  const { reason } = await service.grpc('InstanceService.GetInstanceForSource', asked, await keyOf('second'));
  assert.equal(reason, 'BRAND_NOT_FOUND');
});
