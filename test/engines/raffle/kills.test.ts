import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { until } from '../../support/service.ts';
import { Stage } from './stage.ts';

const PLAYERS = 300;
let stage: Stage;

/** Fills a raffle with 3,600 entries of 300 players, who pay 1 for each ticket. Returns what each has paid. */
async function fill(id: string): Promise<Map<string, number>> {
  const paid = new Map<string, number>();
  for (let player = 0; player < PLAYERS; player += 50)
    await Promise.all(Array.from({ length: 50 }, (_, i) => stage.fund(`p${player + i}`, 100)));
  for (let batch = 0; batch < 4; batch++) {
    const items = Array.from({ length: 900 }, (_, i) => {
      const user = `p${(i * 13) % PLAYERS}`;
      const tickets = 1 + (i % 3);
      paid.set(user, (paid.get(user) ?? 0) + tickets);
      return { id, user_id: user, tickets, idempotency_key: `fill-${batch}-${i}` };
    });
    const { results } = await stage.done('RaffleService.BatchEnter', { items });
    assert.ok(results.every((one: any) => one.entered !== undefined));
  }
  return paid;
}

describe('servers that are killed', () => {
  beforeEach(async () => {
    stage = await Stage.start();
  });
  afterEach(() => stage.stop());

  test('a draw whose server dies after closing is finished by another one, once', async () => {
    const id = await stage.create({ ticket_cost: '1', entropy: 'beacon' });
    await stage.fund('only', 10);
    await stage.enter(id, 'only', 4);
    stage.due = false;
    const lost = stage.call('RaffleService.DrawRaffle', { id, idempotency_key: 'lost' }, 'service', 0);
    await until(async () => (await stage.get(id)).state === 'closed');
    await stage.servers[0]!.end('SIGKILL');
    await lost;
    stage.due = true;
    await until(async () => (await stage.get(id)).state === 'completed');
    const answer = await stage.done('RaffleService.DrawRaffle', { id, idempotency_key: 'lost' });
    assert.deepEqual([answer.deduped, answer.winner_username], [true, 'only']);
    const { of, escrow } = await stage.balances();
    assert.deepEqual([of.get('only'), escrow], [5006, 0]);
    assert.deepEqual(await stage.differences(), []);
  });

  test('a cancellation whose server dies refunds thousands of entries to the micro-unit, once', async (t) => {
    const id = await stage.create({ ticket_cost: '1' });
    const paid = await fill(id);
    const { of: before, escrow: held } = await stage.balances();
    assert.equal(
      held,
      [...paid.values()].reduce((sum, one) => sum + one, 0),
    );
    for (const [user, amount] of paid) assert.equal(before.get(user), 100 - amount);
    const lost = stage.call('RaffleService.CancelRaffle', { id, idempotency_key: 'lost' }, 'admin', 0);
    await until(async () => (await stage.get(id)).state === 'cancelled');
    await sleep(20);
    await stage.servers[0]!.end('SIGKILL');
    await lost;
    let answer: any;
    await until(async () => {
      answer = await stage.done('RaffleService.CancelRaffle', { id }, 'admin');
      return answer.finished as boolean;
    });
    assert.deepEqual([answer.deduped, answer.entries, answer.refunded, answer.withheld], [true, 3600, 3600, 0]);
    const { of, escrow } = await stage.balances();
    assert.equal(escrow, 0);
    for (const user of paid.keys()) assert.equal(of.get(user), 100, user);
    assert.deepEqual(await stage.differences(), []);
    await t.annotate(`${held} WINZ in 3600 entries`);
  });

  test('draw, cancellation and sales at once: one end, and no ticket after it', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await stage.create({ ticket_cost: '1' });
      const users = Array.from({ length: 10 }, (_, i) => `r${round}-${i}`);
      await Promise.all(users.map((user) => stage.fund(user, 100)));
      await stage.enter(id, users[0]!, 1);
      const outcomes = await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const user = users[i % 10]!;
          const [rpc, request, as] =
            i === 25
              ? (['RaffleService.DrawRaffle', { id }, 'service'] as const)
              : i === 26
                ? (['RaffleService.CancelRaffle', { id }, 'admin'] as const)
                : (['RaffleService.EnterRaffle', { id, user_id: user, tickets: 1 }, 'service'] as const);
          const { reason } = await stage.call(rpc, request, as, i % 2);
          return { rpc, user, reason };
        }),
      );
      const ended = outcomes.filter(({ rpc }) => !rpc.endsWith('EnterRaffle'));
      assert.equal(ended.filter(({ reason }) => reason === null).length, 1, JSON.stringify(ended));
      assert.ok(ended.every(({ reason }) => reason === null || reason === 'RAFFLE_ENDED'));
      const sold = outcomes.filter(({ rpc, reason }) => rpc.endsWith('EnterRaffle') && reason === null);
      for (const { rpc, reason } of outcomes)
        if (rpc.endsWith('EnterRaffle')) assert.ok(reason === null || reason === 'RAFFLE_CLOSED', String(reason));
      const { state, tickets, entries } = await stage.get(id);
      assert.deepEqual([tickets, entries], [sold.length + 1, sold.length + 1]);
      const { of, escrow } = await stage.balances();
      const total = users.reduce((sum, user) => sum + of.get(user)!, 0);
      assert.equal(escrow, 0);
      assert.equal(total, state === 'cancelled' ? 1000 : 1000 - tickets + 5000);
    }
    assert.deepEqual(await stage.differences(), []);
  });
});
