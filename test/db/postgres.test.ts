import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import {
  assertAnswers,
  commandOf,
  DatabaseError,
  freePort,
  postgresUrl,
  startPostgres,
  until,
  type Postgres,
} from '../../src/db/index.ts';
import { runSql } from '../support/sql.ts';

const HOLDER = join(import.meta.dirname, '../support/postgres-holder.ts');

describe('the embedded PostgreSQL', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'windfall-postgres-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (): Promise<Postgres> => startPostgres({ folder });

  test('keeps its data over a restart', async () => {
    const first = await start();
    await runSql(first.url, 'create table kept (n int)');
    await runSql(first.url, 'insert into kept values (7)');
    assert.equal(await postgresUrl(folder), first.url);
    await first.stop();
    assert.equal(await postgresUrl(folder), null);
    const second = await start();
    assert.equal(second.url, first.url);
    assert.deepEqual(await runSql(second.url, 'select n from kept'), [{ n: 7 }]);
    await second.stop();
  });

  test('is durable and listens only on this machine', async () => {
    const postgres = await start();
    const names = ['data_checksums', 'fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit'];
    const query = 'select setting from pg_settings where name = any($1) order by name';
    const rows = await runSql(postgres.url, query, [names]);
    assert.deepEqual(
      rows.map(({ setting }) => setting),
      ['on', 'on', 'on', '127.0.0.1', 'on'],
    );
    await postgres.stop();
  });

  test('hides its password from others', () => {
    assert.equal(statSync(join(folder, 'windfall.json')).mode & 0o077, 0);
  });

  test('takes another port when its own is in use', async () => {
    const { port } = JSON.parse(readFileSync(join(folder, 'windfall.json'), 'utf8')) as { port: number };
    const server = createServer().listen(port, '127.0.0.1');
    const postgres = await start();
    assert.notEqual(new URL(postgres.url).port, String(port));
    await postgres.stop();
    server.close();
  });

  test('starts after it was killed itself', async () => {
    const postgres = await start();
    process.kill(postgres.pid, 'SIGKILL');
    await postgres.ended;
    await (await start()).stop();
  });

  test('starts where a killed process has left it running, and not beside one that runs', async () => {
    const holder = fork(HOLDER, [folder]);
    const [pid] = (await once(holder, 'message')) as [number];
    await assert.rejects(
      start(),
      (error) => error instanceof DatabaseError && error.message.includes(`in use by process ${holder.pid}`),
    );
    holder.kill('SIGKILL');
    await until(() => commandOf(holder.pid!) === null, 5000);
    assert.notEqual(commandOf(pid), null);
    await (await start()).stop();
    assert.equal(commandOf(pid), null);
  });

  test('starts when the number in postmaster.pid belongs to another program', async () => {
    writeFileSync(join(folder, 'cluster/postmaster.pid'), `${process.pid}\n`);
    await (await start()).stop();
  });

  test('says in one line why it does not start', async () => {
    const broken = startPostgres({ folder, settings: ['no_such_setting=1'] });
    await assert.rejects(
      broken,
      (error) =>
        error instanceof DatabaseError && error.message.includes('no_such_setting') && !error.message.includes('\n'),
    );
  });
});

describe('a database that is given', () => {
  test('and does not respond, is reported without its password', async () => {
    const port = await freePort();
    await assert.rejects(
      assertAnswers(`postgresql://me:secret@127.0.0.1:${port}/windfall`),
      (error) =>
        error instanceof DatabaseError &&
        error.message.includes(`127.0.0.1:${port} does not answer`) &&
        !error.message.includes('secret') &&
        !error.message.includes('\n'),
    );
  });
});
