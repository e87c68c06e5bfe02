import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
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

const active = (percentage: number, count: number, windowMs = 3_600_000): JsonObject => ({
  percentage,
  strategy: { ActivePlayers: { count, window_ms: windowMs } },
});

/** Contributions of the operator; the pot is won by a trigger. */
const shared = (payouts: JsonObject[], rules: JsonObject = {}, pot: JsonObject = {}): JsonObject => ({
  contribution_rules: { contribution_type: { Fixed: 0.1 }, operator_contribution_percentage: 1, ...rules },
  pots: [
    {
      id: 'main',
      contribution: { Percentage: 0.5 },
      seed_strategy: { initial_seed_value: 10, min_reseed_value: 10 },
      supports_external_trigger: true,
      community_payouts: payouts,
      ...pot,
    },
  ],
});

const trigger = (id: string, player: string, pot = 'main'): Promise<any> =>
  stage.call('service', 'InstanceService.TriggerPot', {
    instance_id: id,
    pot_id: pot,
    brand_id: 'demo:main',
    player_id: player,
    source_id: 'test',
  });

/** Waits until a player has an amount: shares are paid by a task. */
async function paid(player: string, amount: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await stage.balance(player, 'USD')) === amount) return;
    await sleep(50);
  }
  assert.equal(await stage.balance(player, 'USD'), amount);
}

test('the last players who contributed share a part of the pot', async () => {
  const id = await stage.instance(shared([active(0.2, 2)]));
  const [a, b, c, winner] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  for (const player of [a, b, a, c]) await stage.contribute(id, player);
  const won = await trigger(id, winner);
  // 20 % of 10.2, which c and a share.
  assert.equal(won.win_amount, 8.16);
  await Promise.all([paid(winner, '8.16'), paid(c, '1.02'), paid(a, '1.02')]);
  assert.equal(await stage.balance(b, 'USD'), '0');
  await stage.audit();
});
