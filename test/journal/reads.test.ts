import assert from 'node:assert/strict';
import type { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, test } from 'vitest';
import pg from 'pg';
import { createOrm } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import {
  account,
  accountId,
  balancesOf,
  factsAfter,
  factsOf,
  findOperation,
  findOperationByKey,
  findOperations,
  followStep,
  hashKey,
  readRowsById,
  rollUp,
  statementOf,
  trialBalance,
  type Journal,
} from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { transferred } from '../../src/ledger/commands/transfer.ts';
import { entitiesOf } from '../../src/schema.ts';
import { like, newKey, openJournal, options, register } from './fixture.ts';

const [HOUSE, OUTSIDE, A, B] = [
  accountId('operator', 0, 0),
  accountId('external', 0, 0),
  accountId('player', 1, 0),
  accountId('player', 2, 0),
];
const OTHER_ASSET = accountId('player', 1, 3);
const EVERY = Number.MAX_SAFE_INTEGER;
let journal: Journal;
let orm: MikroORM;
let url: string;
/** The operations of A, oldest first; and one of another operator for the account of the same number. */
const made: string[] = [];
let foreign: string;
const key = newKey();

beforeAll(async () => {
  ({ url, journal } = await openJournal());
  orm = createOrm({ databaseUrl: url, databasePool: 2 }, entitiesOf(engines));
  const move = async (from: number, to: number, amount: bigint, more = {}): Promise<string> =>
    (await journal.run(createTransfer, { from, to, amount }, options(more))).operationId;
  made.push(await move(HOUSE, A, 10n));
  made.push(await move(A, B, 4n, { keys: [key], requestHash: 'h' }));
  made.push(await move(OUTSIDE, A, 1n));
  made.push(await move(A, HOUSE, 7n));
  await move(accountId('operator', 0, 3), OTHER_ASSET, 5n);
  // A fact of two transfers.
  const twice = like(createTransfer, {
    decide: (request, snapshot) =>
      createTransfer.decide(request, snapshot).map((fact) => ({
        ...fact,
        transfers: [...fact.transfers, { from: B, to: OUTSIDE, amount: 1n }],
      })),
  });
  await journal.run(twice, { from: HOUSE, to: B, amount: 2n }, options());
  foreign = await move(HOUSE, A, 1000n, { operator: 2, keys: [key], requestHash: 'h' });
});
afterAll(async () => {
  await orm.close();
  await journal.close();
});

const em = () => orm.em.fork();
/** All items of a list, in pages of a size. */
async function paged<Item>(
  size: number,
  read: (before: number, limit: number) => Promise<readonly Item[]>,
  place: (item: Item) => number,
  first = EVERY,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let at = first; ; at = place(all.at(-1)!)) {
    const page = await read(at, size);
    assert.ok(page.length <= size);
    all.push(...page);
    assert.ok(all.length < 20, 'the pages have no end');
    if (page.length < size) return all;
  }
}

describe('a statement', () => {
  test('has all lines of an account, newest first, in pages of any size', async () => {
    for (const size of [1, 2, 3, 4, 5]) {
      const lines = await paged(
        size,
        (before, limit) => statementOf(em(), 1, A, before, limit),
        (l) => l.sequence,
      );
      assert.deepEqual(
        lines.map(({ sequence, amount, balance }) => [sequence, amount, balance]),
        [
          [4, -7n, 0n],
          [3, 1n, 7n],
          [2, -4n, 6n],
          [1, 10n, 10n],
        ],
        `in pages of ${size}`,
      );
      assert.deepEqual(
        lines.map(({ operationId }) => operationId),
        [...made].reverse(),
      );
      assert.ok(lines.every(({ kind, version }) => kind === transferred.number && version === 1));
    }
  });

  test("has nothing of another operator's account of the same number", async () => {
    assert.deepEqual(
      (await statementOf(em(), 2, A, EVERY, 10)).map(({ amount }) => amount),
      [1000n],
    );
  });
});

describe('the facts of an aggregate', () => {
  const wanted = { operator: 1, aggregate: A, kinds: [transferred.number] };

  test('are read newest first, and oldest first, in pages of any size', async () => {
    for (const size of [1, 2, 3, 7]) {
      const newest = await paged(
        size,
        (before, limit) => factsOf(em(), register, { ...wanted, before, limit }),
        (fact) => fact.sequence,
      );
      const oldest = await paged(
        size,
        (after, limit) => factsAfter(em(), register, { ...wanted, after, limit }),
        (fact) => fact.sequence,
        0,
      );
      assert.deepEqual(
        newest.map(({ id }) => id),
        oldest.map(({ id }) => id).reverse(),
      );
      assert.deepEqual(
        oldest.map(({ sequence }) => sequence),
        oldest.map((_, i) => i + 1),
      );
      assert.ok(oldest.length >= 3);
    }
  });

  test('are of the wanted kinds, and of the operator alone', async () => {
    const none = { ...wanted, kinds: [transferred.number + 1], before: EVERY, limit: 9 };
    assert.deepEqual(await factsOf(em(), register, none), []);
    const others = await factsOf(em(), register, { ...wanted, operator: 2, before: EVERY, limit: 9 });
    assert.deepEqual(
      others.map(({ id }) => id),
      [foreign],
    );
    assert.equal((await factsAfter(em(), register, { ...wanted, operator: 2, after: 0, limit: 9 })).length, 1);
  });
});

describe('an operation', () => {
  test('is found by its id and by its key, by its operator alone', async () => {
    const own = await findOperation(em(), register, 1, made[1]!);
    assert.deepEqual([own!.id, own!.caller, own!.requestHash], [made[1], 'test', 'h']);
    assert.deepEqual(own!.facts[0]!.transfers, [{ from: A, to: B, amount: 4n }]);
    assert.equal(await findOperation(em(), register, 2, made[1]!), undefined);
    assert.equal(await findOperation(em(), register, 1, foreign), undefined);
    assert.deepEqual([(await findOperationByKey(em(), register, 1, key))!.id], [made[1]]);
    assert.deepEqual([(await findOperationByKey(em(), register, 2, key))!.id], [foreign]);
    const scope = { operator: 1, brand: 0, operation: 'x', userId: null };
    assert.equal(await findOperationByKey(em(), register, 1, hashKey(scope, 'unknown')), undefined);
  });

  test('is left out of many if it is not there', async () => {
    const found = await findOperations(em(), register, 1, [made[2]!, foreign, made[0]!]);
    assert.deepEqual(new Set(found.map(({ id }) => id)), new Set([made[0], made[2]]));
    assert.equal(found.length, 2);
  });
});

describe('balances', () => {
  test('are those of the player and the operator, with all assets that the player ever had', async () => {
    assert.deepEqual(await balancesOf(em(), 1, 1), [
      { asset: 0, balance: 0n },
      { asset: 3, balance: 5n },
    ]);
    assert.deepEqual(await balancesOf(em(), 1, 2), [{ asset: 0, balance: 5n }]);
    assert.deepEqual(await balancesOf(em(), 2, 1), [{ asset: 0, balance: 1000n }]);
    assert.deepEqual(await balancesOf(em(), 2, 2), []);
  });

  test('of rows by their numbers are those of the operator', async () => {
    const rows = await readRowsById(em(), account, 2, [A, B]);
    assert.deepEqual(
      rows.map(({ id, balance }) => [id, balance]),
      [[A, 1000n]],
    );
  });
});

describe('the trial balance', () => {
  const expected = {
    0: { player: 5n, operator: -5n },
    3: { player: 5n, operator: -5n },
  };
  const trial = async (operator: number) =>
    Object.fromEntries(
      [...(await trialBalance(em(), operator))].map(([asset, kinds]) => [
        asset,
        Object.fromEntries([...kinds].filter(([, sum]) => sum !== 0n)),
      ]),
    );

  test('is the same before anything is rolled up, in between, and after; of one operator', async () => {
    assert.deepEqual(await trial(1), expected);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      // Steps of one fact each.
      const one = {
        ...rollUp,
        step: ((params, run) => rollUp.step([...params.slice(0, 4), 1] as never, run)) as typeof rollUp.step,
      };
      for (let done = 0; (await followStep(client, 1, one)) === 1; done++) {
        assert.deepEqual(await trial(1), expected, `after ${done + 1} facts`);
        assert.ok(done < 10);
      }
    } finally {
      await client.end();
    }
    assert.deepEqual(await trial(1), expected);
    assert.deepEqual(await trial(2), { 0: { player: 1000n, operator: -1000n } });
  });
});
