import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import pg from 'pg';
import { ClientSeedSet } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { engines } from '../../src/engines/index.ts';
import {
  defineFact,
  Journal,
  Register,
  StaleVersionError,
  verifyOperator,
  type Command,
} from '../../src/journal/index.ts';
import { State } from '../../src/journal/state.ts';
import { player } from '../../src/players/index.ts';
import { groundParts } from '../../src/services/index.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';
import { options, reasonOf } from './fixture.ts';

/** Somebody was there. The row's code is the fact's only data. */
const visited = defineFact<ClientSeedSet>({
  name: 'test.visited',
  number: 9801,
  version: 1,
  aggregate: player,
  codec: ClientSeedSet,
  evolve(data, rows, at) {
    rows.edit(player, at.aggregate).code = data.clientSeed;
  },
});
const register = new Register([...groundParts, ...engines, { name: 'test', block: 9800, facts: [visited] }]);

let url: string;
let journal: Journal;
let other: Journal;
const faults: unknown[] = [];
const open = (): Journal =>
  new Journal(
    {
      databaseUrl: url,
      register,
      assetCode: (_, asset) => `A${asset}`,
      fault: (error) => faults.push(error),
    },
    2,
  );
beforeAll(async () => {
  url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo')");
  [journal, other] = [open(), open()];
});
afterAll(async () => {
  await journal.close();
  await other.close();
});

interface Visit {
  readonly code: string;
  /** The number for the row if it is not stored; 0: it must be. */
  readonly id: number;
}

/** Counts visits in the row with a code, which the first visit creates. The count is the row's sequence. */
const visit: Command<Visit, number> = {
  name: 'test.visit',
  needs: ({ code }, rows) => rows.lockCode(player, code),
  decide({ code, id }, snapshot) {
    const known = snapshot.find(player, code);
    if (known === undefined && id === 0) throw new StaleVersionError();
    const data = { clientSeed: code };
    return [{ kind: visited, id: known ?? id, data, transfers: [], creates: known === undefined }];
  },
  answer: ({ facts }) => facts[0]!.id,
};

const visits = async (code: string): Promise<number> =>
  Number((await runSql(url, 'select sequence from player where code = $1', [code]))[0]?.sequence ?? 0);
let last = 5000;
const newId = (): number => (last += 1);

test('the first call for a code creates its row, and later ones lock it', async () => {
  const first = await journal.run(visit, { code: '1/a', id: newId() }, options());
  const again = await journal.run(visit, { code: '1/a', id: newId() }, options());
  const known = await journal.run(visit, { code: '1/a', id: 0 }, options());
  assert.deepEqual([again, known, await visits('1/a')], [first, first, 3]);
});

test('a call that has no number for a row that is not stored is stale', async () => {
  await assert.rejects(journal.run(visit, { code: '1/unknown', id: 0 }, options()), StaleVersionError);
  assert.equal(await visits('1/unknown'), 0);
});

test('a row that a call of the batch has created is found by the calls after it', async () => {
  const before = journal.stats().batches;
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      journal.run(visit, { code: `1/b-${i % 2}`, id: i < 2 ? newId() : 0 }, options()),
    ),
  );
  assert.equal(journal.stats().batches - before, 1);
  assert.deepEqual([new Set(ids).size, await visits('1/b-0'), await visits('1/b-1')], [2, 10, 10]);
});

test('a row is found by the code that it gets, also if it was created for another aggregate', () => {
  const state = new State();
  state.create(player, 7).code = '1/g';
  state.put(player, player.blank(8), true);
  state.edit(player, 8).code = '1/h';
  assert.deepEqual([state.find(player, '1/g'), state.find(player, '1/h'), state.find(player, '')], [7, 8, undefined]);
  assert.throws(() => state.create(player, 8), /is not new/);
});

test('two processes that create the same row at once create it once', async () => {
  for (let round = 0; round < 10; round++) {
    const code = `1/c-${round}`;
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        reasonOf((i % 2 === 0 ? journal : other).run(visit, { code, id: newId() }, options({ route: i }))),
      ),
    );
    assert.deepEqual([new Set(outcomes), await visits(code)], [new Set([undefined]), 40]);
  }
  assert.deepEqual(faults, []);
});

test('the journal folds to the same rows', async () => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { differences, rows } = await verifyOperator(client, register, 1);
    assert.deepEqual(differences, []);
    assert.ok(rows > 10);
  } finally {
    await client.end();
  }
});
