import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { revealSeed, SEED_AGE } from '../../../src/engines/jackpot/reveal-seed.ts';
import { accountId, type Journal } from '../../../src/journal/index.ts';
import { journalOn, newKey, openJournal, options, reasonOf } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, differences, drop, give, makeJackpot, money, pot } from './fixture.ts';

const UNIT = 1_000_000n;
let url: string;
let journal: Journal;
let other: Journal;
let faults: unknown[];
beforeAll(async () => {
  ({ url, journal, faults } = await openJournal());
  other = journalOn(url, faults);
});
afterAll(async () => {
  await journal.close();
  await other.close();
});

const balance = async (player: number): Promise<bigint> =>
  BigInt(
    (await runSql(url, 'select balance from account where id = $1', [accountId('player', player, ASSET)]))[0]
      ?.balance ?? 0,
  );

test('a drop pays the player who contributed last, even in the same batch', async () => {
  const jackpot = await makeJackpot(journal, [pot({})]);
  await give(journal, jackpot, 1, UNIT);
  // One batch: the drop waits for the next one, to lock the account of player 2, and what comes after it waits too.
  const [, dropped, late] = await Promise.all([
    give(journal, jackpot, 2, UNIT),
    drop(journal, jackpot),
    give(journal, jackpot, 3, UNIT),
  ]);
  assert.deepEqual([dropped.won.player, dropped.won.amount, late.contributed.pool], [2n, 102n * UNIT, 101n * UNIT]);
  assert.equal(await balance(2), 102n * UNIT);
  assert.equal((await give(journal, jackpot, 2, UNIT)).contributed.pool, 102n * UNIT);
  // Alone in its batch, it pays whom the stored pot names.
  assert.deepEqual((await drop(journal, jackpot)).won.player, 2n);
});

test('money contributed after a drop is in the next cycle, even with concurrent calls', async () => {
  const jackpot = await makeJackpot(journal, [pot({})]);
  const outcomes = await Promise.all(
    Array.from({ length: 1200 }, async (_, i) => {
      const on = i % 2 === 0 ? journal : other;
      if (i % 40 === 39)
        return drop(on, jackpot).then(
          ({ won }) => ({ paid: won.amount, deficit: won.deficit }),
          () => ({ paid: 0n, deficit: 0n }),
        );
      await give(on, jackpot, 10 + (i % 7), UNIT);
      return { paid: 0n, deficit: 0n };
    }),
  );
  const paid = outcomes.reduce((sum, one) => sum + one.paid, 0n);
  const added = outcomes.reduce((sum, one) => sum + one.deficit, 0n);
  const given = BigInt(outcomes.length - outcomes.length / 40);
  const { rows, account } = await money(url, jackpot);
  assert.equal(rows, (100n + given) * UNIT + added - paid);
  assert.equal(account, rows);
  assert.ok(paid > 0n);
});

test('a drop of an untouched pot needs a key and a winner', async () => {
  const jackpot = await makeJackpot(
    journal,
    [pot({}), pot({ id: 'hidden', externalDrop: false, share: '0.000001', mustDrop: { kind: 'value', at: '200' } })],
    {},
  );
  assert.equal(await reasonOf(drop(journal, jackpot)), 'NOTHING_TO_DROP');
  assert.equal(await reasonOf(drop(journal, jackpot, { keys: [newKey()] })), 'NO_WINNER');
  assert.equal(await reasonOf(drop(journal, jackpot, { place: 1, winner: 5, keys: [newKey()] })), 'DROP_NOT_ALLOWED');
  const key = [newKey()];
  const first = await drop(journal, jackpot, { winner: 5, keys: key });
  const second = await drop(journal, jackpot, { winner: 5, keys: key });
  assert.deepEqual([first.replayed, second.replayed, first.operationId === second.operationId], [false, true, true]);
  assert.equal(await balance(5), 100n * UNIT);
});

test('a second drop finds nothing, until somebody has contributed again', async () => {
  const jackpot = await makeJackpot(journal, [pot({})]);
  await give(journal, jackpot, 30, UNIT);
  await drop(journal, jackpot);
  const text = 'select hits::int, paid, value from jackpot_pot where jackpot_id = $1';
  const counted = [{ hits: 1, paid: String(101n * UNIT), value: String(100n * UNIT) }];
  assert.deepEqual(await runSql(url, text, [jackpot.id]), counted);
  assert.equal(await reasonOf(drop(journal, jackpot)), 'NOTHING_TO_DROP');
  await give(journal, jackpot, 31, UNIT);
  assert.equal((await drop(journal, jackpot)).won.player, 31n);
});

test('the seed of hits is replaced after a day, and not before', async () => {
  const jackpot = await makeJackpot(journal, [pot({ hitRate: { cost: '1', odds: 9_000_000_000 } })]);
  const reveal = (at: number): Promise<void> => journal.run(revealSeed, { id: jackpot.id, at }, options());
  const { contributed, time } = await give(journal, jackpot, 40, UNIT);
  const ordered = time + SEED_AGE;
  assert.equal(await reasonOf(reveal(ordered)), 'UNAVAILABLE');
  assert.equal((await give(journal, jackpot, 40, UNIT)).contributed.draw!.position, contributed.draw!.position);
  // As if a day had passed: the clock of the rows is moved, and moved back for the books.
  const shift = (by: string): Promise<unknown> =>
    runSql(url, `update seed_stream set moved_at = moved_at ${by} interval '25 hours' where id = $1`, [jackpot.stream]);
  await shift('-');
  await reveal(ordered);
  const { draw } = (await give(journal, jackpot, 40, UNIT)).contributed;
  assert.deepEqual([draw!.position, draw!.nonce], [contributed.draw!.position + 1n, 0n]);
  await runSql(url, "update seed_stream set since = since + interval '25 hours' where id = $1", [jackpot.stream]);
});

test('there was no internal error, and the folded journal matches', async () => {
  assert.deepEqual(faults, []);
  assert.deepEqual(await differences(url), []);
});
