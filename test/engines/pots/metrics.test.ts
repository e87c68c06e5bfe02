import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, type Service } from '../../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** Samples of Prometheus' text by their names and labels. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^(\w+\{.*\}) (\S+)$/.exec(line)!;
      return [name!, Number(value)];
    }),
  );
}

test('meters tell of each pot what it has taken, holds and paid, over both faces', async () => {
  const admin = await service.credentials('admin', '');
  const call = async (rpc: string, request: JsonObject): Promise<any> => {
    const { status, body } = await service.rest(rpc, request, admin);
    assert.ok(Number(status) < 300, JSON.stringify(body));
    return body;
  };
  const template = randomUUID();
  await call('TemplateService.SaveTemplate', {
    template: {
      id: template,
      name: 'A template',
      owner_id: 'demo',
      currency: 'USD',
      contribution_rules: { contribution_type: { Fixed: 0.1 } },
      house_hold_contribution: { Percentage: 0.5 },
      pots: [
        {
          id: 'main',
          contribution: { Percentage: 0.5 },
          seed_contribution: { Percentage: 0.2 },
          seed_strategy: { initial_seed_value: 10, min_reseed_value: 10 },
          supports_external_trigger: true,
        },
      ],
    },
  });
  await call('TemplateService.PublishTemplate', { owner_id: 'demo', template_id: template });
  const { id } = await call('TemplateService.InstantiateTemplate', {
    template_owner_id: 'demo',
    template_id: template,
    instance_owner_id: 'demo:main',
    instance_name: 'Metered',
  });
  const meters = async (): Promise<[string, number][]> => {
    const overRest = samplesOf(await call('MetricsService.GetMetrics', {}));
    const { body } = await service.grpc('MetricsService.GetMetrics', {}, admin);
    assert.deepEqual(samplesOf(body as string), overRest);
    return [...overRest].filter(([name]) => name.includes(id));
  };
  assert.deepEqual(await meters(), []);
  await call('InstanceService.SetInstanceStatus', { instance_id: id, status: 'Active' });
  const key = await service.credentials('service', '');
  await call('LedgerService.CreateTransfer', {
    source: { kind: 'operator' },
    destination: { kind: 'player', user_id: 'metered', brand_id: '1001' },
    asset: 'USD',
    amount: '1',
    idempotency_key: randomUUID(),
  });
  for (let i = 0; i < 3; i += 1) {
    const { status, body } = await service.rest(
      'ContributionService.ContributeToInstance',
      {
        instance_id: id,
        token: 'any',
        brand_id: 'demo:main',
        player_id: 'metered',
        player_country: 'MT',
        base_wager: 1,
        currency: 'USD',
      },
      key,
    );
    assert.equal(status, 200, JSON.stringify(body));
  }
  const labels = `instance_id="${id}",owner_id="demo:main",currency="USD"`;
  const pot = `${labels},pot_id="main"`;
  assert.deepEqual(
    new Map(await meters()),
    new Map([
      [`windfall_pots_contributions_total{${labels}}`, 3],
      [`windfall_pots_contributed_total{${labels}}`, 0.3],
      [`windfall_pots_house_value{${labels}}`, 0.15],
      [`windfall_pots_withheld_wins{${labels}}`, 0],
      [`windfall_pots_withheld_value{${labels}}`, 0],
      [`windfall_pots_pot_value{${pot}}`, 10.12],
      [`windfall_pots_pot_seed_value{${pot}}`, 0.03],
      [`windfall_pots_pot_surplus_seed_value{${pot}}`, 0],
      [`windfall_pots_pot_contributed_total{${pot}}`, 0.15],
      [`windfall_pots_pot_overflow_total{${pot}}`, 0],
      [`windfall_pots_pot_wins_total{${pot}}`, 0],
      [`windfall_pots_pot_paid_total{${pot}}`, 0],
      [`windfall_pots_pot_instantiations_total{${pot}}`, 1],
    ]),
  );
  const answer = await fetch(`${service.envoy.base}/metrics`, { headers: admin });
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  await call('InstanceService.SetInstanceStatus', { instance_id: id, status: 'Terminated' });
  assert.deepEqual(await meters(), []);
});
