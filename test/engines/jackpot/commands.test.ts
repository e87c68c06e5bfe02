import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { countPaid, type PotRow } from '../../../src/engines/jackpot/entities.ts';
import { accountId, type Journal } from '../../../src/journal/index.ts';
import { MICROS_MAX } from '../../../src/kernel/index.ts';
import { journalOn, newKey, openJournal, reasonOf } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, differences, drop, give, makeJackpot, money, pot } from './fixture.ts';

const UNIT = 1_000_000n;
const HIT_RATE = 2;
const MUST_DROP_VALUE = 3;
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

const passedOver = {
  first: { hit: '1', due: '20' },
  lowest: { hit: '1', due: '20' },
  highest: { hit: '50', due: '20' },
} as const;
for (const [selector, seeds] of Object.entries(passedOver)) {
  test(`a pot whose turn does not come with "${selector}" is drawn with the next contribution`, async () => {
    const jackpot = await makeJackpot(
      journal,
      [
        pot({ id: 'hit', seed: seeds.hit, share: '0.3', hitRate: { cost: '1', odds: 1 }, minContribution: '1' }),
        pot({ id: 'due', seed: seeds.due, share: '0.3', externalDrop: false, mustDrop: { kind: 'value', at: '20.1' } }),
      ],
      { selector: selector as 'first' },
    );
    const first = await give(journal, jackpot, 1, UNIT);
    assert.deepEqual(
      first.wins.map(({ potCode, reason }) => [potCode, reason]),
      [['hit', HIT_RATE]],
    );
    const next = await give(journal, jackpot, 2, UNIT - 1n);
    assert.deepEqual(
      next.wins.map(({ potCode, amount, player, reason }) => [potCode, amount, player, reason]),
      [['due', 20_100_000n, 2n, MUST_DROP_VALUE]],
    );
  });
}

/** Money that left an account, less what came, over all facts of a jackpot. */
async function paidBy(account: number, { id }: Jackpot): Promise<bigint> {
  const rows = await runSql(
    url,
    'select transfers from journal where aggregate_id = $1 and kind between 1101 and 1106',
    [id],
  );
  let paid = 0n;
  for (const { transfers } of rows) {
    const numbers = (transfers as string[]).map(BigInt);
    for (let i = 0; i < numbers.length; i += 3) {
      if (numbers[i] === BigInt(account)) paid += numbers[i + 2]!;
      if (numbers[i + 1] === BigInt(account)) paid -= numbers[i + 2]!;
    }
  }
  return paid;
}

test('the operator pays openings, contributions and what reserves lack, and nothing else', async () => {
  const jackpot = await makeJackpot(journal, [pot({ seed: '10', seedShare: '0.5', share: '0.8' })]);
  let deficits = 0n;
  for (const amount of [3n, 7n, 30n]) {
    await give(journal, jackpot, 4, amount * UNIT);
    deficits += (await drop(journal, jackpot)).won.deficit;
  }
  // 1.2, then 2.8 and then 12 of the reserve for a seed of 10: the whole of it, the strategy is "full".
  assert.equal(deficits, 8_800_000n + 7_200_000n);
  assert.equal(await paidBy(accountId('operator', 0, ASSET), jackpot), 50n * UNIT + deficits);
  assert.equal(-(await paidBy(jackpot.account, jackpot)), (await money(url, jackpot)).rows);
});

const HELD = `select (select balance from account where id = $2) as account, (select house from jackpot where id = $1)
  + (select sum(value + reserve + surplus) from jackpot_pot where jackpot_id = $1) as rows`;

test('at every moment the account of a jackpot holds what its pots and the house have', async (t) => {
  const jackpot = await makeJackpot(journal, [
    pot({ id: 'hit', share: '0.2', seedShare: '0.3', seed: '2', hitRate: { cost: '1', odds: 30 } }),
    pot({
      id: 'value',
      share: '0.3',
      seedShare: '0.1',
      seed: '3',
      collect: 'always',
      reseed: 'minimum',
      mustDrop: { kind: 'value', at: '9' },
    }),
    pot({ id: 'capped', share: '0.1', seed: '1', maxValue: '4' }),
    pot({ id: 'fixed', share: '0.1', seed: '5', fixed: true, reseed: 'minimum' }),
  ]);
  let playing = true;
  const calls = Array.from({ length: 3000 }, (_, i) => {
    const on = i % 2 === 0 ? journal : other;
    if (i % 50 === 49) return drop(on, jackpot, { place: ((i / 50) | 0) % 4, winner: 1 + (i % 9), keys: [newKey()] });
    return give(on, jackpot, 1 + (i % 9), BigInt(1 + ((i * 7919) % 2_000_000)), { clientSeed: `h${i}` });
  });
  const played = Promise.all(calls).finally(() => {
    playing = false;
  });
  const seen = new Set<string>();
  while (playing) {
    const [moment] = await runSql(url, HELD, [jackpot.id, jackpot.account]);
    assert.equal(moment.account, moment.rows);
    seen.add(moment.account);
  }
  await played;
  const { rows, account } = await money(url, jackpot);
  assert.equal(rows, account);
  await t.annotate(`${seen.size} different moments were seen`);
  assert.ok(seen.size > 2, 'it was looked at only before or after');
});

test('a drop gets its turn while players contribute without a pause', async (t) => {
  const jackpot = await makeJackpot(journal, [pot({})]);
  await give(journal, jackpot, 1, UNIT);
  let dropped = false;
  let given = 0;
  // Each a player of his own, so that who contributed last is another one in every batch.
  const players = Array.from({ length: 40 }, async (_, n) => {
    while (!dropped && given < 40_000) {
      given += 1;
      await give(n % 2 === 0 ? journal : other, jackpot, 100 + n, UNIT);
    }
  });
  const { won } = await drop(journal, jackpot);
  dropped = true;
  await Promise.all(players);
  await t.annotate(`${given} contributions were made meanwhile`);
  assert.ok(given < 40_000, 'it waited for the contributions to end');
  assert.equal((await money(url, jackpot)).rows, (200n + 1n + BigInt(given)) * UNIT - won.amount);
});

test('a repeated drop returns the first answer, whatever happened since', async () => {
  const jackpot = await makeJackpot(journal, [pot({})]);
  const key = [newKey()];
  await give(journal, jackpot, 50, UNIT);
  const first = await drop(journal, jackpot, { keys: key });
  await give(journal, jackpot, 51, 5n * UNIT);
  const again = await Promise.all(
    Array.from({ length: 20 }, (_, i) => drop(i % 2 === 0 ? journal : other, jackpot, { keys: key })),
  );
  for (const answer of again) assert.deepEqual(answer, { ...first, replayed: true });
  assert.equal((await money(url, jackpot)).rows, 105n * UNIT);
});

test('drops with one key from two processes at once pay once', async () => {
  const jackpot = await makeJackpot(journal, [pot({})]);
  const key = [newKey()];
  await give(journal, jackpot, 60, UNIT);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => drop(i % 2 === 0 ? journal : other, jackpot, { keys: key })),
  );
  assert.equal(new Set(answers.map(({ operationId }) => operationId)).size, 1);
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
  const [{ balance }] = await runSql(url, 'select balance from account where id = $1', [
    accountId('player', 60, ASSET),
  ]);
  assert.equal(balance, String(101n * UNIT));
});

test('a jackpot refuses more than its total can count, and pays on', async () => {
  const jackpot = await makeJackpot(journal, [pot({ seed: '1', share: '1' })]);
  const most = (MICROS_MAX * 2n) / 3n;
  await give(journal, jackpot, 70, most);
  await drop(journal, jackpot);
  assert.equal(await reasonOf(give(journal, jackpot, 71, most)), 'BALANCE_OUT_OF_RANGE');
  await give(journal, jackpot, 71, UNIT);
  await drop(journal, jackpot);
});

test('what a pot has paid is counted up to the largest amount: no win may fail for it', () => {
  const row = { paid: MICROS_MAX - 1n } as PotRow;
  for (const amount of [1n, 5n]) countPaid(row, amount);
  assert.equal(row.paid, MICROS_MAX);
});

test('there was no internal error, and the folded journal matches', async () => {
  assert.deepEqual(faults, []);
  assert.deepEqual(await differences(url), []);
});
