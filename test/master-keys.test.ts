import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';
import { addKey, keyAt, keySource, parseKeys } from '../src/master-keys.ts';
import { Tokens } from '../src/tenants/index.ts';
import { preparedDatabase, runTool } from './mark/play.ts';
import { grpcApi } from './support/api.ts';
import { OpeningLoad } from './support/opening-load.ts';
import { MASTER_KEY, startServer, type ServerProcess } from './support/service.ts';
import { runSql } from './support/sql.ts';

const root = mkdtempSync(join(tmpdir(), 'windfall-keys-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const [A, B] = ['aa'.repeat(32), 'bb'.repeat(32)];

describe('the lines of keys', () => {
  test('may be a single key, which has the id 1', () => {
    assert.deepEqual(parseKeys(`${A}\n`, 'f'), [{ id: '1', key: Buffer.from(A, 'hex'), from: 0 }]);
  });

  test('have ids and times, and the last key whose time has come is used', () => {
    const keys = parseKeys(`1 ${A}\n2 ${B} 2026-01-01T00:00:00Z\n`, 'f');
    const at = Date.parse('2026-01-01T00:00:00Z');
    assert.deepEqual(
      [0, at - 1, at].map((now) => keyAt(keys, now).id),
      ['1', '1', '2'],
    );
  });

  const wrong = {
    '': /holds no key/,
    abc: /line 1 of f holds no key/,
    [`1 ${A}\n${B}`]: /line 2 of f needs an id/,
    [`1 ${A}\n2 ${B}`]: /line 2 of f needs an id, a key, and the time/,
    [`1 ${A}\n1 ${B} 2026-01-01T00:00:00Z`]: /two keys with one id/,
    [`1 ${A} 2026-01-01T00:00:00Z\n2 ${B} 2026-01-01T00:00:00Z`]: /times that do not rise/,
    [`1 ${A}\n2 ${B} 2026-13-01T00:00:00Z`]: /times that do not rise/,
  };
  for (const [text, message] of Object.entries(wrong)) {
    test(`are refused as ${JSON.stringify(text.replaceAll(/[ab]{64}/g, '…'))}, without showing a key`, () => {
      assert.throws(
        () => parseKeys(text, 'f'),
        (error: Error) =>
          error instanceof ConfigError && message.test(error.message) && !/[ab]{64}/.test(error.message),
      );
    });
  }
});

describe('sources of keys', () => {
  test('are a file, a command or one key, and only one of them', async () => {
    const file = join(root, 'source');
    writeFileSync(file, `7 ${A}\n`);
    for (const env of [{ MASTER_KEY_FILE: file }, { MASTER_KEY_COMMAND: `cat '${file}'` }]) {
      assert.deepEqual(
        (await keySource(readConfig(env)).read()).map(({ id }) => id),
        ['7'],
      );
    }
    assert.throws(() => readConfig({ MASTER_KEY: A, MASTER_KEY_FILE: file }), /both set/);
  });

  test('say in one line that a command has failed, and nothing that it has printed', async () => {
    const source = keySource(readConfig({ MASTER_KEY_COMMAND: `echo ${A}; echo ${A} >&2; exit 3` }));
    await assert.rejects(source.read(), (error: Error) => {
      assert.match(error.message, /^MASTER_KEY_COMMAND has failed/);
      assert.doesNotMatch(error.message, /aaaa/);
      return true;
    });
  });

  test('get a further key by rotation, readable only by its owner', async () => {
    const file = join(root, 'rotated');
    const [one, two] = [await addKey(file, 5), await addKey(file, Date.now())];
    assert.deepEqual([one.id, one.from, two.id], ['1', 0, '2']);
    assert.deepEqual(parseKeys(readFileSync(file, 'utf8'), file), [one, two]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    // A clock that was set back: the key is used after the one before it all the same.
    const three = await addKey(file, 7);
    assert.deepEqual([three.id, three.from], ['3', two.from + 1]);
  });
});

test('tokens of the key before are accepted until the last of them is expired', async () => {
  const [old, next] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const { token } = await new Tokens(old).issueAdmin({ operator: 1, adminId: 2, userName: 'a', generation: 0 });
  const tokens = new Tokens(old);
  tokens.use(next, [{ secret: old, untilMs: Date.now() + 60_000 }]);
  assert.equal((await tokens.verify(token)).subject, 'a');
  tokens.use(next, [{ secret: old, untilMs: Date.now() - 1 }]);
  await assert.rejects(new Tokens(next).verify(token) as Promise<unknown>, { reason: 'UNAUTHENTICATED' });
  const later = new Tokens(next);
  later.use(next, [{ secret: old, untilMs: Date.now() - 1 }]);
  await assert.rejects(later.verify(token) as Promise<unknown>, { reason: 'UNAUTHENTICATED' });
});

describe('a database', () => {
  let url: string;
  let headers: Record<string, string>;
  const file = join(root, 'keys');
  const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    MASTER_KEY: '',
    MASTER_KEY_FILE: file,
    DRAIN_MS: '3000',
    ...more,
  });
  beforeAll(async () => {
    ({ url, headers } = await preparedDatabase());
    writeFileSync(file, `${MASTER_KEY}\n`);
  });

  test('refuses another key, and a missing one, in one line', async () => {
    const refusal = (text: string) =>
      startServer(url, { MASTER_KEY: text }).then(
        async (server) => (await server.end(), 'it started'),
        (error: Error) => error.message,
      );
    assert.match(await refusal(A), /master key 1 is not the one that this database was used with/);
    writeFileSync(join(root, 'missing'), `9 ${A}\n`);
    await assert.rejects(
      startServer(url, env({ MASTER_KEY_FILE: join(root, 'missing') })),
      /master key 1 is missing: seeds of this database/,
    );
    assert.deepEqual(await runSql(url, 'select id from master_key'), [{ id: '1' }]);
  });

  test('keys rotate under load: no draw fails while servers restart, and every proof verifies', async () => {
    let servers: ServerProcess[] = [await startServer(url, env()), await startServer(url, env())];
    const load = new OpeningLoad(() => servers, headers);
    await load.reached(20);
    const { code, output } = await runTool('keys', ['rotate', '--in', '4'], env({ DATABASE_URL: url }));
    assert.equal(code, 0, output);
    for (const place of [0, 1]) {
      const before = servers[place]!;
      servers = servers.filter((one) => one !== before);
      await before.end();
      servers = [...servers, await startServer(url, env())];
    }
    const used = async (): Promise<string[]> =>
      (await runSql(url, 'select distinct key_id as id from seed_stream order by 1')).map(({ id }) => id as string);
    while (!(await used()).includes('2')) await load.more(10);
    await load.more(20);
    await load.end();
    const { call, close } = grpcApi(servers[0]!.address);
    assert.deepEqual(await load.signers(call), ['1', '2']);
    close();
    for (const server of servers) {
      assert.doesNotMatch(server.log(), /fault|not configured/);
      await server.end();
    }
    const { code: clean, output: verified } = await runTool('verify', [], env({ DATABASE_URL: url }));
    assert.equal(clean, 0, verified);
    assert.match(verified, /receipts of \d{2,} draws: clean/);
  });
});
