import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { Receiver } from '../../webhooks/receiver.ts';
import { Stream } from '../../webhooks/stream.ts';
import { differences } from '../jackpot/fixture.ts';
import { Stage } from './stage.ts';

const OPERATOR = { contribution_type: { Fixed: 0.1 }, operator_contribution_percentage: 1 };
const pot = (more: JsonObject): JsonObject => ({
  id: 'main',
  contribution: { Percentage: 0.5 },
  seed_contribution: { Percentage: 0.2 },
  seed_strategy: { initial_seed_value: 20, min_reseed_value: 10 },
  ...more,
});
const SURE = [pot({ pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }] })];

let service: Service;
let stage: Stage;
let receiver: Receiver;
let stream: Stream;
let quiet: string;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  receiver = await Receiver.start();
  // Nobody wants to know yet what this one shows.
  quiet = await stage.instance();
  await stage.contribute(quiet, 'early');
  await sleep(1200);
  assert.equal(await shown(quiet), 0);
  stream = new Stream(service.envoy.base, '?types=pots.*', await service.credentials('service', ''));
  await stage.call('admin', 'WebhookService.CreateWebhook', { url: receiver.url, events: ['pots.*'] });
  await until(async () => stream.messages.length > 0);
});
afterAll(async () => {
  stream.close();
  await service.stop();
  await receiver.stop();
});

/** How many facts tell what an instance shows. */
async function shown(id: string): Promise<number> {
  const text =
    'select count(*)::int4 as facts from journal j join jackpot k on k.operator_id = j.operator_id and ' +
    'k.id = j.aggregate_id join definition d on d.operator_id = k.operator_id and d.id = k.definition_id ' +
    'where j.kind = 1680 and d.code = $1';
  const [row] = await runSql(service.databaseUrl, text, [`jackpot/${id}`]);
  return (row as { facts: number }).facts;
}

/** The events about an instance, as the webhook got them: each once, and the same as on the stream. */
async function events(type: string, id: string, count: number): Promise<any[]> {
  const own = ({ event }: { event: any }): boolean =>
    event.type === type && [event.data.instance_id, event.data.id].includes(id);
  const got = () => receiver.received.filter(own).map(({ event }) => event as any);
  await until(async () => got().length >= count);
  await until(async () => stream.events.filter((event) => own({ event })).length >= count);
  assert.deepEqual(
    stream.events.filter((event) => own({ event })),
    got(),
  );
  return got();
}

test('a win has the documented fields and envelope, and what the contribution has sent for its events', async () => {
  const code = `game-${randomUUID()}`;
  const source = `source-${randomUUID()}`;
  const id = await stage.instance({ contribution_rules: OPERATOR, pots: SURE }, { instance_game_code: code });
  const coded = { owner_id: 'demo', source_name: 'A source', source_id: source };
  await stage.call('admin', 'SourceService.AddSources', {
    items: [{ ...coded, jackpots: [{ instance_id: id, priority: 1 }] }],
  });
  await stage.call('admin', 'CurrencyService.SetCurrencies', {
    brand_id: 'demo:main',
    base_currency: 'USD',
    multipliers: { USD: 1, EUR: 0.85 },
  });
  const player = randomUUID();
  const event_metadata = { table: 7, tags: ['a', null] };
  const target = { type: 'source', id: source };
  const { body } = await stage.contribute(id, player, { target, event_metadata, metadata: { not: 'this' } });
  const [{ timestamp }] = body as [{ timestamp: number }];
  const [event] = await events('pots.win', id, 1);
  const { type, event_type, event_id, operator_id, brand_id, data } = event;
  assert.deepEqual([type, event_type, operator_id, brand_id], ['pots.win', 'JackpotWinEvent', 'demo', 'main']);
  assert.equal(event_id, event.id);
  assert.deepEqual(data, {
    brand_id: 'demo:main',
    player_id: player,
    source_id: source,
    instance_id: id,
    jackpot_name: 'An instance',
    jackpot_currency: 'USD',
    timestamp,
    win_pot_id: 'main',
    win_amount: 20.04,
    currency_multipliers: { USD: 1, EUR: 0.85 },
    win_withheld: false,
    community_winners: null,
    games_in_jackpot: [code],
    seed: 10,
    seed_deficit: 9.99,
    metadata: event_metadata,
  });
  await stage.contribute(id, player);
  const [, second] = await events('pots.win', id, 2);
  assert.deepEqual([second.data.source_id, second.data.metadata], [code, null]);
});

test('a win by a trigger names its source, and one of a draw among all has no multipliers', async () => {
  const contribution_rules = { ...OPERATOR, withhold_above: 15 };
  const id = await stage.instance({ contribution_rules, pots: [pot({ supports_external_trigger: true })] });
  const player = randomUUID();
  await stage.contribute(id, player);
  const triggered = { instance_id: id, pot_id: 'main', brand_id: 'demo:main', player_id: player, source_id: 'a-wheel' };
  await stage.call('service', 'InstanceService.TriggerPot', triggered);
  await stage.contribute(id, player);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Terminated' });
  await stage.call('admin', 'JackpotService.DrawPot', { id, pot_id: 'main' });
  const [first, last] = (await events('pots.win', id, 2)).map(({ data }) => data);
  const { source_id, player_id, win_amount, currency_multipliers, seed, seed_deficit } = first;
  assert.deepEqual([source_id, player_id, win_amount], ['a-wheel', player, 20.04]);
  assert.deepEqual([currency_multipliers, seed, seed_deficit], [null, 10, 9.99]);
  assert.deepEqual([first.win_withheld, last.win_withheld], [true, false]);
  assert.deepEqual([last.player_id, last.source_id, last.currency_multipliers], [player, null, null]);
});

test('an opt-in tells what the player has contributed so far; lists of players tell nothing', async () => {
  const id = await stage.instance();
  const player = randomUUID();
  await stage.contribute(id, player);
  const opted = { instance_id: id, player_id: player, brand_id: 'demo:main', player_country: 'MT' };
  await stage.call('service', 'InstanceService.SetOptIns', {
    items: [{ instance_id: id, brand_id: 'demo:main', opt_ins: ['listed'], opt_outs: [] }],
  });
  await stage.call('service', 'InstanceService.SetOptIn', { ...opted, opt_in: true, contribution_value: '0.3' });
  await stage.contribute(id, player);
  await stage.call('service', 'InstanceService.SetOptIn', { ...opted, opt_in: false });
  const [first, last, ...more] = await events('pots.opt_in', id, 2);
  const { last_updated: at, ...data } = first.data;
  assert.deepEqual([first.event_type, first.brand_id, more.length], ['OptInEvent', 'main', 0]);
  assert.ok(Math.abs(at - Date.parse(first.time)) < 1);
  assert.deepEqual(data, {
    instance_id: id,
    player_id: player,
    ext_player_id: player,
    player_brand_id: 'demo:main',
    preferred_contribution_value: 0.3,
    contribution_count: 0,
    contribution_value: 0,
    opted_in: true,
  });
  const { opted_in, contribution_count, contribution_value } = last.data;
  assert.deepEqual([opted_in, contribution_count, contribution_value], [false, 1, 0.3]);
});

test('what is told and listed is replayed', async () => {
  assert.ok((await shown(quiet)) > 0);
  assert.deepEqual(await differences(service.databaseUrl), []);
});

test('an update has all changes of a while, and comes once in five seconds at most', async () => {
  const id = await stage.instance({ contribution_rules: OPERATOR }, { instance_game_code: `game-${randomUUID()}` });
  // Time stands still, or a while has passed.
  const told = (at: string) =>
    runSql(service.databaseUrl, `update pots_listing set told_at = ${at} where jackpot_id > 0`);
  const [hold, release] = [() => told("now() + interval '1 h'"), () => told("'epoch'")];
  await stage.contribute(id, 'somebody');
  await events('pots.update', id, 1);
  await hold();
  for (let i = 0; i < 20; i++) await stage.contribute(id, 'somebody');
  // Longer than between two looks.
  await sleep(1500);
  assert.equal(await shown(id), 1);
  await release();
  const [, second] = await events('pots.update', id, 2);
  const { last_updated: at, allowed_sources: sources, ...data } = second.data;
  assert.equal(second.event_type, 'JackpotUpdateEvent');
  assert.ok(Math.abs(at - Date.parse(second.time)) < 1);
  assert.match(sources.join(), /^game-[-0-9a-f]{36}$/);
  assert.deepEqual(data, {
    id,
    jackpot_type: 'Jackpot',
    currency: 'USD',
    status: 'Active',
    pots: [{ id: 'main', is_progressive: true, current_value: 11.05 }],
    allowed_brands: [],
    timestamp_start: null,
    timestamp_end: null,
  });
  await release();
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Terminated' });
  const [, , ended] = await events('pots.update', id, 3);
  assert.equal(ended.data.status, 'Terminated');
  // What is told is no change that is to be told.
  await release();
  await sleep(1500);
  assert.equal(await shown(id), 3);
  // What has happened while nobody listened is in the first update.
  const [first] = await events('pots.update', quiet, 1);
  assert.equal(first.data.pots[0].current_value, 10.05);
  assert.equal(first.brand_id, undefined);
  const own = await stage.instance({}, { instance_owner_id: 'demo:main' });
  await stage.contribute(own, 'somebody');
  assert.equal((await events('pots.update', own, 1))[0].brand_id, 'main');
});

test('a raffle tells its winners, and those who could not be paid', async () => {
  const id = await stage.instance({
    jackpot_type: 'Raffle',
    contribution_rules: OPERATOR,
    pots: [pot({})],
    raffle_rules: { ticket_cost: 0.1, winners: [{ count: 2, percentage: 1 }] },
  });
  const [poor, rich] = [randomUUID(), randomUUID()];
  await stage.fund(rich, 'USD', '1.234567');
  const full = 'update account set balance = 9223372036850000000 where operator_id = 1 and balance = 1234567';
  await runSql(service.databaseUrl, full);
  for (const player of [poor, rich]) await stage.contribute(id, player);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Terminated' });
  const [won] = await events('pots.raffle_win', id, 1);
  const record = (player_id: string) => ({ player_id, brand_id: 'demo:main', currency: 'USD', win_amount: 10.04 });
  const { timestamp, winners, ...data } = won.data;
  assert.equal(won.event_type, 'RaffleWinEvent');
  assert.ok(Math.abs(timestamp - Date.parse(won.time)) < 1);
  assert.deepEqual(
    winners.toSorted((a: any) => (a.player_id === poor ? -1 : 1)),
    [record(poor), record(rich)],
  );
  const shared = { instance_id: id, jackpot_name: 'An instance', jackpot_currency: 'USD' };
  assert.deepEqual(data, { ...shared, brand_id: 'demo', currency_multipliers: null, win_withheld: true });
  const [failed] = await events('pots.raffle_payout_error', id, 1);
  assert.deepEqual(failed.data, { instance_id: id, failed_payouts: [record(rich)] });
});
