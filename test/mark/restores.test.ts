import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { readMark } from '../../src/mark/index.ts';
import { grpcApi } from '../support/api.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { startOwnCluster, type OwnCluster } from '../support/own-cluster.ts';
import { MASTER_KEY, startServer } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { open, prepare, preparedDatabase, runTool, type Opened } from './play.ts';

const root = mkdtempSync(join(tmpdir(), 'windfall-restores-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const production = (url: string, mark: string) => ({
  DATABASE_URL: url,
  WINDFALL_MODE: 'production',
  MASTER_KEY,
  MARK_FILE: mark,
  DRAIN_MS: '0',
});

/** Starts a server in production, opens boxes one after another, and stops it. */
async function play(url: string, mark: string, headers: Record<string, string>, count: number): Promise<Opened[]> {
  const server = await startServer(url, production(url, mark));
  const { call, close } = grpcApi(server.address);
  const opened: Opened[] = [];
  for (let i = 0; i < count; i++) opened.push(await open(call, headers, 'p0'));
  close();
  await server.end();
  return opened;
}

const seedsOf = (opened: readonly Opened[]): string[] => opened.map(({ server_seed: seed }) => seed);

function assertNoneTwice(seeds: readonly string[]): void {
  assert.equal(new Set(seeds).size, seeds.length, 'a seed was used twice');
}

describe('a cluster whose files are put back', () => {
  let cluster: OwnCluster;
  let headers: Record<string, string>;
  const mark = join(root, 'cluster.mark');
  const kept = join(root, 'kept');
  beforeAll(async () => {
    cluster = await startOwnCluster();
    headers = await prepare(cluster.url);
    // The demo has published seeds without a mark.
    const { code, output } = await runTool('epoch', ['new'], production(cluster.url, mark));
    assert.equal(code, 0, output);
  });
  afterAll(() => cluster.remove());

  test('is refused in one line without a change; with a new epoch it plays on, and repeats no seed', async () => {
    const before = await play(cluster.url, mark, headers, 3);
    await cluster.halt('fast');
    execFileSync('cp', ['-a', join(cluster.folder, 'cluster'), kept]);
    await cluster.start();
    const lost = await play(cluster.url, mark, headers, 5);

    await cluster.halt('fast');
    rmSync(join(cluster.folder, 'cluster'), { recursive: true });
    execFileSync('cp', ['-a', kept, join(cluster.folder, 'cluster')]);
    await cluster.start();
    const count = async (): Promise<number> => (await runSql(cluster.url, 'select count(*)::int n from journal'))[0].n;
    const facts = await count();
    const text = readFileSync(mark, 'utf8');
    await assert.rejects(startServer(cluster.url, production(cluster.url, mark)), (error: Error) => {
      const lines = error.message.replace('the server did not start: ', '').trim().split('\n');
      assert.equal(lines.length, 1, error.message);
      const { msg } = JSON.parse(lines[0]!) as { msg: string };
      assert.match(msg, /may repeat seeds: it is behind its mark.*npm run epoch -- new$/);
      return true;
    });
    assert.equal(await count(), facts);
    assert.equal(readFileSync(mark, 'utf8'), text);

    const { code, output } = await runTool('epoch', ['new'], production(cluster.url, mark));
    assert.equal(code, 0, output);
    const after = await play(cluster.url, mark, headers, 8);
    assertNoneTwice(seedsOf([...before, ...lost, ...after]));
    // What the lost draws had promised is not used either.
    const revealed = new Set(seedsOf(lost));
    assert.ok(after.every(({ server_seed: seed }) => !revealed.has(seed)));
  });
});

describe('npm run backup and npm run restore', () => {
  let source: string;
  let headers: Record<string, string>;
  const backup = join(root, 'backup');
  const mark = join(root, 'source.mark');
  const opened: Opened[] = [];
  beforeAll(async () => {
    ({ url: source, headers } = await preparedDatabase());
    await runTool('epoch', ['new'], production(source, mark));
  });

  test('take one moment under load, with the pending tasks, and verify it', async () => {
    const server = await startServer(source, production(source, mark));
    const { call, close } = grpcApi(server.address);
    let stopped = false;
    const load = async (player: string): Promise<void> => {
      while (!stopped) opened.push(await open(call, headers, player));
    };
    const loading = Array.from({ length: 8 }, (_, i) => load(`p${i}`));
    const { code, output } = await runTool('backup', [backup], production(source, mark));
    stopped = true;
    await Promise.all(loading);
    close();
    await server.end();
    assert.equal(code, 0, output);
    assert.match(output, /tasks, as of .*\n.*: clean\n.*: clean$/);
    assert.ok(opened.length > 20);
    assert.ok(!existsSync(`${backup}.partial`));
    assert.equal((await runTool('backup', [backup], production(source, mark))).code, 1, 'it was written over');
  });

  test('a database that is restored twice plays on with other seeds each time, and keeps its tasks', async () => {
    const seeds = seedsOf(opened);
    const epochs: number[] = [];
    const tasks = 'select key, run_at::text from graphile_worker.jobs order by key';
    for (const name of ['one', 'two']) {
      const [url, own] = [await emptyDatabase(), join(root, `${name}.mark`)];
      const { code, output } = await runTool('restore', [backup], production(url, own));
      assert.equal(code, 0, output);
      assert.match(output, /epoch \d+ has begun\.\n.*: clean\n.*: clean$/);
      epochs.push((await readMark(own))!.epoch);
      assert.deepEqual(await runSql(url, tasks), await runSql(source, tasks));
      assert.ok((await runSql(url, tasks)).length > 0);
      seeds.push(...seedsOf(await play(url, own, headers, 5)));
      const { code: clean, output: verified } = await runTool('verify', [], production(url, own));
      assert.equal(clean, 0, verified);
    }
    assertNoneTwice(seeds);
    assert.equal(new Set(epochs).size, 2);
  });

  test('refuse a database that is not empty, and a backup that is damaged, and write nothing', async () => {
    const full = await freshDatabase();
    const refused = await runTool('restore', [backup], production(full, join(root, 'full.mark')));
    assert.deepEqual([refused.code, refused.output.split('\n').length], [1, 1]);
    assert.match(refused.output, /^Nothing was restored: the database is not empty/);

    const empty = await emptyDatabase();
    const restore = () => runTool('restore', [backup], production(empty, join(root, 'empty.mark')));
    for (const file of readdirSync(backup)) {
      const path = join(backup, file);
      const bytes = readFileSync(path);
      const damaged = Buffer.from(bytes);
      damaged[bytes.length >> 1]! ^= 1;
      if (!['journal.copy.gz', '_tasks.copy.gz', 'operator.copy.gz'].includes(file)) continue;
      writeFileSync(path, damaged);
      const { code, output } = await restore();
      assert.deepEqual([code, output.endsWith('is damaged')], [1, true], `${file}: ${output}`);
      writeFileSync(path, bytes);
    }
    assert.deepEqual(await runSql(empty, "select 1 from pg_class where relnamespace = 'public'::regnamespace"), []);
    assert.ok(!existsSync(join(root, 'empty.mark')));
  });
});
