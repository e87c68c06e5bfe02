import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, test } from 'vitest';
import { accountId, Journal, ownerOfAccount, type Command, type Fact } from '../../src/journal/index.ts';
import { createTransfer, type TransferAnswer } from '../../src/ledger/index.ts';
import { player, type PlayerRow } from '../../src/players/index.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, like, options, reasonOf, register } from './fixture.ts';

type Transfer = Parameters<typeof createTransfer.decide>[0];
type TransferCommand = Command<Transfer, TransferAnswer>;

const FUNDS = accountId('operator', 0, 0);
const pay = (n: number): Transfer => ({ from: FUNDS, to: accountId('player', n, 0), amount: 1n });
const faults: unknown[] = [];
let url: string;
let journal: Journal;

beforeAll(async () => {
  url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo')");
  journal = journalOn(url, faults);
});
beforeEach(() => {
  faults.length = 0;
});
afterAll(() => journal.close());

/** A transfer whose fact is another one but for what is given. */
function withFact(change: (fact: Fact) => Fact): TransferCommand {
  return like(createTransfer, { decide: (request, snapshot) => createTransfer.decide(request, snapshot).map(change) });
}

const withKind = (change: Partial<Fact['kind']>): TransferCommand =>
  withFact((fact) => ({ ...fact, kind: { ...fact.kind, ...change } }));

/** A transfer that writes into a player's row besides. */
function writing(write: (row: PlayerRow) => void, codec?: Fact['kind']['codec']): TransferCommand {
  const ownId = ({ to }: Transfer): number => ownerOfAccount(to);
  return like(
    withKind({
      evolve: (_, rows, at) => write(rows.edit(player, ownerOfAccount(at.aggregate))),
      ...(codec === undefined ? {} : { codec }),
    }),
    {
      needs(request, rows) {
        createTransfer.needs(request, rows);
        rows.lock(player, ownId(request));
      },
    },
  );
}

const torn = {
  encode(): never {
    throw new Error('connection timeout, says the codec');
  },
  decode: () => ({}),
};

const poisons: Record<string, TransferCommand> = {
  'that asks for rows by throwing': like(createTransfer, {
    needs() {
      throw new Error('poison');
    },
  }),
  'that throws what a lost connection would say': like(createTransfer, {
    needs() {
      throw new Error('connection terminated');
    },
  }),
  'that throws nothing at all': like(createTransfer, {
    needs() {
      throw undefined;
    },
  }),
  'that decides by throwing': like(createTransfer, {
    decide() {
      throw new Error('poison');
    },
  }),
  'that moves an account it has not asked for': withFact((fact) => ({ ...fact, transfers: [pay(99_999)] })),
  'that moves nothing': withFact((fact) => ({ ...fact, transfers: [{ ...pay(1), amount: 0n }] })),
  'whose fact does not fold': withKind({
    evolve() {
      throw new Error('timeout');
    },
  }),
  'whose fact cannot be written': withKind({ codec: torn }),
  'whose fact has a number past int2': withKind({ number: 40_000 }),
  'whose row has a number past int8': writing((row) => {
    row.vipLevel = 2 ** 70;
  }),
  'whose row has a text with a NUL': writing((row) => {
    row.country = 'a\0b';
  }),
  'that the database refuses and that cannot be written': writing((row) => {
    row.country = 'a\0b';
  }, torn),
};

Object.entries(poisons).forEach(([what, poison], i) => {
  test(`a command ${what} fails alone, at once, and its error is logged`, async (t) => {
    const heard: unknown[] = [];
    const hear = (reason: unknown): void => {
      heard.push(reason);
    };
    process.on('unhandledRejection', hear);
    t.onTestFinished(() => {
      process.off('unhandledRejection', hear);
    });
    const batches = [createTransfer, createTransfer, poison, createTransfer, poison, createTransfer];
    const slow = sleep(5000, 'slow', { ref: false });
    const calls = Promise.allSettled(batches.map((command) => journal.run(command, pay(100 + i), options())));
    const outcomes = await Promise.race([calls, slow]);
    assert.ok(Array.isArray(outcomes), 'it is taken for a lost connection');
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      batches.map((command) => (command === poison ? 'rejected' : 'fulfilled')),
    );
    assert.equal(faults.length, 2);
    const [{ balance }] = await runSql(url, 'select balance from account where id = $1', [
      accountId('player', 100 + i, 0),
    ]);
    assert.equal(Number(balance), 4);
    await sleep(10);
    assert.deepEqual(heard, []);
  });
});

test('an answer that throws is an internal error of its call only, and nothing is done twice', async () => {
  const mute = like(createTransfer, {
    answer() {
      throw new Error('poison');
    },
  });
  await Promise.allSettled(
    [createTransfer, mute, createTransfer].map((command) => journal.run(command, pay(200), options())),
  );
  assert.equal((await journal.run(createTransfer, pay(200), options())).data.toBalance, 4n);
  assert.equal(faults.length, 1);
});

test('a log that fails does not do a batch twice', async (t) => {
  const deaf = new Journal(
    {
      databaseUrl: url,
      register,
      assetCode: () => 'A',
      fault() {
        throw new Error('the disk is full');
      },
    },
    1,
  );
  t.onTestFinished(() => deaf.close());
  const poison = like(createTransfer, {
    decide() {
      throw new Error('poison');
    },
  });
  const outcomes = await Promise.allSettled(
    [createTransfer, poison, createTransfer].map((command) => deaf.run(command, pay(201), options())),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal((await deaf.run(createTransfer, pay(201), options())).data.toBalance, 3n);
});

test('one failing call among many costs few batches', async () => {
  const before = journal.stats().batches;
  const poison = poisons['whose fact does not fold']!;
  const calls = Array.from({ length: 500 }, (_, i) =>
    reasonOf(journal.run(i === 250 ? poison : createTransfer, pay(202), options())),
  );
  const outcomes = await Promise.all(calls);
  assert.equal(outcomes.filter((reason) => reason !== undefined).length, 1);
  assert.equal(journal.stats().batches - before, 1);
  const [{ transactions }] = await runSql(
    url,
    'select count(distinct tx) as transactions from journal where aggregate_id = $1',
    [accountId('player', 202, 0)],
  );
  assert.ok(Number(transactions) < 20, `${transactions} transactions`);
});
