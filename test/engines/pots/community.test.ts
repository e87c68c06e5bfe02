import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../../support/service.ts';
import { Stream } from '../../webhooks/stream.ts';
import { active, assertPaid, lifetime, opt, perWin, shared, sharedPot, trigger } from './community-stage.ts';
import { Stage } from './stage.ts';

let service: Service;
let stage: Stage;
let stream: Stream;
/** An instance to which somebody has contributed when the file began. */
let early: { readonly id: string; readonly player: string; readonly at: number };
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  stream = new Stream(service.envoy.base, '?types=pots.*', await service.credentials('service', ''));
  await until(async () => stream.messages.length > 0);
  early = { id: await stage.instance(shared([active(0.5, 3, 1000)])), player: randomUUID(), at: Date.now() };
  await stage.contribute(early.id, early.player);
});
afterAll(async () => {
  stream.close();
  await service.stop();
});

const players = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
const contributed = async (id: string, who: readonly string[], more: JsonObject = {}): Promise<any[]> => {
  const results = [];
  for (const player of who) results.push(((await stage.contribute(id, player, more)).body as any[])[0]);
  return results;
};
const CARRIED = shared([lifetime(0.1, 1)], { opt_in_required: true }, { seed_strategy: {} });
/** The events of an instance, once there are so many. */
async function events(type: string, id: string, count: number): Promise<any[]> {
  const found = (): any[] => stream.events.filter((one: any) => one.type === type && one.data.instance_id === id);
  await until(async () => found().length >= count);
  return found().map(({ data }) => data);
}
const record = (player_id: string, win_amount: number): JsonObject => ({
  player_id,
  brand_id: 'demo:main',
  currency: 'USD',
  win_amount,
});

test('the last players who contributed share a part of the pot, and the event of the win names them', async () => {
  const id = await stage.instance(shared([active(0.2, 2)]));
  const [a, b, c, winner] = players(4);
  await contributed(id, [a!, b!, a!, c!]);
  // 20 % of 10.2, which c and a share.
  assert.equal((await trigger(stage, id, winner!)).win_amount, 8.16);
  await assertPaid(stage, { [winner!]: '8.16', [c!]: '1.02', [a!]: '1.02' });
  assert.equal(await stage.balance(b!, 'USD'), '0');
  const [won] = await events('pots.win', id, 1);
  assert.equal(won.win_amount, 8.16);
  assert.deepEqual(won.community_winners, [record(c!, 1.02), record(a!, 1.02)]);
});

test('who contributes and wins gets no share; alone, all of the pot', async () => {
  const pot = { pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }] };
  const id = await stage.instance(shared([active(0.2, 2), lifetime(0.1, 1)], { opt_in_required: true }, pot));
  const [a, b] = players(2);
  for (const player of [a!, b!]) await opt(stage, id, player);
  const [first] = await contributed(id, [a!]);
  assert.equal(first.win_amount, 10.05);
  const [second] = await contributed(id, [b!]);
  // 30 % of 10.05 to a, who is chosen by both.
  assert.equal(second.win_amount, 7.035);
  await assertPaid(stage, { [a!]: '13.065', [b!]: '7.035' });
  const [, { community_winners: winners }] = await events('pots.win', id, 2);
  assert.deepEqual(winners, [record(a!, 2.01), record(a!, 1.005)]);
});

test('the highest are chosen, of equal ones the first to be; who has opted out is not', async () => {
  const id = await stage.instance(shared([lifetime(0.1, 2)], { opt_in_required: true }));
  const [a, b, c, d, e] = players(5);
  for (const player of [a!, b!, c!, d!, e!]) await opt(stage, id, player);
  await contributed(id, [b!, a!, c!, a!, c!, d!, d!, a!]);
  // The winner is the highest one: c has reached the sum before d.
  await trigger(stage, id, a!);
  await assertPaid(stage, { [c!]: '0.52', [d!]: '0.52' });
  await opt(stage, id, c!, false);
  const outs = { instance_id: id, brand_id: 'demo:main', opt_ins: [], opt_outs: [a!] };
  await stage.call('service', 'InstanceService.SetOptIns', { items: [outs] });
  await trigger(stage, id, e!);
  await assertPaid(stage, { [c!]: '0.52', [d!]: '1.02', [b!]: '0.5' });
  await opt(stage, id, c!);
  await trigger(stage, id, e!);
  await assertPaid(stage, { [c!]: '1.02', [d!]: '1.52' });
});

test('what counts for a pot is what was contributed since its own last win', async () => {
  const changes = shared([], { opt_in_required: true });
  const pots = [
    sharedPot([perWin(0.1, 1)], { contribution: { Percentage: 0.25 } }),
    sharedPot([perWin(0.1, 1)], { contribution: { Percentage: 0.25 }, id: 'other' }),
  ];
  const id = await stage.instance({ ...changes, pots });
  const [a, b, winner] = players(3);
  for (const player of [a!, b!, winner!]) await opt(stage, id, player);
  await contributed(id, [a!, a!, b!, b!, a!]);
  await trigger(stage, id, winner!);
  await assertPaid(stage, { [a!]: '1.0125' });
  await contributed(id, [b!, a!, b!]);
  await trigger(stage, id, winner!);
  await assertPaid(stage, { [b!]: '1.0075' });
  // The other pot was not won: of 4 and 4 contributions, a was there first.
  await trigger(stage, id, winner!, 'other');
  await assertPaid(stage, { [a!]: '2.0325', [b!]: '1.0075' });
});

test('nobody gets a share who contributed too long ago, or from a country that may not any more', async () => {
  const id = await stage.instance(shared([active(0.2, 2)]));
  const [a, b, winner, other] = players(4);
  await contributed(id, [a!], { player: { id: a!, token: 't', country: 'DE', brand_id: 'main' } });
  await contributed(id, [b!]);
  await stage.call('admin', 'InstanceService.BlacklistCountry', { instance_id: id, country_code: 'DE' });
  await trigger(stage, id, winner!);
  await assertPaid(stage, { [b!]: '2.02', [winner!]: '8.08' });
  await sleep(Math.max(0, early.at + 1100 - Date.now()));
  await trigger(stage, early.id, other!);
  assert.equal(await stage.balance(other!, 'USD'), '10.05');
  assert.equal((await events('pots.win', early.id, 1))[0].community_winners, null);
});

test('an opt-in that was carried from another instance brings a player back', async () => {
  const [from, id] = [await stage.instance({ ...shared([]), pots: [sharedPot([])] }), await stage.instance(CARRIED)];
  const [a, winner] = players(2);
  for (const who of [a!, winner!]) await opt(stage, id, who);
  await contributed(id, [a!]);
  await opt(stage, id, a!, false);
  await trigger(stage, id, winner!);
  await opt(stage, from, a!);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: from, status: 'Paused' });
  await stage.call('admin', 'InstanceService.TransferPots', {
    source_instance_id: from,
    target_instance_id: id,
    user_id: 'ops',
    transfer_optins: true,
    pot_rules: [{ source_pot: 'main', target_pot: { main: 1 } }],
    reason: 'carried',
  });
  const changes = (): Promise<any[]> => stage.call('admin', 'InstanceService.ListInstanceChanges', { instance_id: id });
  await until(async () => (await changes()).some(({ action }) => /opt/i.test(action)));
  assert.equal(await stage.balance(a!, 'USD'), '0');
  await trigger(stage, id, winner!);
  await until(async () => (await stage.balance(a!, 'USD')) !== '0');
});

test('a linked instance shares its own pot', async () => {
  const pot = { pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }] };
  const linked = await stage.instance(shared([active(0.2, 2)], {}, pot));
  const id = await stage.instance(shared([active(0.5, 2)]), { linked_instance: linked });
  const [a, b] = players(2);
  await contributed(linked, [a!]);
  const { body } = await stage.contribute(id, b!);
  assert.deepEqual(
    (body as any[]).map(({ win_amount }) => win_amount),
    [0, 8.04],
  );
  await assertPaid(stage, { [a!]: '12.06', [b!]: '8.04' });
});

test('a pot whose time is up is shared as things stood when it was closed; so is a final draw', async () => {
  const timed = { pot_types: [{ MustDropByTime: { period: { Seconds: 2 } } }] };
  const id = await stage.instance(shared([active(0.3, 3)], {}, timed));
  const all = players(3);
  await contributed(id, all);
  const [won] = await events('pots.win', id, 1);
  assert.equal(won.win_amount, 7.105);
  const others = all.filter((player) => player !== won.player_id);
  assert.deepEqual(
    won.community_winners,
    others.toReversed().map((player) => record(player, 1.5225)),
  );
  await assertPaid(stage, { [won.player_id]: '7.105', [others[0]!]: '1.5225', [others[1]!]: '1.5225' });
  const last = await stage.instance(shared([active(0.5, 1)]));
  const [a, b] = players(2);
  await contributed(last, [a!, b!]);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: last, status: 'Terminated' });
  const drawn = await stage.call('admin', 'JackpotService.DrawPot', { id: last, pot_id: 'main' });
  assert.equal(drawn.won, '5.05');
  await assertPaid(stage, { [a!]: '5.05', [b!]: '5.05' });
});

test('the books balance, and all state is what the journal says', () => stage.audit());
