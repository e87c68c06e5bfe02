import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, test } from 'vitest';
import { beginEpoch } from '../../src/journal/index.ts';
import { MarkKeeper, readMark, writeMark } from '../../src/mark/index.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

const root = mkdtempSync(join(tmpdir(), 'windfall-keeper-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a keeper', () => {
  const faults: unknown[] = [];
  const fatal: Error[] = [];
  const open = (databaseUrl: string, file: string | null, forgiving = false): Promise<MarkKeeper> =>
    MarkKeeper.open({
      databaseUrl,
      file,
      forgiving,
      fault: (error) => faults.push(error),
      fatal: (error) => fatal.push(error),
    });
  const place = (): string => join(mkdtempSync(join(root, 'k-')), 'mark');
  const use = (url: string): Promise<unknown> =>
    runSql(url, "insert into seed_stream (operator_id, id, name) values (1, 64, 'player/x')");

  /** Adds an entry to the journal, as an operation does. */
  async function act(url: string): Promise<void> {
    await runSql(url, "insert into operator (name) select 'demo' where not exists (select from operator)");
    await runSql(
      url,
      'insert into journal (operator_id, operation_id, part, kind, version, aggregate_id, aggregate_sequence, tx, ' +
        'time, caller, request_hash, transfers, fact) select o.operator_id, gen_random_uuid(), 0, 201, 1, 64, 1, ' +
        "pg_current_xact_id(), now(), 'x', '', '{}', '' from operator o",
    );
  }

  test('takes a database without tables, and one that was never used, and writes its mark', async () => {
    for (const url of [await emptyDatabase(), await freshDatabase()]) {
      const file = place();
      const keeper = await open(url, file);
      assert.equal((await readMark(file))!.transaction, 0);
      await keeper.close();
    }
  });

  test('refuses a used database without a mark, in one line that names the command, and writes nothing', async () => {
    const url = await freshDatabase();
    await use(url);
    const file = place();
    for (const forgiving of [false, true]) {
      await assert.rejects(open(url, file, forgiving), (error: Error) => {
        assert.match(error.message, /^the database may repeat seeds: .*npm run epoch -- new$/);
        return true;
      });
    }
    assert.deepEqual(readdirSync(join(file, '..')), []);
  });

  test('writes each second what has happened', async () => {
    const url = await freshDatabase();
    const file = place();
    const keeper = await open(url, file);
    await act(url);
    for (const end = Date.now() + 20_000; Date.now() < end && (await readMark(file))!.transaction === 0;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { transaction, operation } = (await readMark(file))!;
    assert.ok(transaction > 0);
    assert.match(operation, /^\d+\/[0-9a-f-]{36}$/);
    await keeper.close();
  });

  test('keeps new epochs from beginning as long as it is open', async () => {
    const url = await freshDatabase();
    const keeper = await open(url, null);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await assert.rejects(beginEpoch(client), /a server is connected/);
    await keeper.close();
    await beginEpoch(client);
    await client.end();
  });

  test('refuses a database that lost what its mark names, whatever has happened since', async () => {
    const url = await freshDatabase();
    const file = place();
    await act(url);
    await (await open(url, file)).close();
    await use(url);
    await runSql(url, 'delete from journal');
    await assert.rejects(open(url, file), /behind its mark/);
    await act(url);
    await assert.rejects(open(url, file), /behind its mark/);
  });

  test('ends the process if the database turns out to be another one while it is open', async () => {
    const url = await freshDatabase();
    await act(url);
    const keeper = await open(url, null);
    await runSql(url, 'delete from journal');
    for (const end = Date.now() + 20_000; Date.now() < end && fatal.length === 0;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.match(fatal[0]!.message, /behind its mark/);
    await keeper.close();
  });

  test('of two servers with one file, neither takes the mark back', async () => {
    const url = await freshDatabase();
    const file = place();
    const [one, two] = [await open(url, file), await open(url, file)];
    await act(url);
    await one.close();
    const after = (await readMark(file))!;
    assert.ok(after.transaction > 0);
    // The other one may still have an older view; it must not write it.
    const later = { ...after, transaction: after.transaction + 1000 };
    await writeMark(file, later);
    await two.close();
    assert.equal((await readMark(file))!.transaction, later.transaction);
  });

  test('does not write over the mark of another database, and says so', async () => {
    const url = await freshDatabase();
    const file = place();
    const keeper = await open(url, file);
    const other = { ...(await readMark(file))!, database: '1' };
    await writeMark(file, other);
    faults.length = 0;
    await keeper.close();
    assert.match(String(faults[0]), /another database/);
    assert.equal((await readMark(file))!.database, '1');
  });

  test('in development, lets a database that was never used take the place of another one', async () => {
    const file = place();
    await (await open(await freshDatabase(), file)).close();
    const url = await freshDatabase();
    await assert.rejects(open(url, file), /another database/);
    await (await open(url, file, true)).close();
  });

  test('works as a user without special rights', async () => {
    const url = await freshDatabase();
    const role = `plain_${process.pid}`;
    await runSql(url, `create role ${role} login password 'plain' nosuperuser`);
    await runSql(url, `grant select on all tables in schema public to ${role}`);
    const plain = new URL(url);
    [plain.username, plain.password] = [role, 'plain'];
    await (await open(plain.href, place())).close();
    await runSql(url, `drop owned by ${role}`);
    await runSql(url, `drop role ${role}`);
  });
});
