import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { account, accountId, DeferredError, type Command, type Journal } from '../../src/journal/index.ts';
import { createTransfer, type TransferAnswer } from '../../src/ledger/index.ts';
import { player } from '../../src/players/index.ts';
import { createPlayer } from '../../src/players/commands/create-player.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, like, newKey, openJournal, options, reasonOf, STRANGER } from './fixture.ts';

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

const FUNDS = accountId('operator', 0, 0);
const id = (n: number): number => accountId('player', n, 0);
const balance = async (n: number): Promise<string> =>
  String((await runSql(url, 'select balance from account where id = $1', [id(n)]))[0]?.balance ?? 'no row');

/** Pays the player that a player's row names: an unnamed player has brand 0, and no player has the number 0. */
const payNamed: Command<{ readonly by: number; readonly amount: bigint }, TransferAnswer> = {
  name: 'test.pay-whom-a-row-names',
  later: account.rank,
  needs({ by }, rows) {
    rows.lock(player, by);
  },
  needsThen({ by }, rows, loaded) {
    rows.lock(account, id(loaded.row(player, by).brandId));
  },
  decide({ by, amount }, snapshot) {
    const payee = id(snapshot.row(player, by).brandId);
    if (!snapshot.has(account, payee)) throw new DeferredError();
    return createTransfer.decide({ from: FUNDS, to: payee, amount }, snapshot);
  },
  answer: createTransfer.answer,
};
/** Writes a player to a row that other commands may have locked before: then it is stored, blank. */
const namePlayer = like(createPlayer, {
  needs(request, rows) {
    createPlayer.needs(request, rows);
    rows.lock(player, request.id);
  },
  decide: (request, snapshot) => createPlayer.decide(request, snapshot).map((fact) => ({ ...fact, creates: false })),
});
/** A player whose brand is the payee. */
const name = (by: number, payee: number) => ({
  ...STRANGER,
  id: by,
  brandId: payee,
  userId: `u-${by}`,
  streamName: `player/${by}`,
});

test('a row that is missing in the first stage is created, and the row that it names in the second', async () => {
  assert.equal(await balance(0), 'no row');
  const { transfer } = await journal.run(payNamed, { by: 500, amount: 3n }, options());
  assert.deepEqual([transfer.to, await balance(0)], [id(0), '3']);
  assert.equal((await runSql(url, 'select 1 from player where id = 500')).length, 1);
});

test('a row that an earlier call of the batch has changed is read in the next batch', async () => {
  const before = journal.stats().batches;
  const [, paid] = await Promise.all([
    journal.run(namePlayer, name(501, 601), options()),
    journal.run(payNamed, { by: 501, amount: 4n }, options()),
  ]);
  assert.deepEqual([paid.transfer.to, await balance(601)], [id(601), '4']);
  // What the stored row named when the first batch was loaded got nothing of it.
  assert.equal(await balance(0), '3');
  assert.equal(journal.stats().batches - before, 2);
});

test('a call that waits for the next batch goes before those that came later', async () => {
  const order: string[] = [];
  const noting = (what: string) =>
    like(payNamed, {
      answer(operation, replayed) {
        order.push(what);
        return createTransfer.answer(operation, replayed);
      },
    });
  const filler = Array.from(
    { length: 1200 },
    (_, i) => () => journal.run(createTransfer, { from: FUNDS, to: id(700 + (i % 9)), amount: 1n }, options()),
  );
  await Promise.all([
    journal.run(namePlayer, name(502, 602), options()),
    journal.run(noting('first'), { by: 502, amount: 1n }, options()),
    ...filler.map((run) => run()),
    journal.run(noting('last'), { by: 502, amount: 1n }, options()),
  ]);
  assert.deepEqual(order, ['first', 'last']);
  assert.equal(await balance(602), '2');
});

test('what comes after a call that waits, with the same route, is decided after it', async () => {
  const order: string[] = [];
  const noting = <Request>(what: string, command: Command<Request, any>) =>
    like(command, {
      answer(operation, replayed) {
        order.push(what);
        return createTransfer.answer(operation, replayed);
      },
    });
  const route = { route: 9 };
  await Promise.all([
    journal.run(namePlayer, name(505, 605), options()),
    journal.run(noting('waits', payNamed), { by: 505, amount: 1n }, options(route)),
    journal.run(noting('after', createTransfer), { from: FUNDS, to: id(700), amount: 1n }, options(route)),
    journal.run(noting('other route', createTransfer), { from: FUNDS, to: id(701), amount: 1n }, options()),
  ]);
  assert.deepEqual(order, ['other route', 'waits', 'after']);
});

test('a second stage that requests a row of another call in the first stage sees its change', async () => {
  await journal.run(namePlayer, name(503, 603), options());
  const seen: bigint[] = [];
  const looking = like(payNamed, {
    decide(request, snapshot) {
      seen.push(snapshot.row(account, id(603)).balance);
      return payNamed.decide(request, snapshot);
    },
  });
  await Promise.all([
    journal.run(createTransfer, { from: FUNDS, to: id(603), amount: 10n }, options()),
    journal.run(looking, { by: 503, amount: 1n }, options()),
    journal.run(createTransfer, { from: id(603), to: FUNDS, amount: 11n }, options()),
  ]);
  assert.deepEqual(seen, [10n]);
  assert.equal(await balance(603), '0');
});

test('one key is one operation for a command of two stages, from two processes at once', async () => {
  await journal.run(namePlayer, name(504, 604), options());
  const keyed = { keys: [newKey()], requestHash: 'h' };
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      (i % 2 === 0 ? journal : other).run(payNamed, { by: 504, amount: 1n }, options({ ...keyed, route: i })),
    ),
  );
  assert.equal(new Set(answers.map(({ operationId }) => operationId)).size, 1);
  assert.equal(await balance(604), '1');
});

test('circles of one and two stages from two processes on rows not stored yet have the right sums', async () => {
  const ring = [801, 802, 803, 804, 805];
  for (const [i, by] of ring.entries()) await journal.run(namePlayer, name(by, ring[(i + 2) % 5]!), options());
  const calls = Array.from({ length: 800 }, (_, i) => {
    const on = i % 2 === 0 ? journal : other;
    const by = ring[i % 5]!;
    if (i % 4 === 0) return reasonOf(on.run(payNamed, { by, amount: 1n }, options({ route: i })));
    const to = id(ring[(i + 1 + (i % 3)) % 5]!);
    return reasonOf(on.run(createTransfer, { from: id(by), to, amount: 1n }, options({ route: i })));
  });
  const outcomes = await Promise.all(calls);
  assert.deepEqual(new Set(outcomes.filter((_, i) => i % 4 === 0)), new Set([undefined]));
  assert.ok(outcomes.every((reason) => reason === undefined || reason === 'INSUFFICIENT_BALANCE'));
  const [{ sum, least }] = await runSql(
    url,
    'select sum(balance)::int, min(balance)::int as least from account where id = any($1)',
    [ring.map(id)],
  );
  assert.deepEqual([sum, least >= 0], [200, true]);
});

test('there was no internal error', () => assert.deepEqual(faults, []));
