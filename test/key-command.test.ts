import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { ConfigError } from '../src/config.ts';
import { KeyRing } from '../src/key-ring.ts';
import { commandSource } from '../src/master-keys.ts';
import { engines } from '../src/engines/index.ts';
import { createOrm } from '../src/db/index.ts';
import { entitiesOf } from '../src/schema.ts';
import { preparedDatabase } from './mark/play.ts';
import { grpcApi } from './support/api.ts';
import { freshDatabase } from './support/database.ts';
import { OpeningLoad } from './support/opening-load.ts';
import { MASTER_KEY, startServer, until, type ServerProcess } from './support/service.ts';
import { runSql } from './support/sql.ts';

const root = mkdtempSync(join(tmpdir(), 'windfall-command-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SECRET = 'ab'.repeat(32);
const script = join(root, 'keys.sh');
const calls = join(root, 'calls');
const command = `echo . >> '${calls}'; sh '${script}'`;
/** Has the command do something else from now on. */
function prints(text: string): void {
  writeFileSync(`${script}.new`, text);
  renameSync(`${script}.new`, script);
}
const ONE = `echo '1 ${MASTER_KEY}'\n`;
const two = (from: Date): string => `${ONE}echo '2 ${SECRET} ${from.toISOString()}'\n`;
/** Resolves when the command was run so many times more. */
async function asked(times: number): Promise<void> {
  const count = (): number => readFileSync(calls, 'utf8').length / 2;
  for (const enough = count() + times; count() < enough; await sleep(20));
}

/** What a command must never do, and what is told of it. */
const FAULTS = {
  fails: [`echo '1 ${SECRET}'; echo ${SECRET} >&2; exit 3`, /has failed, or took longer/],
  hangs: [`echo '1 ${SECRET}'; sleep 1000; exit 0`, /has failed, or took longer/],
  'does not end of itself when told to': [`trap '' TERM; while true; do sleep 1; done`, /has failed, or took longer/],
  'leaves its output to a session of its own': [`setsid sleep 3 & ${ONE}`, /has failed, or took longer/],
  'prints without end': [`yes ${SECRET}`, /has failed, or took longer/],
  'prints nothing': ['exit 0', /holds no key/],
  'prints garbage': [`echo '<html>${SECRET}</html>'`, /line 1 .* holds no key/],
  'prints bytes': ['head -c 5000 /dev/urandom', /holds no key/],
  'lacks a key': [`echo '2 ${SECRET} 2026-01-01T00:00:00Z'`, /master key 1 is missing/],
  'has another key of the same id': [`echo '1 ${SECRET}'`, /master key 1 is another one/],
} as const;

describe('a command that is asked for keys again and again', () => {
  let ring: KeyRing;
  let orm: ReturnType<typeof createOrm>;
  const told: Error[] = [];

  beforeAll(async () => {
    writeFileSync(calls, '');
    prints(ONE);
    orm = createOrm({ databaseUrl: await freshDatabase(), databasePool: 1 }, entitiesOf(engines));
    const source = commandSource(command, { everyMs: 50, limitMs: 500 });
    ring = await KeyRing.open(
      { source, orm, fault: (error) => told.push(error as Error) },
      { number: 1, startedAt: 0 },
    );
  });
  afterAll(async () => {
    await ring.close();
    await orm.close();
  });

  for (const [what, [text, message]] of Object.entries(FAULTS)) {
    test(`and ${what}: the keys stay in use, and it is told once, without a secret`, async () => {
      told.length = 0;
      prints(text);
      await asked(3);
      assert.equal(told.length, 1, told.join());
      assert.ok(told[0] instanceof ConfigError);
      assert.match(told[0].message, message);
      assert.doesNotMatch(`${told[0].stack}`, /abab/);
      assert.deepEqual([ring.seeds.currentId, ring.receiptKeys().length], ['1', 1]);
      assert.equal(ring.sign('x').keyId, '1');
      prints(ONE);
      await asked(2);
      assert.equal(told.length, 1);
    });
  }

  test('leaves no process behind when it hangs', async () => {
    const mark = join(root, 'survivor');
    prints(`(sleep 1; echo alive > '${mark}') & wait`);
    await asked(2);
    prints(ONE);
    await sleep(1300);
    assert.throws(() => readFileSync(mark), { code: 'ENOENT' });
  });

  test('brings a key without a restart, which is used from its time on', async () => {
    const from = Date.now() + 1500;
    prints(two(new Date(from)));
    await until(async () => ring.receiptKeys().length === 2);
    assert.ok(Date.now() < from, 'this machine is too slow for this test');
    assert.equal(ring.seeds.currentId, '1');
    await until(async () => ring.seeds.currentId === '2');
    assert.ok(Date.now() >= from);
    assert.ok(ring.seeds.key('1'));
  });

  test('does not hold a server up that stops', async () => {
    const other = commandSource('sleep 1000; exit 0', { everyMs: 50, limitMs: 60_000 });
    const { read } = commandSource(command, { everyMs: 50 });
    let hangs = false;
    const source = { everyMs: 50, read: (giveUp?: AbortSignal) => (hangs ? other.read(giveUp) : read(giveUp)) };
    const opened = await KeyRing.open({ source, orm, fault: (error) => told.push(error as Error) }, FIRST);
    told.length = 0;
    hangs = true;
    await sleep(200);
    const began = Date.now();
    await opened.close();
    assert.ok(Date.now() - began < 10_000);
    assert.deepEqual(told, []);
  });
});

const FIRST = { number: 1, startedAt: 0 };

test('keys of a command rotate under load: no draw fails, and every proof and receipt verifies', async () => {
  writeFileSync(calls, '');
  prints(ONE);
  const { url, headers } = await preparedDatabase();
  const env = { MASTER_KEY: '', MASTER_KEY_COMMAND: command, MASTER_KEY_COMMAND_SECONDS: '1' };
  const servers: ServerProcess[] = [await startServer(url, env), await startServer(url, env)];
  const load = new OpeningLoad(() => servers, headers);
  try {
    await load.reached(20);
    prints(FAULTS.fails[0]);
    await asked(3);
    await load.more(20);
    prints(two(new Date(Date.now() + 6000)));
    const used = async (): Promise<unknown[]> => runSql(url, "select 1 from seed_stream where key_id = '2' limit 1");
    while ((await used()).length === 0) await load.more(10);
    // Players who came before go on with seeds that were published under the old key.
    await load.more(40);
    await load.end();
    const { call, close } = grpcApi(servers[0]!.address);
    assert.deepEqual(await load.signers(call), ['1', '2']);
    close();
    const olds = await runSql(
      url,
      "select distinct key_id from seed_stream s join player p on s.id = p.id * 64 where p.user_id like 'old%'",
    );
    assert.deepEqual(olds, [{ key_id: '1' }]);
    for (const { log } of servers) {
      assert.equal(log().trim().split('\n').length, 1, log());
      assert.match(log(), /MASTER_KEY_COMMAND has failed/);
      assert.doesNotMatch(log(), /abab/);
    }
  } finally {
    await load.end().catch(() => undefined);
    await Promise.all(servers.map((server) => server.end()));
  }
});
