import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { bootstrap, bootstrapDemo, Login, type Installation } from '../../src/tenants/index.ts';
import { database, refusalOf, SCOPES } from './fixture.ts';

const TABLES = ['operator', 'brand', 'asset', 'admin', 'api_key', 'journal', 'journal_key'];
const db = database();
const acme: Installation = {
  operator: 'acme',
  brand: { id: 2001, name: 'main' },
  assets: [
    { code: 'WINZ', kind: 'coin' },
    { code: 'EUR', kind: 'currency' },
  ],
  admin: { userName: 'alice', password: 'a long password' },
};

/** All rows of all tables, as text. */
const everything = (): Promise<unknown[]> =>
  Promise.all(TABLES.map((table) => db.run(`select t::text from ${table} t order by 1`)));

const HERE = '127.0.0.1';
const login = (demo: boolean): Login => new Login({ reads: db.reads, demo, tell: () => undefined });

describe('bootstrap', () => {
  test('creates the demo once, however many servers start', async () => {
    const made = await Promise.all([1, 2, 3].map(() => bootstrapDemo(db.orm, SCOPES)));
    assert.deepEqual(
      made.filter(({ length }) => length > 0),
      [
        [
          'operator demo',
          'brand 1001 main',
          'asset WINZ (coin)',
          'asset USD (currency)',
          'asset EUR (currency)',
          'asset TOKEN (ticket)',
          'admin demo',
          'key demo',
          'webhooks by http, private networks allowed',
        ],
      ],
    );
    const before = await everything();
    assert.deepEqual(await bootstrapDemo(db.orm, SCOPES), []);
    assert.deepEqual(await everything(), before);
    assert.deepEqual(await login(true).admin('demo', 'demo', HERE), { operator: 1, adminId: 1, generation: 0 });
  });

  test('creates an installation once, and its admin can log in', async () => {
    assert.equal((await bootstrap(db.orm, acme)).length, 5);
    const before = await everything();
    assert.deepEqual(await bootstrap(db.orm, acme), []);
    assert.deepEqual(await everything(), before);
    const admin = await login(false).admin('alice', 'a long password', HERE);
    assert.ok(admin !== 'root');
    const assets = await db.run('select asset_no, code from asset where operator_id = $1 order by 1', [admin.operator]);
    assert.deepEqual(assets, [
      { asset_no: 0, code: 'WINZ' },
      { asset_no: 1, code: 'EUR' },
    ]);
  });

  test('gives an operator without brands and assets its admin', async () => {
    const admin = { userName: 'nina', password: 'a long password' };
    assert.deepEqual(await bootstrap(db.orm, { operator: 'nova', assets: [], admin }), ['operator nova', 'admin nina']);
    assert.ok((await login(false).admin('nina', admin.password, HERE)) !== 'root');
    assert.deepEqual(await db.run("select from asset join operator using (operator_id) where name = 'nova'"), []);
  });

  test('decides where webhooks may go, and leaves the registered hosts to the operator', async () => {
    const read = () => db.run("select webhook_hosts, webhook_http, webhook_private from operator where name = 'acme'");
    assert.deepEqual(await read(), [{ webhook_hosts: [], webhook_http: false, webhook_private: false }]);
    const webhooks = { hosts: ['a.example.com'], http: true, privateNetworks: false };
    const made = await bootstrap(db.orm, { ...acme, webhooks });
    assert.deepEqual(made, ['webhooks by http, private networks not allowed']);
    const strict = { hosts: ['b.example.com'], http: false, privateNetworks: false };
    await bootstrap(db.orm, acme);
    assert.deepEqual(await read(), [{ webhook_hosts: ['a.example.com'], webhook_http: true, webhook_private: false }]);
    await bootstrap(db.orm, { ...acme, webhooks: strict });
    assert.deepEqual(await read(), [{ webhook_hosts: ['a.example.com'], webhook_http: false, webhook_private: false }]);
  });

  test('adds new parts and does not change existing ones', async () => {
    const made = await bootstrap(db.orm, {
      ...acme,
      brand: { id: 2002, name: 'second' },
      assets: [
        { code: 'GEMS', kind: 'item' },
        { code: 'WINZ', kind: 'item' },
      ],
      admin: { userName: 'alice', password: 'another password' },
    });
    assert.deepEqual(made, ['brand 2002 second', 'asset GEMS (item)']);
    assert.deepEqual(await db.run("select asset_no from asset where code = 'GEMS'"), [{ asset_no: 2 }]);
    await login(false).admin('alice', 'a long password', HERE);
  });

  test('does not take a brand, admin or key of another operator, and then creates nothing', async () => {
    const before = await everything();
    const taken: readonly (readonly [Partial<Installation>, string])[] = [
      [{ brand: { id: 1001, name: 'main' } }, 'brand_id'],
      [{ brand: { id: 5001, name: 'main' } }, 'user_name'],
    ];
    for (const [changes, field] of taken) {
      const late = { ...acme, operator: 'late', ...changes };
      const { reason, details } = await refusalOf(() => bootstrap(db.orm, late));
      assert.deepEqual([reason, details['field']], ['ALREADY_EXISTS', field]);
    }
    assert.deepEqual(await everything(), before);
  });

  test('refuses what cannot be used, and the credentials of the demo', async () => {
    const wrong: readonly (readonly [Partial<Installation>, string])[] = [
      [{ operator: 'two words' }, 'operator'],
      [{ brand: { id: 0, name: 'main' } }, 'brand_id'],
      [{ brand: { id: 2 ** 31, name: 'main' } }, 'brand_id'],
      [{ brand: { id: 1, name: '' } }, 'brand_name'],
      [{ assets: [{ code: 'winz', kind: 'coin' }] }, 'assets'],
      [{ admin: { userName: 'two words', password: 'a long password' } }, 'user_name'],
      [{ admin: { userName: 'demo', password: 'a long password' } }, 'user_name'],
      [{ admin: { userName: 'bob', password: 'short' } }, 'password'],
      [{ key: { secret: 'wf_test_demo', scopes: [], name: 'demo' } }, 'key'],
    ];
    for (const [changes, field] of wrong) {
      const { reason, fields } = await refusalOf(async () => bootstrap(db.orm, { ...acme, ...changes }));
      assert.deepEqual([reason, fields[0]?.field], ['INVALID_ARGUMENT', field]);
    }
  });

  test('an operator has 512 assets at most', async () => {
    const assets = Array.from({ length: 512 }, (_, i) => ({ code: `A${i}`, kind: 'coin' as const }));
    const admin = { userName: 'big', password: 'a long password' };
    const big = { operator: 'big', brand: { id: 7001, name: 'main' }, admin };
    await bootstrap(db.orm, { ...big, assets });
    const more = { ...big, assets: [{ code: 'MORE', kind: 'coin' as const }] };
    const { fields } = await refusalOf(() => bootstrap(db.orm, more));
    assert.equal(fields[0]?.field, 'assets');
  });
});
