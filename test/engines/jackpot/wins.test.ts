import assert from 'node:assert/strict';
import { afterAll, beforeAll, test, type TestContext } from 'vitest';
import type { JackpotContributedV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { accountId, type Journal } from '../../../src/journal/index.ts';
import { createTransfer } from '../../../src/ledger/index.ts';
import { journalOn, newKey, openJournal, options, reasonOf } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, differences, give, makeJackpot, money, pot } from './fixture.ts';

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

const inParallel = (count: number, jackpot: Jackpot, amount: bigint) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      give(i % 2 === 0 ? journal : other, jackpot, i % 50, amount, { clientSeed: `w${i}` }),
    ),
  );

/** Operations whose fact counts as the theory says: |z| below 5. */
async function assertTheory(t: TestContext, hits: number, attempts: number, p: number): Promise<void> {
  const z = (hits - attempts * p) / Math.sqrt(attempts * p * (1 - p));
  await t.annotate(`${hits} hits in ${attempts.toLocaleString('en')} attempts at ${p}: z = ${z.toFixed(2)}`);
  assert.ok(Math.abs(z) < 5);
}

test('hits by chance are as frequent as they should be, for whole attempts and fractions', async (t) => {
  const hit = (cost: string, odds: number) => pot({ id: `${cost}-${odds}`, share: '0.3', hitRate: { cost, odds } });
  const jackpot = await makeJackpot(journal, [hit('0.1', 2000), hit('3', 100)]);
  const calls = 20_000;
  const answers = await inParallel(calls, jackpot, UNIT);
  const drawn = answers.map(({ contributed }) => (contributed as JackpotContributedV2).pots);
  // Ten attempts each, of which those after a hit are not made; and a third of an attempt each, in millionths.
  const attempts = drawn.reduce((sum, [one]) => sum + one!.attempts, 0);
  await assertTheory(t, drawn.filter(([one]) => one!.wonBy === 2).length, attempts, 1 / 2000);
  await assertTheory(t, drawn.filter(([, two]) => two!.wonBy === 2).length, calls, 0.333333 / 100);
  const uses = answers.map(({ contributed: { draw } }) => `${draw!.position}/${draw!.nonce}`);
  assert.equal(new Set(uses).size, calls, 'two draws had a nonce in common');
  const { rows, account } = await money(url, jackpot);
  assert.equal(rows, account);
});

test('a pot that must drop never passes its bound, and is won anywhere between its start and it', async (t) => {
  const jackpot = await makeJackpot(journal, [
    pot({
      id: 'capped',
      share: '0.5',
      seedShare: '0.2',
      seed: '10',
      externalDrop: false,
      mustDrop: { kind: 'value', at: '30' },
    }),
    pot({ id: 'plain', share: '0.4', seed: '0' }),
  ]);
  const answers = await inParallel(6000, jackpot, UNIT);
  const wins = answers.flatMap(({ wins: [won] }) => won ?? []);
  const amounts = wins.map(({ amount }) => Number(amount) / 1e6);
  await t.annotate(`${wins.length} drops between ${Math.min(...amounts)} and ${Math.max(...amounts)}`);
  assert.ok(wins.length > 100);
  assert.deepEqual(
    wins.map(({ cycle }) => Number(cycle)).sort((a, b) => a - b),
    wins.map((_, i) => i + 1),
  );
  assert.ok(amounts.every((amount) => amount > 10 && amount <= 30));
  // Uniform over (10, 30]: the mean of n values has the standard deviation 20 / √(12 n).
  const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
  const z = (mean - 20) / (20 / Math.sqrt(12 * amounts.length));
  // A step of 0.4 lifts each by half of it.
  assert.ok(Math.abs(z) < 5 + 0.2 / (20 / Math.sqrt(12 * amounts.length)), `z = ${z}`);
});

const certain = { cost: '1', odds: 1 };
const selectors = { all: ['a', 'b', 'c'], first: ['a'], lowest: ['b'], highest: ['c'] } as const;
for (const [selector, paid] of Object.entries(selectors)) {
  test(`of three pots that one contribution would win "${selector}" pays ${paid.join(', ')}`, async () => {
    const won = (id: string, seed: string, more = {}) => pot({ id, seed, share: '0.3', hitRate: certain, ...more });
    const hidden = { hitRate: null, mustDrop: { kind: 'value', at: '20.1' } } as const;
    const jackpot = await makeJackpot(journal, [won('a', '10'), won('b', '5'), won('c', '20', hidden)], {
      selector: selector as 'all',
    });
    const { wins } = await give(journal, jackpot, 60, UNIT);
    assert.deepEqual(
      wins.map(({ potCode }) => potCode),
      paid,
    );
    const { rows, account } = await money(url, jackpot);
    assert.equal(rows, account);
    if (selector === 'all' || selector === 'highest') return;
    // Its turn has not come: it was not drawn, and stops where the next contribution is sure to win it.
    const [row] = await runSql(url, 'select value, drawn_at from jackpot_pot where id = $1', [jackpot.pots[2]!.id]);
    assert.deepEqual([row.value, row.drawn_at], ['20099999', '20000000']);
  });
}

test('a player pays where players fund, and one without money leaves nothing', async () => {
  const jackpot = await makeJackpot(journal, [pot({ seed: '0' })], { operatorShare: '0' });
  const id = accountId('player', 70, ASSET);
  assert.equal(await reasonOf(give(journal, jackpot, 70, UNIT)), 'INSUFFICIENT_BALANCE');
  await journal.run(createTransfer, { from: accountId('operator', 0, ASSET), to: id, amount: 5n * UNIT }, options());
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => reasonOf(give(journal, jackpot, 70, UNIT))));
  assert.equal(outcomes.filter((reason) => reason === undefined).length, 5);
  assert.deepEqual(await money(url, jackpot), { rows: 5n * UNIT, account: 5n * UNIT });
});

test('one key is one contribution, from two processes at once', async () => {
  const jackpot = await makeJackpot(journal, [pot({ seed: '0' })]);
  const both = [newKey(), newKey()];
  const send = (keysOf: (i: number) => string[]) =>
    Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        give(i % 2 === 0 ? journal : other, jackpot, 80, UNIT, { keys: keysOf(i), requestHash: 'h' }),
      ),
    );
  // Only the first call may bind a key that it sends: so all of these send both, and later ones send either.
  const answers = [...(await send(() => both)), ...(await send((i) => [both[i % 2]!]))];
  assert.equal(new Set(answers.map(({ operationId }) => operationId)).size, 1);
  assert.equal((await money(url, jackpot)).rows, UNIT);
});

test('there was no internal error, and the folded journal matches', async () => {
  assert.deepEqual(faults, []);
  assert.deepEqual(await differences(url), []);
});
