import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSql, until } from '../../../src/db/index.ts';
import { jackpotCatalogue, JackpotTimers } from '../../../src/engines/jackpot/index.ts';
import type { Jackpot } from '../../../src/engines/jackpot/definition.ts';
import { accountId } from '../../../src/journal/index.ts';
import { MICROS_MAX } from '../../../src/kernel/index.ts';
import { createTransfer } from '../../../src/ledger/index.ts';
import { openJournal, options } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, give, makeJackpot, pot } from './fixture.ts';

test('a pot that cannot be paid holds up no other pot that is due', async (t) => {
  const { url, journal } = await openJournal();
  const { sql, close } = createSql(url, 1);
  const timed = pot({ mustDrop: { kind: 'time', seconds: 2 }, externalDrop: false });
  const [stuck, free] = [await makeJackpot(journal, [timed]), await makeJackpot(journal, [timed])];
  while ((await give(journal, stuck, 1, 1n)).wins.length > 0);
  // Whoever is to be paid has all that an account can hold.
  const [{ balance }] = await runSql(url, 'select balance from account where id = $1', [accountId('player', 1, ASSET)]);
  const amount = MICROS_MAX - BigInt(balance);
  await journal.run(createTransfer, { from: accountId('operator', 0, ASSET), to: accountId('player', 1, ASSET), amount }, options());
  const reasons = new Set<string>();
  const timers = new JackpotTimers({ sql, journal, fault: (error) => { reasons.add((error as { reason: string }).reason); } }, jackpotCatalogue({ sql }));
  t.after(async () => { await timers.stop(); await journal.close(); await close(); });
  const cycle = async ({ pots: [only] }: Jackpot): Promise<number> =>
    Number((await runSql(url, 'select cycle from jackpot_pot where id = $1', [only!.id]))[0].cycle);
  const before = await cycle(stuck);
  assert.ok(await until(async () => await cycle(free) > 1 && reasons.size > 0, 15_000), 'it waits for the other pot');
  assert.deepEqual([[...reasons], await cycle(stuck)], [['BALANCE_OUT_OF_RANGE'], before]);
});
