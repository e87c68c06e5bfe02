import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { engines } from '../../src/engines/index.ts';
import { verifyOperator } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import { runSql } from '../support/sql.ts';
import { startPair, type Pair } from './pair.ts';

let pair: Pair;
const CALLERS = 50;

/** Runs one call 50 times at once, half of them on each of two servers. Returns how often each reason came. */
async function race(rpc: string, request: (nth: number) => JsonObject): Promise<Record<string, number>> {
  const outcomes = await Promise.all(
    Array.from({ length: CALLERS }, (_, nth) => pair.call(rpc, request(nth), nth % 2)),
  );
  const counts: Record<string, number> = {};
  for (const { reason } of outcomes) counts[reason ?? 'OK'] = (counts[reason ?? 'OK'] ?? 0) + 1;
  return counts;
}

/** A player with 1000 USD. */
async function funded(): Promise<string> {
  const userId = `p-${randomUUID()}`;
  await pair.ask('LedgerService.CreateTransfer', {
    source: { kind: 'operator' },
    destination: { kind: 'player', user_id: userId },
    asset: 'USD',
    amount: '1000',
    idempotency_key: userId,
  });
  return userId;
}

const balance = async (userId: string): Promise<string> => {
  const { balances } = await pair.ask('LedgerService.ListBalances', { user_id: userId });
  return balances.find(({ asset }: { asset: string }) => asset === 'USD').amount;
};
const contribute = (userId: string) => (nth: number) => ({
  id: 'paid-by-players',
  user_id: userId,
  amount: 3,
  source_wager_id: `${userId}/${nth}`,
});

describe('two servers', () => {
  beforeAll(async () => {
    pair = await startPair();
    await pair.ask(
      'JackpotService.CreateJackpot',
      { id: 'paid-by-players', asset: 'USD', operator_share: '0' },
      'admin',
    );
  });
  afterAll(() => pair.stop());

  test('never let racing calls spend more than a limit allows', async () => {
    const userId = await funded();
    const limits = [{ kind: 'spend', asset: 'USD', period: 'month', amount: '20' }];
    await pair.ask('PlayerService.SetLimits', { user_id: userId, limits });
    assert.deepEqual(await race('JackpotService.ContributeToJackpot', contribute(userId)), {
      OK: 6,
      LIMIT_REACHED: CALLERS - 6,
    });
    assert.equal(await balance(userId), '982');
    const shown = await pair.ask('PlayerService.GetLimits', { user_id: userId });
    assert.equal(shown.limits[0].used, '18');
  });

  test('do not count a repeated call, nor one that fails', async () => {
    const userId = await funded();
    const limits = [{ kind: 'spend', asset: 'USD', period: 'month', amount: '3' }];
    await pair.ask('PlayerService.SetLimits', { user_id: userId, limits });
    const once = contribute(userId)(0);
    assert.deepEqual(await race('JackpotService.ContributeToJackpot', () => once), { OK: CALLERS });
    assert.equal(await balance(userId), '997');
    const other = await funded();
    await pair.ask('PlayerService.SetLimits', {
      user_id: other,
      limits: [{ kind: 'spend', asset: 'USD', period: 'month', amount: '1500' }],
    });
    const tooMuch = { ...contribute(other)(1), amount: 1200 };
    assert.equal((await pair.call('JackpotService.ContributeToJackpot', tooMuch, 0)).reason, 'INSUFFICIENT_BALANCE');
    const shown = await pair.ask('PlayerService.GetLimits', { user_id: other });
    assert.equal(shown.limits[0].used, '0');
  });

  test('refuse an excluded player everything, also while the exclusion races with plays', async () => {
    const userId = await funded();
    const plays = race('JackpotService.ContributeToJackpot', contribute(userId));
    await pair.ask('PlayerService.ExcludePlayer', { user_id: userId });
    const { OK = 0, PLAYER_EXCLUDED = 0 } = await plays;
    assert.equal(OK + PLAYER_EXCLUDED, CALLERS);
    assert.equal(await balance(userId), String(1000 - 3 * OK));
    const after = await race('JackpotService.ContributeToJackpot', (nth) => contribute(userId)(nth + CALLERS));
    assert.deepEqual(after, { PLAYER_EXCLUDED: CALLERS });
  });

  test('pay what was earned before: an excluded player who contributed last gets the pot', async () => {
    const userId = await funded();
    await pair.ask('JackpotService.ContributeToJackpot', contribute(userId)(0));
    await pair.ask('PlayerService.ExcludePlayer', { user_id: userId });
    const { winner_user_id: winner } = await pair.ask('JackpotService.DropJackpot', { id: 'paid-by-players' });
    assert.equal(winner, userId);
  });

  test('let a player play again once the exclusion is over', async () => {
    const userId = await funded();
    await pair.ask('PlayerService.ExcludePlayer', {
      user_id: userId,
      end_time: new Date(Date.now() + 1500).toISOString(),
    });
    const call = () => pair.call('JackpotService.ContributeToJackpot', contribute(userId)(0), 0);
    assert.equal((await call()).reason, 'PLAYER_EXCLUDED');
    const deadline = Date.now() + 10_000;
    while ((await call()).reason !== null) assert.ok(Date.now() < deadline, 'the exclusion does not end');
    const shown = await pair.ask('PlayerService.GetLimits', { user_id: userId });
    assert.equal(shown.excluded, false);
  });

  test('record what the rows say', async () => {
    const client = new pg.Client({ connectionString: pair.databaseUrl });
    await client.connect();
    try {
      assert.deepEqual((await verifyOperator(client, registerOf(engines), 1)).differences, []);
    } finally {
      await client.end();
    }
    const [{ count }] = await runSql(pair.databaseUrl, 'select count(*)::int from journal where kind = 104');
    assert.equal(count, 7);
  });
});
