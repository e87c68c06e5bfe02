import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';
import { deriveKey, keySource, type MasterKey } from '../src/master-keys.ts';

const KEY = 'ab'.repeat(32);
const URL = 'postgresql://me:secret@db:5432/windfall';

describe('settings', () => {
  test('have the documented values if nothing is set', () => {
    const { mode, demo, host, httpPort, grpcPort, metricsPort, databaseUrl } = readConfig({});
    assert.deepEqual([mode, demo, host, databaseUrl], ['development', true, '127.0.0.1', null]);
    assert.deepEqual([httpPort, grpcPort, metricsPort], [8080, 50_051, 9464]);
  });

  test('name the chain of drand and its servers', () => {
    const { urls, chain } = readConfig({}).beacon;
    assert.deepEqual([urls.length, chain.period, chain.genesisTime], [4, 3, 1_692_803_367]);
    const [hash, publicKey] = [KEY, 'cd'.repeat(96)];
    const own = { BEACON_URLS: 'http://127.0.0.1:1,https://x.y/z', BEACON_CHAIN: `${hash},${publicKey},5,30` };
    assert.deepEqual(readConfig(own).beacon, {
      urls: ['http://127.0.0.1:1', 'https://x.y/z'],
      chain: { hash, publicKey, genesisTime: 5, period: 30 },
    });
  });

  test('are all in the table of variables', () => {
    const text = readFileSync(join(import.meta.dirname, '../src/config.ts'), 'utf8');
    const table = [...text.matchAll(/^ \* \| ([A-Z][A-Z0-9_]+) /gm)].map(([, variable]) => variable!);
    const read = [...text.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, variable]) => variable!);
    // Those of Envoy are read where one is looked for.
    assert.deepEqual(table.filter((variable) => !variable.startsWith('ENVOY_')).sort(), read.sort());
  });

  const wrong: [Record<string, string>, RegExp][] = [
    [{ HTTP_PORT: 'http' }, /^HTTP_PORT is "http": give a whole number from 0 to 65535$/],
    [{ GRPC_PORT: '65536' }, /^GRPC_PORT /],
    [{ METRICS_PORT: '-1' }, /^METRICS_PORT /],
    [{ LANES: '0' }, /^LANES /],
    [{ DATABASE_POOL: '1.5' }, /^DATABASE_POOL /],
    [{ DRAIN_MS: '1e9' }, /^DRAIN_MS /],
    [{ RATE_LIMIT: '0' }, /^RATE_LIMIT /],
    [{ HOST: 'example.com' }, /^HOST is "example.com": give an IP address$/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud": give one of info, /],
    [{ WINDFALL_MODE: 'test' }, /^WINDFALL_MODE is "test": give one of development, production$/],
    [{ DATABASE_URL: 'mysql://me:secret@db/x' }, /^DATABASE_URL cannot be used: give a URL/],
    [{ MIGRATION_URL: 'mysql://me:secret@db/x' }, /^MIGRATION_URL cannot be used: give a URL/],
    [{ MIGRATION_URL: URL }, /^DATABASE_URL is unset: MIGRATION_URL needs it$/],
    [{ MASTER_KEY: 'secret' }, /^MASTER_KEY cannot be used: give 64 hexadecimal digits/],
    [{ ROOT_PASSWORD: 'a secret of 15!' }, /^ROOT_PASSWORD cannot be used: give 16 to 256 characters$/],
    [{ TLS_CERT: 'cert.pem' }, /^TLS_KEY is unset/],
    [{ TLS_CERT: '/none', TLS_KEY: '/none' }, /^TLS_CERT is "\/none": there is no file/],
    [{ TLS_CLIENT_CA: 'ca.pem' }, /^TLS_CERT is unset: TLS_CLIENT_CA needs it$/],
    [{ METRICS_HOST: 'all' }, /^METRICS_HOST /],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, /^TRUSTED_PROXIES is "10.0.0.0\/33": give addresses or networks/],
    [{ TRUSTED_PROXIES: '10.0.0.1,proxy' }, /^TRUSTED_PROXIES /],
    [{ HOST: '0.0.0.0', MASTER_KEY: KEY }, /^HOST is 0.0.0.0, without TLS: set TLS_CERT and TLS_KEY, or ALLOW_/],
    [{ HOST: '::', MASTER_KEY: KEY }, /^HOST is ::, without TLS: /],
    [{ HOST: '::', MASTER_KEY: KEY, ALLOW_PLAINTEXT: 'no' }, /^ALLOW_PLAINTEXT is "no": give one of yes$/],
    [{ BEACON_URLS: 'api.drand.sh' }, /^BEACON_URLS is "api.drand.sh": give URLs/],
    [{ BEACON_URLS: 'https://api.drand.sh,' }, /^BEACON_URLS /],
    [{ BEACON_CHAIN: 'quicknet' }, /^BEACON_CHAIN is "quicknet": give hash,public key/],
    [{ HOST: '0.0.0.0' }, /^MASTER_KEY is unset: outside development/],
    [{ DATABASE_URL: URL }, /^MASTER_KEY is unset: outside development/],
    [{ WINDFALL_MODE: 'production' }, /^MASTER_KEY is unset: outside development/],
  ];
  for (const [env, message] of wrong) {
    test(`${JSON.stringify(env)} is refused in one line that names the variable`, () => {
      assert.throws(
        () => readConfig(env),
        (error) => error instanceof ConfigError && message.test(error.message) && !/\n|secret/.test(error.message),
      );
    });
  }

  test('say which proxies are trusted, and where metrics are', () => {
    const { trustedProxies, metricsHost, tls } = readConfig({
      TRUSTED_PROXIES: '10.0.0.0/8,::1',
      METRICS_HOST: '10.0.0.1',
    });
    assert.deepEqual([trustedProxies, metricsHost, tls], [['10.0.0.0/8', '::1'], '10.0.0.1', null]);
    assert.equal(readConfig({}).metricsHost, '127.0.0.1');
  });

  test('let the demo credentials work only on this machine', () => {
    const demo = (env: Record<string, string>): boolean => readConfig({ MASTER_KEY: KEY, ...env }).demo;
    assert.equal(demo({}), true);
    assert.equal(demo({ DATABASE_URL: URL }), false);
    assert.equal(demo({ DATABASE_URL: URL, WINDFALL_MODE: 'development' }), true);
    const open = { HOST: '0.0.0.0', ALLOW_PLAINTEXT: 'yes' };
    assert.equal(demo({ ...open, WINDFALL_MODE: 'development' }), false);
    assert.equal(demo({ WINDFALL_MODE: 'production' }), false);
  });
});

describe('the master key', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'windfall-key-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('is the one that is set', async () => {
    const [{ id, key }] = (await keySource(readConfig({ MASTER_KEY: KEY, DATA_DIR: folder })).read()) as [MasterKey];
    assert.deepEqual([id, key.toString('hex')], ['1', KEY]);
  });

  test('is created once in development, readable only by its owner', async () => {
    const config = readConfig({ DATA_DIR: join(folder, 'data') });
    const made = await keySource(config).read();
    assert.equal(made[0]!.key.length, 32);
    assert.deepEqual(await keySource(config).read(), made);
    assert.equal(statSync(join(folder, 'data/master.key')).mode & 0o777, 0o600);
  });

  test('is not guessed where its file is damaged', async () => {
    const config = readConfig({ DATA_DIR: folder });
    writeFileSync(join(folder, 'master.key'), 'abc');
    await assert.rejects(keySource(config).read(), ConfigError);
  });

  test('derives a different key for each purpose', () => {
    const key = Buffer.from(KEY, 'hex');
    assert.deepEqual(deriveKey(key, 'auth'), deriveKey(key, 'auth'));
    assert.notDeepEqual(deriveKey(key, 'auth'), deriveKey(key, 'fairness'));
  });
});
