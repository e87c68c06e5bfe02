import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, type Service } from '../../support/service.ts';
import { Stage } from './stage.ts';

let service: Service;
let stage: Stage;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  const multipliers = { EUR: 1, USD: 1.25 };
  await stage.call('admin', 'CurrencyService.SetCurrencies', {
    brand_id: 'demo:main',
    base_currency: 'EUR',
    multipliers,
  });
});
afterAll(() => service.stop());

const SURE = [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }];
/** Players are paid by the operator; each contribution hits. */
const held = (rules: JsonObject, pot: JsonObject = {}): JsonObject => ({
  contribution_rules: { contribution_type: { Fixed: 0.1 }, operator_contribution_percentage: 1, ...rules },
  pots: [
    {
      id: 'main',
      contribution: { Percentage: 0.5 },
      seed_strategy: { initial_seed_value: 8, min_reseed_value: 2 },
      pot_types: SURE,
      supports_external_trigger: true,
      ...pot,
    },
  ],
});

const win = async (id: string, player: string, more: JsonObject = {}): Promise<any> =>
  ((await stage.contribute(id, player, more)).body as any[])[0];
const list = (id: string, filter: JsonObject = {}): Promise<any[]> =>
  stage.call('service', 'WithheldWinService.ListWithheldWins', { instance_id: id, ...filter });
const settle = (verb: string, id: string, round: string, more: JsonObject = {}) =>
  stage.outcome('admin', `WithheldWinService.${verb}WithheldWin`, {
    instance_id: id,
    gameround_id: round,
    reason: 'checked',
    ...more,
  });
const main = async (id: string): Promise<any> => (await stage.get(id)).pots[0];

test('a win above the amount is withheld, one at it is paid; both are proved, and the pot starts again', async () => {
  const id = await stage.instance(held({ withhold_above: 2.05 }));
  const [first, second] = [randomUUID(), randomUUID()];
  const large = await win(id, first);
  assert.deepEqual([large.win_amount, large.win_pot_id, large.win_withheld], [8.05, 'main', true]);
  assert.equal((await main(id)).current_value, 2);
  await stage.proof(large.gameround_id);
  assert.equal(await stage.balance(first, 'USD'), '0');
  const small = await win(id, second);
  assert.deepEqual([small.win_amount, small.win_withheld], [2.05, false]);
  assert.equal(await stage.balance(second, 'USD'), '2.05');
  const meters: string = await stage.call('admin', 'MetricsService.GetMetrics', {});
  assert.match(meters, new RegExp(`withheld_value{instance_id="${id}",[^}]*} 8.05\\n`));
  const [one, ...others] = await list(id);
  assert.deepEqual(others, []);
  const { timestamp, ...shown } = one;
  assert.equal(timestamp, large.timestamp);
  assert.deepEqual(shown, {
    instance_id: id,
    gameround_id: large.gameround_id,
    pot_id: 'main',
    brand_id: 'demo:main',
    player_id: first,
    currency: 'USD',
    win_amount: 8.05,
    payout_currency: 'USD',
    payout_amount: 8.05,
    cause: 'Amount',
    status: 'Withheld',
    settled_timestamp: null,
  });
});

test('a release pays once, by many calls at a time, in the currency of the contribution and at its rates', async () => {
  const [id, player] = [await stage.instance(held({ withhold_countries: ['XX'] })), randomUUID()];
  const contributor = { id: player, token: 't', country: 'XX', brand_id: 'main' };
  const round = await win(id, player, { player: contributor, base_wager: { currency: 'EUR', value: 1 } });
  const other = await win(id, player, { player: { ...contributor, country: 'MT' } });
  assert.deepEqual([round.win_withheld, other.win_withheld, (await list(id))[0].cause], [true, false, 'Country']);
  await stage.call('admin', 'CurrencyService.SetCurrencies', {
    brand_id: 'demo:main',
    base_currency: 'EUR',
    multipliers: { EUR: 1, USD: 2 },
  });
  const calls = await Promise.all([1, 2, 3, 4].map(() => settle('Release', id, round.gameround_id)));
  for (const { status, body } of calls) {
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body, calls[0]!.body);
  }
  const { status, payout_amount: paid, payout_currency: currency } = calls[0]!.body as any;
  // 8.05 USD at 1.25 a EUR.
  assert.deepEqual([status, paid, currency], ['Released', 6.44, 'EUR']);
  assert.equal(await stage.balance(player, 'EUR'), '6.44');
  const late = await settle('Reject', id, round.gameround_id);
  assert.deepEqual([late.status, (late.body as any).code], [409, 'WITHHELD_WIN_SETTLED']);
  await stage.call('admin', 'CurrencyService.SetCurrencies', {
    brand_id: 'demo:main',
    base_currency: 'EUR',
    multipliers: { EUR: 1, USD: 1.25 },
  });
});

test('a rejection brings the money to the reserve of the pot, once, also of a terminated instance', async () => {
  const [id, player] = [await stage.instance(held({ withhold_above: 0 })), randomUUID()];
  const [one, two] = [await win(id, player), await win(id, player)];
  for (let i = 0; i < 2; i++) await settle('Reject', id, one.gameround_id);
  assert.equal((await main(id)).seed_value, 8.05);
  // The chain went on: what is drawn after it is proved, too.
  const three = await win(id, player);
  await stage.proof(three.gameround_id);
  // It is what the pot starts with after that win.
  assert.deepEqual([three.win_amount, (await main(id)).current_value], [2.05, 8.05]);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Terminated' });
  assert.equal((await settle('Reject', id, two.gameround_id)).status, 200);
  assert.equal((await settle('Release', id, three.gameround_id)).status, 200);
  assert.equal((await main(id)).seed_value, 2.05);
  assert.equal(await stage.balance(player, 'USD'), '2.05');
  assert.deepEqual(
    (await list(id)).map(({ status }) => status),
    ['Released', 'Rejected', 'Rejected'],
  );
  assert.equal((await list(id, { status: 'Rejected', limit: 1, page: 1 }))[0].gameround_id, one.gameround_id);
  const changes = await stage.call('admin', 'InstanceService.ListInstanceChanges', { instance_id: id, limit: 2 });
  assert.deepEqual(
    changes.map(({ action, subject, after, reason }: any) => [action, subject, after, reason]),
    [
      ['released', `main ${three.gameround_id}`, '2.05', 'checked'],
      ['rejected', `main ${two.gameround_id}`, '2.05', 'checked'],
    ],
  );
});

test('triggers, drops and draws among all are withheld by the same rule; linked wins have their own ids', async () => {
  const id = await stage.instance(held({ withhold_above: 1 }));
  const player = randomUUID();
  const source = { brand_id: 'demo:main', player_id: player, source_id: 'machine' };
  await stage.call('admin', 'InstanceService.TriggerPot', {
    instance_id: id,
    pot_id: 'main',
    idempotency_key: id,
    ...source,
  });
  assert.deepEqual([(await list(id)).length, await stage.balance(player, 'USD')], [1, '0']);

  const linked = await stage.instance(held({ withhold_above: 1 }));
  const main = await stage.instance(held({ withhold_above: 100 }), { linked_instance: linked });
  const [, second] = (await stage.contribute(main, player)).body as any[];
  assert.equal(second.win_withheld, true);
  assert.equal((await settle('Release', linked, second.gameround_id)).status, 200);
  assert.equal(await stage.balance(player, 'USD'), '16.1');

  const fed = await stage.instance(held({ withhold_countries: ['MT'] }, { pot_types: [] }));
  await stage.contribute(fed, player);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: fed, status: 'Terminated' });
  const drawn = await stage.call('admin', 'JackpotService.DrawPot', { id: fed, pot_id: 'main' });
  assert.deepEqual([drawn.withheld, drawn.won], [true, '8.05']);
  await stage.proof(drawn.draw_id);
  const [waiting] = await list(fed);
  assert.deepEqual([waiting.gameround_id, waiting.cause], [drawn.draw_id, 'Country']);
  assert.equal((await settle('Release', fed, drawn.draw_id)).status, 200);
  assert.equal(await stage.balance(player, 'USD'), '24.15');
});

test('wins of others are not found', async () => {
  const [id, other] = [await stage.instance(held({ withhold_above: 0 })), await stage.instance()];
  const { gameround_id: round } = await win(id, randomUUID());
  for (const [instance, game] of [
    [other, round],
    [id, randomUUID()],
  ] as const) {
    const { status, body } = await settle('Release', instance, game);
    assert.deepEqual([status, (body as any).code], [404, 'WITHHELD_WIN_NOT_FOUND']);
  }
});

test('the books balance, and all state is what the journal says', () => stage.audit());
