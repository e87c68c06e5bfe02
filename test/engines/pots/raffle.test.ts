import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import { verifyRecord } from '../../../src/fairness/verifier/records/verify.ts';
import { startService, type Service } from '../../support/service.ts';
import { Stream } from '../../webhooks/stream.ts';
import { WAIT_MS } from '../definition.ts';
import { differences } from '../jackpot/fixture.ts';
import { Stage } from './stage.ts';

let service: Service;
let stage: Stage;
let stream: Stream;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  stream = new Stream(service.envoy.base, '?types=pots.raffle_win', await service.credentials('service', ''));
  await until(async () => stream.messages.length > 0, WAIT_MS);
});
afterAll(async () => {
  stream.close();
  await service.stop();
});

/** A raffle: the operator pays contributions of 0.5, and a ticket costs 0.2. */
const raffle = (rules: JsonObject = {}, changes: JsonObject = {}): JsonObject => ({
  jackpot_type: 'Raffle',
  contribution_rules: { contribution_type: { Fixed: 0.5 }, operator_contribution_percentage: 1 },
  house_hold_contribution: { Percentage: 0.4 },
  pots: [
    { id: 'main', contribution: { Percentage: 0.5 }, seed_strategy: { initial_seed_value: 100, min_reseed_value: 10 } },
    { id: 'extra', contribution: { Percentage: 0.1 }, seed_strategy: { initial_seed_value: 1 } },
  ],
  raffle_rules: {
    ticket_cost: 0.2,
    winners: [
      { count: 1, percentage: 0.5 },
      { count: 2, percentage: 0.25 },
    ],
    ...rules,
  },
  ...changes,
});

const awarded = ({ body }: { body: any }): number => body[0].tickets_awarded;
const ticketsOf = (instance: string, more: JsonObject = {}): Promise<any[]> =>
  stage.call('service', 'RaffleTicketService.ListInstanceTickets', { instance_id: instance, limit: 500, ...more });
const terminate = (instance: string): Promise<any> =>
  stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: instance, status: 'Terminated' });

/** Waits until a round is drawn, or was closed without tickets. */
async function drawn(instance: string, round: number): Promise<any> {
  let found: any;
  const done = async (): Promise<boolean> => {
    found = (await stage.get(instance)).raffle_round;
    return found.round > round || (found.round === round && found.state === 'completed');
  };
  assert.ok(await until(done, WAIT_MS), `round ${round} is ${JSON.stringify(found)}`);
  return found;
}

describe('tickets', () => {
  test('each whole cost of what a player has contributed is one ticket, also of parallel twins', async () => {
    const instance = await stage.instance(raffle());
    const players = Array.from({ length: 4 }, () => randomUUID());
    const earned = new Map<string, number>();
    const calls = players.flatMap((player) => Array.from({ length: 15 }, () => [player, randomUUID()] as const));
    await Promise.all(
      calls.map(async ([player, key]) => {
        const twins = await Promise.all([0, 1].map(() => stage.contribute(instance, player, { idempotency_key: key })));
        assert.deepEqual(twins[0]!.body, twins[1]!.body);
        earned.set(player, (earned.get(player) ?? 0) + awarded(twins[0]!));
      }),
    );
    const tickets = await ticketsOf(instance);
    assert.deepEqual(
      tickets.map((one) => [one.ticket_count, one.accumulated_cost]),
      players.map(() => [37, '0.1']),
    );
    for (const { player_id: player, ticket_count: count } of tickets) assert.equal(earned.get(player), count);
    assert.equal((await stage.get(instance)).raffle_round.tickets, 4 * 37);
  });
});

describe('rounds', () => {
  test('a terminated raffle pays the shares of its pots once, and proves its winners', async () => {
    const instance = await stage.instance(raffle());
    const committed = (await stage.get(instance)).raffle_round;
    const players = [randomUUID(), randomUUID(), randomUUID()];
    for (const player of players) await stage.contribute(instance, player);
    await terminate(instance);
    const { draw_id, ...round } = await drawn(instance, 1);
    assert.deepEqual([round.tickets, round.server_seed_hash], [6, committed.server_seed_hash]);
    // 100.75 and 1.15 are halved, and each of two others gets an eighth.
    const left = [100.75, 1.15].map((value) => value - value / 2 - 2 * (Math.floor(value * 125_000) / 1e6));
    const { pots } = await stage.get(instance);
    pots.forEach((pot: any, i: number) => assert.ok(Math.abs(pot.current_value - left[i]!) < 1e-9));
    const balances = await Promise.all(players.map((player) => stage.balance(player, 'USD')));
    const paid = balances.reduce((sum, amount) => sum + Number(amount), 0);
    assert.ok(Math.abs(paid + left[0]! + left[1]! - 101.9) < 1e-6, `${paid}`);
    const {
      record_proofs: [proof],
    } = await stage.call('service', 'FairnessService.GetProof', { draw_id });
    assert.deepEqual(await stage.call('service', 'FairnessService.VerifyProof', { record_proof: proof }), {
      valid: true,
      failures: [],
    });
    assert.deepEqual(verifyRecord(proof), []);
    const { outcome, seed_hash: hash, definition } = JSON.parse(proof.record);
    assert.deepEqual([outcome.winners.length, hash, definition.id], [3, committed.server_seed_hash, instance]);
    const told = (): any => stream.events.find((event: any) => event.data.instance_id === instance);
    assert.ok(await until(async () => told() !== undefined, WAIT_MS), 'it is not told');
    const { event_type: type, data } = told();
    assert.deepEqual([type, data.brand_id, data.currency_multipliers], ['RaffleWinEvent', 'demo', null]);
    assert.deepEqual(
      data.winners.map(({ brand_id: brand, currency, win_amount: amount }: any) => [brand, currency, String(amount)]),
      outcome.winners.map(({ prize }: any) => ['demo:main', 'USD', prize.amount]),
    );
    assert.ok(data.winners.every(({ player_id: player }: any) => players.includes(player)));
  });

  test('while a round is open nothing takes the pots; one that ended without tickets gives them away', async () => {
    const [instance, target] = [await stage.instance(raffle()), await stage.instance(raffle())];
    const transfer: JsonObject = {
      source_instance_id: instance,
      target_instance_id: target,
      user_id: 'admin',
      transfer_optins: false,
      pot_rules: ['main', 'extra'].map((pot) => ({ source_pot: pot, target_pot: { [pot]: 1 } })),
      reason: 'the raffle is over',
    };
    await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: instance, status: 'Paused' });
    const { body } = await stage.outcome('admin', 'InstanceService.TransferPots', transfer);
    assert.deepEqual([(body as any).status_code, (body as any).code], [409, 'INSTANCE_NOT_ADJUSTABLE']);
    await terminate(instance);
    assert.equal((await drawn(instance, 1)).draw_id, null);
    await stage.call('admin', 'InstanceService.TransferPots', transfer);
    assert.deepEqual(
      (await stage.get(target)).pots.map((pot: any) => pot.current_value),
      [200, 2],
    );
  });

  test('a raffle whose duration is over is drawn, terminated, and takes no contributions', async () => {
    const instance = await stage.instance(raffle({ duration: { Seconds: 1 } }));
    await stage.contribute(instance, 'short');
    await drawn(instance, 1);
    const ended = async (): Promise<boolean> => (await stage.get(instance)).status === 'Terminated';
    assert.ok(await until(ended, WAIT_MS), 'it is not terminated');
    const { body } = await stage.outcome('service', 'RaffleTicketService.ListPlayerTickets', {
      brand_id: 'demo:main',
      player_id: 'short',
    });
    assert.deepEqual(body, []);
    const [ticket] = await ticketsOf(instance);
    assert.deepEqual([ticket.player_id, ticket.ticket_count], ['short', 2]);
    const refused = await stage.contribute(instance, 'short');
    assert.match(JSON.stringify(refused.body), /JackpotNotActive/);
  });

  test('a linked raffle earns tickets beside its jackpot, and they count towards the limits of a player', async () => {
    const linked = await stage.instance(raffle());
    const [instance, player] = [await stage.instance({}, { linked_instance: linked }), randomUUID()];
    const first = (await stage.contribute(instance, player)).body as any[];
    assert.deepEqual(
      first.map((one) => one.tickets_awarded),
      [null, 2],
    );
    await stage.call('admin', 'PlayerService.SetLimits', {
      user_id: player,
      limits: [{ kind: 'tickets', period: 'day', amount: '2' }],
    });
    const second = (await stage.contribute(instance, player)).body as any[];
    assert.deepEqual([second[0].tickets_awarded, second[1].message], [null, 'LimitReached']);
  });

  test('the journal folds to the same rows', async () => {
    assert.deepEqual(await differences(service.databaseUrl), []);
  });
});
