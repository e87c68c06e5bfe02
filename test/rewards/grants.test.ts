import assert from 'node:assert/strict';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { Granted } from '../../gen/ts/windfall/facts/v1/reward.ts';
import { engines } from '../../src/engines/index.ts';
import { account, defineFact, Journal, Register, verifyOperator, type Command } from '../../src/journal/index.ts';
import { createPlayer, player } from '../../src/players/index.ts';
import {
  award,
  bindRewards,
  confirmGrant,
  createGrants,
  expireGrant,
  requireRoom,
  rewardMessage,
  rewardNeeds,
  rewardOf,
  type Awarded,
  type BoundReward,
  grantConfirmed,
  grantState,
} from '../../src/rewards/index.ts';
import { groundParts } from '../../src/services/index.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';
import { newKey, options, reasonOf, STRANGER } from '../journal/fixture.ts';

/** Players got something. Its data is the grants, one after another. */
const awarded = defineFact<readonly Granted[]>({
  name: 'test.awarded',
  number: 9801,
  version: 1,
  aggregate: account,
  codec: {
    encode: (all) => ({ finish: () => Buffer.from(all.map((one) => hex(Granted.encode(one).finish())).join('\n')) }),
    decode: (bytes) =>
      Buffer.from(bytes)
        .toString()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => Granted.decode(Buffer.from(line, 'hex'))),
  },
  evolve: (data, rows, at) => createGrants(data, rows, at),
});
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const register = new Register([...groundParts, ...engines, { name: 'test', block: 9800, facts: [awarded] }]);
const input = { kind: '', asset: '', amount: '', item: '', quantity: 0, expiresAfterSeconds: 0 };
const COINS = rewardOf({ ...input, asset: 'WINZ', amount: '2.5' });
const SWORD = rewardOf({ ...input, item: 'sword' });
const ROUNDS = rewardOf({ ...input, kind: 'free_rounds', item: 'game-7', quantity: 10, expiresAfterSeconds: 3600 });
const bound = bindRewards([COINS, SWORD, ROUNDS], () => 0);
const FUND = 16;

let url: string;
let journal: Journal;
let now = 0;
let made: Awarded | undefined;

interface Give {
  readonly players: readonly number[];
  readonly rewards: readonly BoundReward[];
}
const give: Command<Give, string> = {
  name: 'test.give',
  needs({ players, rewards }, rows) {
    rows.lock(account, FUND + 32);
    for (const one of players) rewardNeeds(rows, one, rewards);
  },
  decide({ players, rewards }, snapshot) {
    now = snapshot.now;
    made = award(
      snapshot,
      7,
      players.map((one) => ({ player: one, rewards })),
    );
    const { granted, transfers, tasks } = made;
    return [{ kind: awarded, id: FUND + 32, data: granted, transfers, tasks }];
  },
  answer: ({ id }) => id,
};
const rowsOf = (one: number): Promise<any[]> =>
  runSql(url, 'select * from player_grant where player_id = $1 order by id', [one]);

beforeAll(async () => {
  url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo')");
  journal = new Journal(
    { databaseUrl: url, register, assetCode: () => 'WINZ', fault: (error) => assert.fail(String(error)) },
    2,
  );
  for (const id of [100, 101, 102]) {
    await journal.run(
      createPlayer,
      { ...STRANGER, id, brandId: id, userId: `u${id}`, streamName: `player/${id}` },
      options(),
    );
  }
});
afterAll(() => journal.close());

test('what was written is what is shown', () => {
  assert.deepEqual(
    [COINS, SWORD, ROUNDS].map((reward) => JSON.parse(JSON.stringify(rewardMessage(reward)))),
    [
      { kind: 'asset', asset: 'WINZ', amount: '2.5' },
      { kind: 'item', item: 'sword', quantity: 1 },
      { kind: 'free_rounds', item: 'game-7', quantity: 10, expiresAfterSeconds: 3600 },
    ],
  );
});

test('an amount is credited and the rest becomes grants, in the same operation', async () => {
  const operation = await journal.run(give, { players: [100, 101, 100], rewards: bound }, options());
  const [first, second, third, fourth] = await rowsOf(100);
  assert.deepEqual(
    [first, second, third, fourth].map(({ item, state, brand_id: brand, definition_id: of, operation_id: by }) => [
      item,
      state,
      brand,
      of,
      by,
    ]),
    ['sword', 'game-7', 'sword', 'game-7'].map((item) => [item, '1', '100', '7', operation]),
  );
  assert.equal((await rowsOf(101)).length, 2);
  const [{ balance }] = await runSql(url, 'select balance::text from account where id = $1', [100 * 16384]);
  assert.equal(balance, '5000000');
  assert.equal(second.quantity, '10');
  const [{ at }] = await runSql(
    url,
    'select (extract(epoch from run_at) * 1000000)::int8 at from graphile_worker.jobs where key = $1',
    [`grant.expire/1/${second.id}`],
  );
  assert.equal(Number(at), now + 3600 * 1_000_000);
});

test('a repeated call creates nothing again', async () => {
  const keyed = options({ keys: [newKey()], requestHash: 'h' });
  const before = (await rowsOf(102)).length;
  for (let i = 0; i < 3; i++) await journal.run(give, { players: [102], rewards: bound }, keyed);
  assert.equal((await rowsOf(102)).length, before + 2);
});

test('racing awards number the grants of a player without gaps', async () => {
  await Promise.all(
    Array.from({ length: 40 }, (_, route) => journal.run(give, { players: [101], rewards: bound }, options({ route }))),
  );
  const ids = (await rowsOf(101)).map(({ id }) => Number(id) - 101 * 2 ** 20);
  assert.deepEqual(
    ids,
    Array.from({ length: 82 }, (_, nth) => nth + 1),
  );
});

test('a grant is confirmed once, by whoever comes first', async () => {
  const [{ id }] = await rowsOf(100);
  const confirm = (reference: string) =>
    journal.run(
      confirmGrant,
      { id: Number(id), reference },
      options({ once: 'a'.repeat(8) + '-0000-4000-8000-000000000000' }),
    );
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => confirm(`by-${i}`)));
  assert.equal(new Set(answers.map(({ reference }) => reference)).size, 1);
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
  assert.equal(
    await reasonOf(journal.run(confirmGrant, { id: Number(id), reference: '' }, options())),
    'GRANT_NOT_DUE',
  );
});

test('a grant expires at its time, not before, and is not confirmed after it', async () => {
  const [, { id }] = await rowsOf(100);
  const at = (
    await runSql(url, 'select (extract(epoch from expires_at) * 1000000)::int8 at from player_grant where id = $1', [
      id,
    ])
  )[0].at;
  const expire = { id: Number(id), at: Number(at) };
  assert.equal(await reasonOf(journal.run(expireGrant, expire, options())), 'UNAVAILABLE');
  // As if it had been granted two hours earlier.
  await runSql(url, "update player_grant set expires_at = expires_at - interval '2 hours' where id = $1", [id]);
  const confirm = journal.run(confirmGrant, { id: Number(id), reference: '' }, options());
  assert.equal(await reasonOf(confirm), 'GRANT_NOT_DUE');
  for (let i = 0; i < 2; i++) await journal.run(expireGrant, expire, options());
  const [{ state, sequence }] = (await rowsOf(100)).filter((row) => row.id === id);
  assert.deepEqual([state, sequence], ['3', '1']);
  await runSql(url, "update player_grant set expires_at = expires_at + interval '2 hours' where id = $1", [id]);
});

test('what would not fit is refused before anything is drawn', async () => {
  const check: Command<{ amount: bigint; grants: number }, void> = {
    name: 'test.check',
    needs: (_, rows) => rewardNeeds(rows, 100, bound),
    decide({ amount, grants }, snapshot) {
      requireRoom(snapshot, 100, { amounts: new Map([[0, amount]]), grants }, () => 'WINZ');
      return [];
    },
    answer: () => undefined,
  };
  const most = 2n ** 63n - 1n - 5_000_000n;
  const ask = (amount: bigint, grants: number) => reasonOf(journal.run(check, { amount, grants }, options()));
  assert.deepEqual(
    [await ask(most, 0), await ask(most + 1n, 0), await ask(0n, 2 ** 20 - 5), await ask(0n, 2 ** 20 - 4)],
    [undefined, 'BALANCE_OUT_OF_RANGE', undefined, 'BALANCE_OUT_OF_RANGE'],
  );
});

test('the journal folds to the same rows, also where the clock was set back before a confirmation', async () => {
  const day = "interval '1 day'";
  await runSql(url, `update journal set time = time - ${day} where kind = $1`, [grantConfirmed.number]);
  await runSql(url, `update player_grant set settled_at = settled_at - ${day} where state = $1`, [
    grantState.confirmed,
  ]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { differences } = await verifyOperator(client, register, 1);
    // Seals tell of the change above.
    assert.deepEqual(
      differences.filter((one) => !one.includes('is not as it was written')),
      [],
    );
    assert.equal((await runSql(url, 'select grants from player_guard where id = 101'))[0].grants, '82');
  } finally {
    await client.end();
  }
  assert.equal(player.rank, 3);
});
