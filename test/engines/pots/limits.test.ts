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
});
afterAll(() => service.stop());

const SURE = [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }];
const pot = (id: string, changes: JsonObject = {}): JsonObject => ({
  id,
  contribution: { Percentage: 0.25 },
  seed_strategy: {},
  ...changes,
});
const two = (large: JsonObject): JsonObject => ({
  pots: [pot('large', { criteria: { min_base_wager: 5 }, ...large }), pot('any', { pot_types: SURE })],
});
const wager = (value: number, currency = 'USD'): JsonObject => ({ base_wager: { value, currency } });

test('a wager that is too small for a pot feeds its reserve, and wins another one', async () => {
  const multipliers = { EUR: 1, USD: 1.25 };
  await stage.call('admin', 'CurrencyService.SetCurrencies', {
    brand_id: 'demo:main',
    base_currency: 'EUR',
    multipliers,
  });
  const id = await stage.instance(two({ pot_types: SURE }));
  const outcomes = [];
  for (const [value, currency] of [
    [4.999999, 'USD'],
    [3.999999, 'EUR'],
    [4, 'EUR'],
    [5, 'USD'],
  ] as const) {
    const { body } = await stage.contribute(id, randomUUID(), wager(value, currency));
    const [{ win_pot_id: won, gameround_id: drawId }] = body as any[];
    const [{ outcome }] = await stage.proof(drawId);
    outcomes.push([won, outcome.base_wager, outcome.pots[0].cycle_contributed]);
  }
  // 3.999999 EUR are 4.99999875 USD, rounded down.
  assert.deepEqual(outcomes, [
    ['any', '4.999999', '0'],
    ['any', '4.999998', '0'],
    ['large', '5', '0.025'],
    ['large', '5', '0.025'],
  ]);
  const [large] = (await stage.get(id)).pots;
  assert.deepEqual([large.seed_value, large.criteria], [0, { min_contribution: 0, min_base_wager: 5 }]);
});

test('a wager that is too small has no weight in a draw among all who fed the pot', async () => {
  const id = await stage.instance(two({ supports_external_trigger: true, seed_strategy: { initial_seed_value: 3 } }));
  const [small, large] = [randomUUID(), randomUUID()];
  for (let i = 0; i < 8; i++) await stage.contribute(id, small, wager(1));
  const draw = async (): Promise<any> =>
    (await stage.outcome('admin', 'JackpotService.DrawPot', { id, pot_id: 'large', idempotency_key: randomUUID() }))
      .body;
  const drop = await stage.outcome('admin', 'JackpotService.DropJackpot', { id, pot_id: 'large' });
  assert.equal((drop.body as any).error.code, 'NOTHING_TO_DROP');
  await stage.contribute(id, large, wager(9));
  for (let i = 0; i < 8; i++) await stage.contribute(id, small, wager(1));
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Terminated' });
  const drawn = await draw();
  // All 17 shares of 0.025 are won, but only one of them had a part in the draw.
  assert.deepEqual([drawn.winner_user_id, drawn.contributed, drawn.won], [large, '0.025', '3.425']);
  await stage.proof(drawn.draw_id);
});

const LAST: JsonObject = {
  win_selector_strategy: null,
  pots: [
    pot('last', {
      max_instantiation_count: 2,
      seed_contribution: { Percentage: 0.4 },
      seed_strategy: { initial_seed_value: 3, min_reseed_value: 2, fund_strategy: 'CollectAlways' },
      pot_types: SURE,
      supports_external_trigger: true,
    }),
    pot('other', { supports_external_trigger: true }),
  ],
};

test('after its last win a pot has nothing, gets nothing, and cannot be won, adjusted or endowed', async () => {
  const [id, player] = [await stage.instance(LAST), randomUUID()];
  const seen = [];
  for (let i = 0; i < 3; i++) {
    const { body } = await stage.contribute(id, player);
    const [{ win_amount: won, gameround_id: drawId }] = body as any[];
    if (won > 0) await stage.proof(drawId);
    const { pots, house_pot: house } = await stage.get(id);
    const { current_value: value, seed_value: seed, instantiation_count: count } = pots[0];
    seen.push([won, value, seed, count, house.current_value]);
  }
  assert.deepEqual(seen, [
    // 0.015 of its 0.025; 0.01 is kept, and is a part of the next start.
    [3.015, 2, 0, 2, 0.05],
    // Its whole share: there is no next start to keep anything for.
    [2.025, 0, 0, 2, 0.1],
    [0, 0, 0, 2, 0.175],
  ]);
  const named = { instance_id: id, pot_id: 'last', reason: 'test' };
  const adjusted = await stage.outcome('admin', 'InstanceService.AdjustPot', { ...named, adjustment: 1 });
  assert.deepEqual([adjusted.status, (adjusted.body as any).code], [400, 'INVALID_ARGUMENT']);
  const trigger = { ...named, brand_id: 'demo:main', player_id: player, source_id: 'machine' };
  const triggered = await stage.outcome('admin', 'InstanceService.TriggerPot', trigger);
  assert.equal((triggered.body as any).code, 'NOTHING_TO_DROP');

  const giver = await stage.instance(LAST);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: giver, status: 'Terminated' });
  await stage.call('admin', 'InstanceService.TransferPots', {
    source_instance_id: giver,
    target_instance_id: id,
    user_id: 'me',
    transfer_optins: false,
    reason: 'test',
    pot_rules: ['last', 'other'].map((code) => ({ source_pot: code, target_pot: { [code]: 1 } })),
  });
  await stage.contribute(id, player);
  const [last] = (await stage.get(id)).pots;
  assert.deepEqual([last.current_value, last.seed_value], [0, 3]);
});

test('starts that no win was before are not counted', async () => {
  const pots = [
    pot('last', {
      max_instantiation_count: 1,
      seed_strategy: { initial_seed_value: 3 },
      pot_types: [{ MustDropByTime: { period: { Seconds: 1 } } }],
      supports_external_trigger: true,
    }),
  ];
  const id = await stage.instance({ pots, house_hold_contribution: { Percentage: 0.75 } });
  const cycle = async (): Promise<number> =>
    (await stage.call('admin', 'JackpotService.GetJackpot', { id })).pots[0].cycle;
  while ((await cycle()) < 2) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(
    [(await stage.get(id)).pots[0].instantiation_count, (await stage.get(id)).pots[0].current_value],
    [1, 3],
  );
  const player = randomUUID();
  await stage.contribute(id, player);
  while ((await stage.get(id)).pots[0].last_win_timestamp === null)
    await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await stage.balance(player, 'USD'), '3.025');
  const shown = await stage.call('admin', 'JackpotService.GetJackpot', { id });
  assert.deepEqual([shown.pots[0].value, shown.pots[0].due_time], ['0', undefined]);
});

test('the books balance, and all state is what the journal says', () => stage.audit());
