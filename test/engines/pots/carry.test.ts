import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import { startService, type Service } from '../../support/service.ts';
import { WAIT_MS } from '../definition.ts';
import { Stage } from './stage.ts';

let service: Service;
let stage: Stage;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
});
afterAll(() => service.stop());

const opt = (instance: string, player: string, isIn: boolean, value: number | null = null): Promise<any> =>
  stage.call('service', 'InstanceService.SetOptIn', {
    instance_id: instance,
    player_id: player,
    brand_id: 'demo:main',
    player_country: 'MT',
    opt_in: isIn,
    contribution_value: value,
  });
const changes = (instance: string): Promise<any[]> =>
  stage.call('service', 'InstanceService.ListInstanceChanges', { instance_id: instance });
const TRANSFERRED = 'opt_ins_transferred';
const ended = async (instance: string): Promise<any[]> =>
  (await changes(instance)).filter(({ action }) => action === TRANSFERRED);

/** Transfers the opt-ins, and waits until they are carried. */
async function transfer(from: string, to: string): Promise<void> {
  const before = (await ended(to)).length;
  const { pots } = await stage.get(from);
  const rules = pots.map(({ id }: any): JsonObject => ({ source_pot: id, target_pot: { [id]: 1 } }));
  await stage.call('admin', 'InstanceService.TransferPots', {
    source_instance_id: from,
    target_instance_id: to,
    user_id: 'somebody',
    transfer_optins: true,
    pot_rules: rules,
    reason: 'a new one',
  });
  assert.ok(await until(async () => (await ended(to)).length > before, WAIT_MS), 'they are never carried');
}

/** The players who have opted in, with what they want to pay. */
async function optedIn(instance: string): Promise<Record<string, number | null>> {
  const rows = await stage.call('service', 'InstanceService.ListOptIns', { instance_id: instance, opted_in: 'true' });
  return Object.fromEntries(
    rows.map(({ player_id: player, preferred_contribution_value: value }: any) => [player, value ?? null]),
  );
}

test('opt-ins are carried with their values; a later choice of the player stays; so it may be repeated', async () => {
  const [from, to] = [await stage.instance(), await stage.instance()];
  const [ann, bob, cid, dan, eve] = ['ann', 'bob', 'cid', 'dan', 'eve'].map((name) => `${name}-${from.slice(-6)}`) as [
    string,
    string,
    string,
    string,
    string,
  ];
  await opt(from, ann, true, 0.3);
  await opt(from, bob, true);
  await opt(to, bob, false);
  await opt(to, cid, false);
  await opt(from, cid, true);
  await opt(from, dan, true);
  await opt(from, dan, false);
  await opt(from, eve, true, 0.5);
  await opt(to, eve, true, 0.7);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: from, status: 'Paused' });
  await transfer(from, to);
  const expected = { [ann]: 0.3, [cid]: null, [eve]: 0.7 };
  assert.deepEqual(await optedIn(to), expected);
  assert.deepEqual(Object.keys(await optedIn(from)).length, 4);
  const [told] = await ended(to);
  assert.deepEqual([told.user_id, told.reason, told.subject, told.after], ['task', 'a new one', `from ${from}`, '2']);
  assert.deepEqual(
    (await ended(from)).map(({ subject, after }) => [subject, after]),
    [[`to ${to}`, '2']],
  );
  await opt(to, ann, false);
  await transfer(from, to);
  assert.deepEqual(await optedIn(to), { [cid]: null, [eve]: 0.7 });
  assert.equal((await ended(to))[0].after, '0');
});

test('a choice is as old at the target as it was made: also by way of a third, it overrules no later one', async () => {
  const [first, second, third] = [await stage.instance(), await stage.instance(), await stage.instance()];
  const player = randomUUID();
  await opt(first, player, true);
  await opt(third, player, false);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: first, status: 'Paused' });
  await transfer(first, second);
  assert.deepEqual(await optedIn(second), { [player]: null });
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: second, status: 'Paused' });
  await transfer(second, third);
  assert.deepEqual(await optedIn(third), {});
});

test('players of brands that the target does not take are left out, and who is carried contributes', async () => {
  const contribution_rules = {
    contribution_type: { Fixed: 0.5 },
    operator_contribution_percentage: 1,
    opt_in_required: true,
  };
  const [from, to, closed] = [
    await stage.instance({ contribution_rules }),
    await stage.instance({ contribution_rules }),
    await stage.instance(),
  ];
  const other = `other-${to.slice(-6)}`;
  await stage.call('admin', 'OperatorService.AddBrands', {
    operator_id: 'demo',
    items: [{ id: other, name: 'Other' }],
  });
  await stage.call('admin', 'InstanceService.AssignBrand', { instance_id: closed, brand_id: `demo:${other}` });
  const player = randomUUID();
  await opt(from, player, true);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: from, status: 'Paused' });
  await transfer(from, closed);
  assert.deepEqual(await optedIn(closed), {});
  const refused = await stage.contribute(to, player);
  assert.equal((refused.body as any).message, 'PlayerNotOptedIn');
  await transfer(from, to);
  assert.equal(((await stage.contribute(to, player)).body as any)[0].instance_id, to);
});
