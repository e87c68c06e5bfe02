import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Stage } from './stage.ts';

/** A community payout to the players who contributed last. */
export const active = (percentage: number, count: number, windowMs = 3_600_000): JsonObject => ({
  percentage,
  strategy: { ActivePlayers: { count, window_ms: windowMs } },
});
/** A community payout to the players who contributed most. */
export const lifetime = (percentage: number, count: number): JsonObject => ({
  percentage,
  strategy: { HighestLifetimeContributor: { count } },
});
/** A community payout to the players who contributed most since the last win. */
export const perWin = (percentage: number, count: number): JsonObject => ({
  percentage,
  strategy: { HighestContributionPerWin: { count } },
});

/** A pot of 10 that is won by a trigger, and shared. */
export const sharedPot = (community_payouts: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'main',
  contribution: { Percentage: 0.5 },
  seed_strategy: { initial_seed_value: 10, min_reseed_value: 10 },
  supports_external_trigger: true,
  community_payouts,
  ...more,
});

/** An instance of such a pot, to which the operator contributes 0.1 each time. */
export const shared = (payouts: JsonObject[], rules: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  contribution_rules: { contribution_type: { Fixed: 0.1 }, operator_contribution_percentage: 1, ...rules },
  pots: [sharedPot(payouts, more)],
});

/** Has a pot triggered for a player. */
export const trigger = (stage: Stage, id: string, player: string, pot = 'main'): Promise<any> =>
  stage.call('service', 'InstanceService.TriggerPot', {
    instance_id: id,
    pot_id: pot,
    brand_id: 'demo:main',
    player_id: player,
    source_id: 'test',
    idempotency_key: randomUUID(),
  });

/** Opts a player in or out. */
export const opt = (stage: Stage, id: string, player: string, isIn = true): Promise<any> =>
  stage.call('service', 'InstanceService.SetOptIn', {
    instance_id: id,
    player_id: player,
    brand_id: 'demo:main',
    player_country: 'MT',
    opt_in: isIn,
  });

/** Waits until players have these amounts: shares are paid by a task. */
export async function assertPaid(stage: Stage, amounts: Readonly<Record<string, string>>): Promise<void> {
  for (const [player, amount] of Object.entries(amounts)) {
    for (let tries = 0; tries < 200 && (await stage.balance(player, 'USD')) !== amount; tries++) await sleep(25);
    assert.equal(await stage.balance(player, 'USD'), amount);
  }
}
