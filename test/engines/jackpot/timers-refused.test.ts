import assert from 'node:assert/strict';
import { test, type TestContext } from 'vitest';
import { until } from '../../../src/db/index.ts';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { accountId } from '../../../src/journal/index.ts';
import { MICROS_MAX } from '../../../src/kernel/index.ts';
import { createTransfer } from '../../../src/ledger/index.ts';
import { openJournal, options } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, differences, give, makeJackpot, pot } from './fixture.ts';
import { startTasks } from './platform.ts';

const [OPERATOR, RICH] = [accountId('operator', 0, ASSET), accountId('player', 1, ASSET)];

/** Tasks, and two pots that are due in two seconds: the winner of `stuck` has all that an account can hold. */
async function setUp(t: TestContext) {
  const { url, journal } = await openJournal();
  const timed = pot({ mustDrop: { kind: 'time', seconds: 2 }, externalDrop: false });
  const [stuck, free] = [await makeJackpot(journal, [timed]), await makeJackpot(journal, [timed])];
  while ((await give(journal, stuck, 1, 1n)).wins.length > 0);
  const balance = async (): Promise<bigint> =>
    BigInt((await runSql(url, 'select balance from account where id = $1', [RICH]))[0]?.balance ?? 0);
  const amount = MICROS_MAX - (await balance());
  await journal.run(createTransfer, { from: OPERATOR, to: RICH, amount }, options());
  const reasons = new Set<string>();
  const tasks = await startTasks(url, journal, (error) => {
    reasons.add((error as { reason: string }).reason);
  });
  t.onTestFinished(async () => {
    await tasks.stop();
    await journal.close();
  });
  const cycle = async ({ pots: [only] }: Jackpot): Promise<number> =>
    Number((await runSql(url, 'select cycle from jackpot_pot where id = $1', [only!.id]))[0].cycle);
  return { url, journal, stuck, free, reasons, cycle, balance };
}

test('a pot that cannot be paid does not block other due pots', async (t) => {
  const { stuck, free, reasons, cycle } = await setUp(t);
  const before = await cycle(stuck);
  assert.ok(await until(async () => (await cycle(free)) > 1 && reasons.size > 0, 15_000), 'it waits for the other pot');
  assert.deepEqual([[...reasons], await cycle(stuck)], [['BALANCE_OUT_OF_RANGE'], before]);
});

test('a pot that could not be paid is paid as soon as it can be, once', async (t) => {
  const { url, journal, stuck, reasons, cycle, balance } = await setUp(t);
  const before = await cycle(stuck);
  assert.ok(await until(() => reasons.size > 0, 15_000));
  const [{ value }] = await runSql(url, 'select value from jackpot_pot where id = $1', [stuck.pots[0]!.id]);
  await journal.run(createTransfer, { from: RICH, to: OPERATOR, amount: MICROS_MAX }, options());
  assert.ok(await until(async () => (await cycle(stuck)) > before, 30_000), 'it is not tried again');
  assert.equal(await balance(), BigInt(value));
  assert.deepEqual(await differences(url), []);
});
