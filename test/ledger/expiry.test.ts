import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createOrm, until } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { accountId, expiredBalance, verifyOperator } from '../../src/journal/index.ts';
import { uuidv7 } from '../../src/kernel/index.ts';
import { entitiesOf, registerOf } from '../../src/schema.ts';
import { startPair, type Pair } from '../players/pair.ts';
import { runSql } from '../support/sql.ts';

const SECONDS = 3;
const DAY = 86_400_000;
/** The asset TEMP of the demo's operator expires after three seconds. */
const TEMP = 9;

let pair: Pair;
beforeAll(async () => {
  pair = await startPair();
  const values = `(1, ${TEMP}, 'TEMP', 'ticket', ${SECONDS})`;
  await runSql(
    pair.databaseUrl,
    `insert into asset (operator_id, asset_no, code, kind, expires_after_seconds) values ${values}`,
  );
  // The servers' caches of assets are a second old at the most.
  await sleep(1100);
});
afterAll(() => pair.stop());

let players = 0;
const credit = (userId: string, amount: string, asset = 'TEMP') =>
  pair.ask('LedgerService.CreateTransfer', {
    source: { kind: 'operator' },
    destination: { kind: 'player', user_id: userId },
    asset,
    amount,
  });
const spend = (userId: string, amount: string) =>
  pair.ask('LedgerService.CreateTransfer', {
    source: { kind: 'player', user_id: userId },
    destination: { kind: 'operator' },
    asset: 'TEMP',
    amount,
  });
async function balance(userId: string): Promise<string | undefined> {
  const { balances } = await pair.ask('LedgerService.ListBalances', { user_id: userId });
  return balances.find(({ asset }: { asset: string }) => asset === 'TEMP')?.amount;
}
const expires = async (userId: string, to: string): Promise<void> => {
  assert.ok(await until(async () => (await balance(userId)) === to, 20_000, 100), `no balance of ${to}`);
};
const linesOf = async (userId: string): Promise<string[]> => {
  const { transfers } = await pair.ask('LedgerService.ListTransfers', { user_id: userId, asset: 'TEMP' });
  return transfers.map(
    ({ kind, amount, balance_after: after }: Record<string, string>) => `${kind} ${amount} ${after}`,
  );
};

describe('an asset that expires', () => {
  test('goes first in, first out, each credit after its time', async () => {
    const userId = `e-${players++}`;
    await credit(userId, '5');
    await sleep(1500);
    await credit(userId, '3');
    await spend(userId, '1.5');
    assert.equal(await balance(userId), '6.5');
    // 1.5 of the first five are spent; the rest expires, then the three.
    await expires(userId, '3');
    await expires(userId, '0');
    assert.deepEqual(await linesOf(userId), [
      'ledger.expired -3 0',
      'ledger.expired -3.5 3',
      'ledger.transferred -1.5 6.5',
      'ledger.transferred 3 8',
      'ledger.transferred 5 5',
    ]);
    // An account that was emptied begins anew.
    await credit(userId, '2');
    await sleep(1000);
    assert.equal(await balance(userId), '2');
    await expires(userId, '0');
  });

  test('that was spent in time leaves nothing to expire', async () => {
    const userId = `e-${players++}`;
    await credit(userId, '5');
    await spend(userId, '5');
    await sleep(1500);
    await credit(userId, '4');
    await sleep(2000);
    // The order of the first credit was replaced by that of the second.
    assert.equal(await balance(userId), '4');
    await expires(userId, '0');
    assert.equal((await linesOf(userId)).filter((line) => line.startsWith('ledger.expired')).length, 1);
  });

  test('takes nothing of other assets', async () => {
    const userId = `e-${players++}`;
    await credit(userId, '5', 'WINZ');
    const jobs = await runSql(
      pair.databaseUrl,
      "select key from graphile_worker.jobs where key like 'ledger.expire/%'",
    );
    const [row] = await runSql(pair.databaseUrl, 'select id from player where code = $1', [`1001/${userId}`]);
    assert.ok(!jobs.some(({ key }) => key.endsWith(`/${accountId('player', Number(row.id), 0)}`)));
  });

  test('expires for fifty players while they are credited and spend, on two servers', async () => {
    const users = Array.from({ length: 50 }, () => `e-${players++}`);
    await Promise.all(users.map((userId) => credit(userId, '10')));
    const end = Date.now() + 4000;
    while (Date.now() < end) {
      await Promise.all(
        users.map((userId, nth) =>
          pair.call(
            'LedgerService.CreateTransfer',
            nth % 3 === 0
              ? {
                  source: { kind: 'operator' },
                  destination: { kind: 'player', user_id: userId },
                  asset: 'TEMP',
                  amount: '1',
                }
              : {
                  source: { kind: 'player', user_id: userId },
                  destination: { kind: 'operator' },
                  asset: 'TEMP',
                  amount: '0.5',
                },
            nth % 2,
          ),
        ),
      );
      await sleep(200);
    }
    for (const userId of users) await expires(userId, '0');
    const waiting = await runSql(
      pair.databaseUrl,
      "select key from graphile_worker.jobs where key like 'ledger.expire/%' and attempts > 0",
    );
    assert.deepEqual(waiting, []);
  });

  test('leaves books that balance, and a journal that gives every row', async () => {
    const { balanced } = await pair.ask('LedgerService.GetTrialBalance', {}, 'admin');
    assert.equal(balanced, true);
    const client = new pg.Client({ connectionString: pair.databaseUrl });
    await client.connect();
    const { differences } = await verifyOperator(client, registerOf(engines), 1);
    await client.end();
    assert.deepEqual(differences, []);
  });
});

test('what has expired is what a queue of credits would have lost', async () => {
  const orm = createOrm({ databaseUrl: pair.databaseUrl, databasePool: 1 }, entitiesOf(engines));
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 * 24 }), fc.integer({ min: -20, max: 20 })), {
    minLength: 1,
    maxLength: 20,
  });
  const now = Date.now();
  let id = accountId('player', 2 ** 30, TEMP);
  try {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (drawn, days) => {
        id += 2 ** 14;
        const queue: { ms: number; left: number }[] = [];
        const lines: [ms: number, amount: number, balance: number][] = [];
        let total = 0;
        // A minute off, so that no credit expires just now.
        for (const [hoursAgo, amount] of drawn.toSorted(([a], [b]) => b - a)) {
          const ms = now - hoursAgo * 3_600_000 + 60_000;
          if (amount > 0) queue.push({ ms, left: amount });
          let spent = amount > 0 ? 0 : Math.min(-amount, total);
          if (amount <= 0 && spent === 0) continue;
          total += amount > 0 ? amount : -spent;
          lines.push([ms, amount > 0 ? amount : -spent, total]);
          for (const one of queue) {
            const taken = Math.min(one.left, spent);
            one.left -= taken;
            spent -= taken;
          }
        }
        await runSql(pair.databaseUrl, 'insert into account (operator_id, id, balance, lines) values (2, $1, $2, $3)', [
          id,
          total,
          lines.length,
        ]);
        for (const [i, [ms, amount, after]] of lines.entries()) {
          await runSql(pair.databaseUrl, 'insert into statement_line values (2, $1, $2, $3, $4, $5)', [
            id,
            i + 1,
            uuidv7(ms, i),
            amount,
            after,
          ]);
        }
        const found = await expiredBalance(orm.em.fork(), 2, id, days * 86_400);
        const left = queue.filter((one) => one.left > 0);
        const expired = left.filter(({ ms }) => ms < now - days * DAY).reduce((sum, one) => sum + one.left, 0);
        assert.equal(Number(found?.amount ?? 0n), expired);
        const next = left.find(({ ms }) => ms >= now - days * DAY);
        // Not before a hundredth of a life has passed: with a credit a second, each of them would be a run of its own.
        const soonest = (found?.readAt ?? 0) + days * DAY * 10;
        assert.equal(found?.nextAt ?? 0, next === undefined ? 0 : Math.max((next.ms + days * DAY) * 1000, soonest));
      }),
      { numRuns: 60 },
    );
  } finally {
    await orm.close();
  }
});
