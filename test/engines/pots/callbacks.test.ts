import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../../support/service.ts';
import { Receiver } from '../../webhooks/receiver.ts';
import { Stage } from './stage.ts';

let service: Service;
let stage: Stage;
let receiver: Receiver;
let secret: string;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  receiver = await Receiver.start();
  ({ secret } = await stage.call('admin', 'WebhookService.RotateWebhookSecret', { webhook_id: 'callbacks' }));
});
afterAll(async () => {
  await service.stop();
  await receiver.stop();
});

const pot = (more: JsonObject): JsonObject => ({
  id: 'main',
  contribution: { Percentage: 0.5 },
  seed_strategy: { initial_seed_value: 10 },
  ...more,
});
const HIT = { pots: [pot({ pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }] })] };
const NO_HIT = { pots: [pot({ supports_external_trigger: true })] };
const OPERATOR = { contribution_type: { Fixed: 0.1 }, operator_contribution_percentage: 1 };

/** What the receiver got at a path, verified and parsed, once there are so many. */
async function got(path: string, count: number): Promise<any[]> {
  const here = () => receiver.received.filter((one) => one.path === path);
  await until(async () => here().length >= count);
  return here().map(({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>));
}

test('each result is sent once, signed, with the documented keys; the answer is empty', async () => {
  const opted = await stage.instance({ contribution_rules: { ...OPERATOR, opt_in_required: true }, ...NO_HIT });
  const id = await stage.instance({ contribution_rules: OPERATOR, ...NO_HIT }, { linked_instance: opted });
  const [player, path, key] = [randomUUID(), `/${randomUUID()}`, randomUUID()];
  const callback = { web_hook: `http://127.0.0.1:${receiver.port}${path}` };
  const options = { callback, idempotency_key: key };
  const changes = { idempotency_key: '', metadata: { a: [1] }, options };
  for (let i = 0; i < 2; i++) {
    const { status, body } = await stage.contribute(id, player, changes);
    assert.deepEqual([status, body], [200, []]);
  }
  const sent = await got(path, 2);
  const done = sent.find(({ type }) => type === 'data');
  assert.deepEqual(Object.keys(done), [
    'type',
    'instance_id',
    'timestamp',
    'gameround_id',
    'win_amount',
    'win_pot_id',
    'tickets_awarded',
    'win_withheld',
    'contribution_currency',
    'contribution_amount',
    'metadata',
  ]);
  assert.deepEqual([done.instance_id, done.contribution_amount, done.metadata], [id, 0.1, { a: [1] }]);
  assert.deepEqual(
    sent.find(({ type }) => type === 'error'),
    {
      type: 'error',
      status_code: 400,
      code: 'CONTRIBUTION_REJECTED',
      message: 'PlayerNotOptedIn',
      metadata: { a: [1] },
    },
  );
  assert.equal((await stage.get(id)).total_contributions, 1);
});

test('a rejection by the target is sent, and is no error; only wins are sent if only they are asked for', async () => {
  const paused = await stage.instance({ contribution_rules: OPERATOR, ...NO_HIT });
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: paused, status: 'Paused' });
  const [dull, sure] = [NO_HIT, HIT].map((pots) => stage.instance({ contribution_rules: OPERATOR, ...pots }));
  const path = `/${randomUUID()}`;
  const web_hook = `http://127.0.0.1:${receiver.port}${path}`;
  const contribute = (instance: string, win_result_only: boolean) =>
    stage.call('service', 'ContributionService.ContributeToInstance', {
      instance_id: instance,
      token: 't',
      brand_id: 'demo:main',
      player_id: 'somebody',
      player_country: 'MT',
      base_wager: 1,
      currency: 'USD',
      callback: { web_hook, win_result_only },
    });
  assert.equal(await contribute(paused, true), null);
  assert.equal(await contribute(await dull!, true), null);
  assert.equal(await contribute(await sure!, true), null);
  assert.equal(await contribute(paused, false), null);
  const sent = await got(path, 2);
  assert.equal(sent.length, 2);
  const won = sent.find(({ type }) => type === 'data');
  assert.deepEqual([won.instance_id, won.win_pot_id, won.win_amount], [await sure, 'main', 10.05]);
  assert.equal(sent.find(({ type }) => type === 'error').message, 'JackpotNotActive');
});

test('a callback to a host that is not registered is refused, and nothing is contributed', async () => {
  const id = await stage.instance({ contribution_rules: OPERATOR, ...NO_HIT });
  const callback = { web_hook: 'https://hooks.example.com/x' };
  const { status, reason } = await stage.contribute(id, 'somebody', { options: { callback } });
  assert.deepEqual([status, reason], [409, 'WEBHOOK_HOST_NOT_ALLOWED']);
  assert.equal((await stage.get(id)).total_contributions, 0);
});
