import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import pg from 'pg';
import { test } from 'vitest';
import { accountId, verifyOperator } from '../../src/journal/index.ts';
import { seeded } from '../support/requests.ts';
import { runSql } from '../support/sql.ts';
import { freshDatabase } from '../support/database.ts';
import { register } from './fixture.ts';
import type { Order, Answer } from './model-process.ts';

// The same run again: SEED=… npx vitest run test/journal/model.test.ts
const SEED = Number(process.env['SEED'] ?? 20261121);
const PLAYERS = 4;
const ORDERS = 3000;
const FUNDS = accountId('operator', 0, 0);
const WORKER = new URL('./model-process.ts', import.meta.url).pathname;

interface Written {
  readonly operation_id: string;
  readonly transfers: string[];
}

/** Random transfers over few accounts; every tenth repeats an earlier key, sometimes with another amount. */
function orders(random: () => number): Order[] {
  const made: Order[] = [];
  for (let n = 0; n < ORDERS; n++) {
    const earlier = made[Math.floor(random() * made.length)];
    if (earlier !== undefined && random() < 0.1) {
      made.push({ ...earlier, amount: random() < 0.3 ? earlier.amount + 1 : earlier.amount });
      continue;
    }
    const account = (): number => (random() < 0.3 ? FUNDS : accountId('player', 1 + Math.floor(random() * PLAYERS), 0));
    const [from, to] = [account(), account()];
    if (from === to) continue;
    made.push({
      from,
      to,
      amount: 1 + Math.floor(random() * 20),
      key: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      route: Math.floor(random() * 4),
    });
  }
  return made;
}

function run(child: ChildProcess, all: readonly Order[]): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    child.once('message', (told) => resolve(told as Answer[]));
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
    child.send(all);
  });
}

/**
 * The journal's transfers one after another, by their time: the sequential model. No account may fall below zero on the
 * way.
 */
function replay(journal: readonly Written[]): Map<number, bigint> {
  const balances = new Map<number, bigint>();
  for (const { operation_id: id, transfers } of journal) {
    const [from, to] = [Number(transfers[0]), Number(transfers[1])];
    const amount = BigInt(transfers[2]!);
    const left = (balances.get(from) ?? 0n) - amount;
    assert.ok(from === FUNDS || left >= 0n, `${id} takes ${from} below zero`);
    balances.set(from, left);
    balances.set(to, (balances.get(to) ?? 0n) + amount);
  }
  return balances;
}

test(`two processes on few rows do what one would have done, one after another (SEED=${SEED})`, async (t) => {
  const url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo')");
  const random = seeded(SEED);
  const all = orders(random);
  const children = [fork(WORKER, [url]), fork(WORKER, [url])];
  const halves = children.map((_, i) => all.filter(() => i === 0 || random() < 0.5));
  const told = (await Promise.all(children.map((child, i) => run(child, halves[i]!)))).flatMap((answers, i) =>
    answers.map((answer, n) => ({ ...answer, order: halves[i]![n]! })),
  );
  for (const child of children) child.kill();

  const journal = (await runSql(
    url,
    'select operation_id, transfers from journal order by time, tx, operation_id',
  )) as Written[];
  const byId = new Map(journal.map((row) => [row.operation_id, row]));
  const done = told.filter(({ operationId }) => operationId !== undefined);
  for (const { operationId, order } of done) {
    const { from, to, amount } = order;
    assert.deepEqual(
      byId.get(operationId!)?.transfers.map(Number),
      [from, to, amount],
      `${operationId} is not what was asked for`,
    );
  }
  assert.equal(
    new Set(done.map(({ operationId }) => operationId)).size,
    journal.length,
    'an operation that nobody was told of',
  );
  assert.equal(
    done.filter(({ replayed }) => replayed === false).length,
    journal.length,
    'an operation that two callers made',
  );
  const reasons = new Set(told.flatMap(({ reason }) => reason ?? []));
  assert.deepEqual([...reasons].sort(), ['IDEMPOTENCY_KEY_REUSED', 'INSUFFICIENT_BALANCE']);

  const balances = replay(journal);
  for (let n = 1; n <= PLAYERS; n++) {
    const [row] = await runSql(url, 'select balance from account where id = $1', [accountId('player', n, 0)]);
    assert.equal(BigInt(row.balance), balances.get(accountId('player', n, 0)));
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  assert.deepEqual((await verifyOperator(client, register, 1)).differences, []);
  await client.end();
  const replays = told.filter(({ replayed }) => replayed).length;
  await t.annotate(`${told.length} calls from two processes: ${journal.length} operations, ${replays} replayed`);
});
