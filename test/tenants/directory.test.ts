import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { createReads } from '../../src/db/index.ts';
import type { Caller } from '../../src/kernel/index.ts';
import { Directory } from '../../src/tenants/index.ts';
import { Tenant } from '../../src/tenants/directory.ts';
import { database, makeOperator, refusalOf } from './fixture.ts';

const callerOf = (brand: number | null): Caller => ({
  role: 'service',
  operator: 1,
  brand,
  scopes: new Set(),
  userId: null,
  name: 'key:1',
});
const tenantOf = (...brandIds: number[]): Tenant =>
  new Tenant({
    operator: 1,
    name: 'acme',
    createPlayers: true,
    brands: brandIds.map((brandId) => ({ brandId, name: `brand-${brandId}` })),
    assets: [],
  });

describe('the brand of a request', () => {
  test("is the credential's where none is named, else the operator's only one", () => {
    assert.equal(tenantOf(1, 2).brand(callerOf(2), ''), 2);
    assert.equal(tenantOf(1).brand(callerOf(null), ''), 1);
  });

  test('must be named where there are several, or none', async () => {
    for (const tenant of [tenantOf(1, 2), tenantOf()]) {
      const { reason, fields } = await refusalOf(() => tenant.brand(callerOf(null), ''));
      assert.deepEqual([reason, fields[0]?.field], ['INVALID_ARGUMENT', 'brand_id']);
    }
  });

  test("may be named where it is the operator's and the credential's", async () => {
    assert.equal(tenantOf(1, 2).brand(callerOf(null), '2'), 2);
    assert.equal(tenantOf(1, 2).brand(callerOf(null), 'brand-2'), 2);
    assert.equal(tenantOf(1, 2).brand(callerOf(2), '2'), 2);
    for (const [caller, brandId] of [
      [callerOf(null), '3'],
      [callerOf(2), '1'],
      [callerOf(2), 'brand-1'],
      [callerOf(3), '3'],
      [callerOf(null), 'brand'],
      [callerOf(null), '01'],
    ] as const) {
      const { reason, details } = await refusalOf(() => tenantOf(1, 2).brand(caller, brandId));
      assert.deepEqual([reason, details], ['BRAND_NOT_FOUND', { brand_id: brandId }]);
    }
  });
});

describe('what is disabled', () => {
  const tenant = (enabled: boolean): Tenant =>
    new Tenant({
      operator: 1,
      name: 'acme',
      enabled,
      createPlayers: true,
      brands: [
        { brandId: 1, name: 'one' },
        { brandId: 2, name: 'two', enabled: false },
      ],
      assets: [],
    });
  const roles = ['service', 'player', 'anonymous'] as const;

  test('is no brand for anybody but admins', async () => {
    for (const role of roles) {
      const { reason, details } = await refusalOf(() => tenant(true).brand({ ...callerOf(null), role }, '2'));
      assert.deepEqual([reason, details], ['BRAND_DISABLED', { brand_id: 'two' }]);
      assert.equal(tenant(true).brand({ ...callerOf(null), role }, '1'), 1);
    }
    assert.equal(tenant(true).brand({ ...callerOf(null), role: 'admin' }, '2'), 2);
  });

  test('is the operator with all its brands', async () => {
    for (const role of roles) {
      const { reason, details } = await refusalOf(() => tenant(false).brand({ ...callerOf(null), role }, '1'));
      assert.deepEqual([reason, details], ['OPERATOR_DISABLED', { operator_id: 'acme' }]);
    }
    assert.equal((await refusalOf(() => tenant(false).requireServed())).reason, 'OPERATOR_DISABLED');
    tenant(true).requireServed();
  });
});

describe('the directory', () => {
  const db = database(async (opened) => {
    await makeOperator(opened, 'acme', 2001);
    await makeOperator(opened, 'umbrella', 3001);
  });

  test("knows operators, brands and assets, each operator's own", async () => {
    const directory = new Directory(db.reads);
    const [acme, umbrella] = [await directory.numberOf('acme'), await directory.numberOf('umbrella')];
    assert.notEqual(acme, umbrella);
    const tenant = await directory.of(acme);
    assert.deepEqual([tenant.operator, tenant.name, tenant.createPlayers], [acme, 'acme', true]);
    assert.equal(tenant.assetCode(tenant.assetNo('EUR')), 'EUR');
    assert.equal(tenant.brand(callerOf(null), ''), 2001);
    assert.equal((await directory.of(umbrella)).brand(callerOf(null), ''), 3001);
    const { reason, details } = await refusalOf(() => tenant.assetNo('GEMS'));
    assert.deepEqual([reason, details], ['ASSET_NOT_FOUND', { asset: 'GEMS' }]);
    assert.equal(tenant.assetCode(77), '#77');
  });

  test('needs no promise for what it has just read', async () => {
    const directory = new Directory(db.reads);
    assert.ok(directory.of(1) instanceof Promise);
    assert.ok(directory.numberOf('acme') instanceof Promise);
    const tenant = await directory.of(1);
    await directory.numberOf('acme');
    const before = db.counts.reads;
    assert.equal(directory.of(1), tenant);
    assert.equal(directory.numberOf('acme'), 1);
    assert.equal(db.counts.reads, before);
  });

  test('returns the code of an asset without a read', async () => {
    const directory = new Directory(db.reads);
    assert.equal(directory.assetCode(1, 0), '#0');
    await directory.of(1);
    assert.equal(directory.assetCode(1, 0), 'WINZ');
  });

  test('rejects unknown operators, and looks a made-up name up once a second', async () => {
    const directory = new Directory(db.reads);
    assert.equal((await refusalOf(() => directory.of(99))).reason, 'OPERATOR_NOT_FOUND');
    assert.equal((await refusalOf(() => directory.numberOf('nobody'))).reason, 'OPERATOR_NOT_FOUND');
    const before = db.counts.reads;
    for (let i = 0; i < 50; i++) await refusalOf(() => directory.numberOf('nobody'));
    for (const odd of ['', 'a b', 'x'.repeat(65), 'a\u0000']) await refusalOf(() => directory.numberOf(odd));
    assert.equal(db.counts.reads, before);
  });

  test('sees a new asset, brand and operator within a second', async () => {
    const directory = new Directory(db.reads);
    const old = await directory.of(1);
    await refusalOf(() => directory.numberOf('newcomer'));
    await db.run("insert into asset (operator_id, asset_no, code, kind) values (1, 5, 'GEMS', 'item')");
    await db.run("insert into brand (operator_id, brand_id, name) values (1, 2002, 'second')");
    await db.run("insert into operator (name, create_players) values ('newcomer', false)");
    assert.equal(directory.of(1), old);
    await sleep(1010);
    const tenant = await directory.of(1);
    assert.equal(tenant.assetNo('GEMS'), 5);
    assert.equal(tenant.brand(callerOf(null), 'second'), 2002);
    assert.equal((await directory.of(await directory.numberOf('newcomer'))).createPlayers, false);
  });
});

describe('while the database does not answer', () => {
  const db = database((opened) => makeOperator(opened, 'acme', 2001));

  /** A directory whose first tries to read fail. */
  const failing = (tries: number, error: Error): { directory: Directory; tried: () => number } => {
    let count = 0;
    const fork = (): unknown => (++count > tries ? db.orm.em.fork() : { find: () => Promise.reject(error) });
    const directory = new Directory(createReads({ em: { fork } } as typeof db.orm));
    return { directory, tried: () => count };
  };

  test('reads are tried again', async () => {
    const outages = [
      Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      Object.assign(new Error('the database system is starting up'), { code: '57P03' }),
      new Error('Connection terminated unexpectedly'),
    ];
    for (const outage of outages) {
      const { directory, tried } = failing(2, outage);
      assert.equal(await directory.numberOf('acme'), 1);
      assert.equal(tried(), 3);
    }
  });

  test('an internal error is thrown at once', async () => {
    const { directory, tried } = failing(9, Object.assign(new Error('no such table'), { code: '42P01' }));
    await assert.rejects(async () => directory.numberOf('acme'), /no such table/);
    assert.equal(tried(), 1);
  });
});
