import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { Hooks } from './hooks.ts';
import { Receiver } from './receiver.ts';
import { Stream } from './stream.ts';

let service: Service;
let hooks: Hooks;
beforeAll(async () => {
  service = await startService();
  hooks = new Hooks(service);
});
afterAll(() => service.stop());

const asService = { authorization: 'Bearer wf_test_demo' };

const TYPES = [
  'grant.confirmed',
  'jackpot.dropped',
  'journey.completed',
  'lootbox.opened',
  'mini_game.played',
  'raffle.drawn',
  'tournament.closed',
];

/** A player wins something that is handed out. */
async function confirmGift(userId: string): Promise<void> {
  const prizes = [{ segment_label: 'sword', kind: 'item', item: 'sword', weight: 1 }];
  const admin = await service.credentials('admin', '');
  await service.grpc('LootboxService.CreateLootbox', { id: 'gifts', prizes }, admin);
  await hooks.service('LootboxService.OpenLootbox', { id: 'gifts', user_id: userId });
  const { grants } = await hooks.service('GrantService.ListGrants', { user_id: userId });
  await hooks.service('GrantService.ConfirmGrant', { grant_id: grants[0].grant_id, reference: 'parcel-1' });
}

test('a stream has the events that webhooks have, word for word, of the types that were asked for', async () => {
  const receiver = await Receiver.start();
  await hooks.create(receiver.url, ['*']);
  const [some, all] = ['?types=lootbox.*&types=raffle.drawn', ''].map(
    (types) => new Stream(service.envoy.base, types, asService),
  ) as [Stream, Stream];
  await until(async () => some.messages.length > 0 && all.messages.length > 0);
  assert.deepEqual([some.messages[0]!.name, some.messages[0]!.event], ['heartbeat', undefined]);
  await hooks.open('streamed');
  await hooks.service('MiniGameService.PlayMiniGame', { id: 'lucky-wheel', user_id: 'StarlordV7' });
  await hooks.service('JackpotService.ContributeToJackpot', { id: 'daily-drop', user_id: 'streamed', amount: 2 });
  await hooks.service('JackpotService.DropJackpot', { id: 'daily-drop' });
  await hooks.service('RaffleService.EnterRaffle', { id: 'weekly-raffle', user_id: 'StarlordV7', tickets: 1 });
  await hooks.service('RaffleService.DrawRaffle', { id: 'weekly-raffle' });
  const score = { id: 'weekend-race', user_id: 'streamed', points: '5', source_wager_id: 'w1' };
  await hooks.service('TournamentService.SubmitScore', score);
  await hooks.service('TournamentService.CloseTournament', { id: 'weekend-race' });
  for (const trigger of ['signup', 'first_deposit', 'wager'])
    await hooks.service('JourneyService.FireEvent', { user_id: 'streamed', trigger });
  await confirmGift('streamed');
  await until(async () => TYPES.every((type) => receiver.received.some(({ event }) => event.type === type)));
  const ids = (): string =>
    receiver.received
      .map(({ id }) => id)
      .sort()
      .join();
  await until(async () => [...all.ids].sort().join() === ids());
  const byId = new Map(receiver.received.map(({ body, id }) => [id, JSON.parse(body)]));
  for (const event of all.events) assert.deepEqual(event, byId.get(event.id));
  assert.deepEqual(
    some.events.map(({ type }) => type),
    ['lootbox.opened', 'raffle.drawn', 'lootbox.opened'],
  );
  const dropped = all.events.find(({ type }) => type === 'jackpot.dropped');
  assert.deepEqual(
    { ...dropped.data, draw_id: '' },
    {
      draw_id: '',
      jackpot_id: 'daily-drop',
      pot_id: 'main',
      cycle: '1',
      user_id: 'streamed',
      asset: 'USD',
      amount: '102',
      pool_before: '102',
      pool_after: '100',
      trigger_reason: 'external',
      withheld: false,
    },
  );
  const drawn = all.events.find(({ type }) => type === 'raffle.drawn').data;
  assert.deepEqual([drawn.raffle_id, drawn.tickets, drawn.winner_count], ['weekly-raffle', '1', 1]);
  assert.deepEqual([drawn.winners[0].user_id, drawn.winners[0].brand_id], ['StarlordV7', 'main']);
  const closed = all.events.find(({ type }) => type === 'tournament.closed').data;
  assert.deepEqual([closed.tournament_id, closed.asset, closed.prize_count], ['weekend-race', 'WINZ', '1']);
  const completed = all.events.find(({ type }) => type === 'journey.completed').data;
  assert.deepEqual([completed.journey_id, completed.user_id, completed.steps], ['welcome', 'streamed', 3]);
  assert.deepEqual(
    completed.rewards.map(({ asset, amount }: any) => [asset, amount]),
    [['WINZ', '500']],
  );
  const confirmed = all.events.find(({ type }) => type === 'grant.confirmed').data;
  assert.deepEqual([confirmed.user_id, confirmed.item, confirmed.reference], ['streamed', 'sword', 'parcel-1']);
  some.close();
  all.close();
  await receiver.stop();
});

test('a stream goes on after any event, without a gap and without a repetition', async () => {
  const first = new Stream(service.envoy.base, '?types=lootbox.opened', asService);
  await until(async () => first.messages.length > 0);
  const opens: string[] = [];
  for (let i = 0; i < 4; i++) opens.push(`${await hooks.open('resumed')}-0`);
  await until(async () => first.events.length === 4);
  first.close();
  opens.push(`${await hooks.open('resumed')}-0`);
  assert.deepEqual(first.ids, opens.slice(0, 4));
  for (const at of [0, 2]) {
    const { id } = first.messages.filter(({ name }) => name === 'event')[at]!;
    const again = new Stream(service.envoy.base, '?types=lootbox.opened', { ...asService, 'last-event-id': id });
    await until(async () => again.events.length >= 4 - at);
    assert.deepEqual(again.ids, opens.slice(at + 1));
    again.close();
  }
  const heartbeat = new Stream(
    service.envoy.base,
    `?types=lootbox.opened&last_event_id=${first.messages[0]!.id}`,
    asService,
  );
  await until(async () => heartbeat.events.length === 5);
  assert.deepEqual(heartbeat.ids, opens);
  heartbeat.close();
});

test('a key of a brand gets the events of its brand only', async () => {
  await runSql(service.databaseUrl, "insert into brand (operator_id, brand_id, name) values (1, 1002, 'second')");
  const admin = await service.credentials('admin', '');
  let secret = '';
  await until(async () => {
    const request = { scopes: ['read', 'play'], brand_id: 'second' };
    secret = ((await service.grpc('AuthService.CreateApiKey', request, admin)).body as any).secret;
    return secret !== '';
  });
  const own = { authorization: `Bearer ${secret}` };
  const stream = new Stream(service.envoy.base, '', own);
  await until(async () => stream.messages.length > 0);
  await hooks.service('LootboxService.OpenLootbox', { id: 'welcome-box', user_id: 'of-main', brand_id: 'main' });
  const { body } = await service.grpc('LootboxService.OpenLootbox', { id: 'welcome-box', user_id: 'of-second' }, own);
  await until(async () => stream.events.length > 0);
  assert.deepEqual(
    stream.events.map(({ id, brand_id: brand }) => [id, brand]),
    [[`${(body as any).open_id}-0`, 'second']],
  );
  stream.close();
});

test('an operator has at most 16 streams on a server, and another one as soon as one is closed', async () => {
  const streams = Array.from({ length: 16 }, () => new Stream(service.envoy.base, '', asService));
  await until(async () => streams.every(({ messages }) => messages.length > 0));
  const status = async (): Promise<number> => {
    const abort = new AbortController();
    const answer = await fetch(`${service.envoy.base}/v1/events`, { headers: asService, signal: abort.signal });
    abort.abort();
    return answer.status;
  };
  assert.equal(await status(), 429);
  streams[0]!.close();
  await until(async () => (await status()) === 200);
  for (const one of streams) one.close();
});
