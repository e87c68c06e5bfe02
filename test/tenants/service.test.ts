import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { findOperationByKey, hashKey } from '../../src/journal/index.ts';
import type { Caller } from '../../src/kernel/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { authService } from '../../src/services/auth/service.ts';
import { apiKeyCreated, apiKeyRevoked, Authenticator, Directory, Login, Tokens } from '../../src/tenants/index.ts';
import { register } from '../journal/fixture.ts';
import { database, makeOperator, refusalOf, SCOPES } from './fixture.ts';

type Service = ReturnType<typeof authService>;
const tokens = new Tokens(Buffer.alloc(32, 7));
let service: Service;
let authenticator: Authenticator;

const admin = (operator: number): Caller => ({
  role: 'admin',
  operator,
  brand: null,
  scopes: new Set(),
  userId: null,
  name: 'admin:12',
});
type Context = Parameters<Service['getMe']>[1];
const as = (caller: Caller): Context => ({ caller }) as Context;
const blank = { name: '', scopes: [], brandId: '', idempotencyKey: '', expireTime: undefined };
const create = (request: Partial<Parameters<Service['createApiKey']>[0]>, operator = 1) =>
  service.createApiKey({ ...blank, ...request }, as(admin(operator)));
const factsOf = (keyId: bigint): Promise<any[]> =>
  db.run('select kind, caller, operator_id, fact from journal where aggregate_id = $1 and kind = any($2) order by tx', [
    keyId,
    [apiKeyCreated.number, apiKeyRevoked.number],
  ]);

const db = database(async (opened) => {
  await makeOperator(opened, 'acme', 2001);
  await makeOperator(opened, 'umbrella', 3001);
  const { reads, orm } = opened;
  const tenants = new Directory(reads);
  authenticator = new Authenticator({ reads, directory: tenants, tokens, development: false, demo: false });
  // What the service takes of a platform.
  const parts: Partial<Platform> = {
    orm,
    tenants,
    tokens,
    authenticator,
    login: new Login({ reads, demo: false, tell: () => undefined }),
    mode: 'production',
    scopes: SCOPES,
  };
  service = authService(parts as Platform);
});

test('an admin logs in and is known by the token', async () => {
  const { token, expireTime, operatorId } = await service.loginAdmin(
    { username: 'acme-admin', password: 'acme-password' },
    as(admin(1)),
  );
  assert.equal(operatorId, 'acme');
  assert.ok(expireTime!.getTime() > Date.now() + 3_500_000);
  const me = await service.getMe({}, as(await authenticator.authenticate({ bearer: token })));
  assert.deepEqual(me, {
    role: 'admin',
    operatorId: 'acme',
    brandId: undefined,
    userId: undefined,
    scopes: [],
    name: 'admin:1',
  });
});

test('GetMe returns the caller of a key', async () => {
  const { secret, key } = await create({ scopes: ['read', 'play'], brandId: '2001' });
  const me = await service.getMe({}, as(await authenticator.authenticate({ bearer: secret })));
  assert.deepEqual(me, {
    role: 'service',
    operatorId: 'acme',
    brandId: 'main',
    userId: undefined,
    scopes: ['play', 'read'],
    name: `key:${key!.keyId}`,
  });
});

describe('making a key', () => {
  test('shows its secret, stores its hash, and leaves a fact without either', async () => {
    const { key, secret } = await create({ name: 'shop' });
    assert.match(secret, /^wf_live_[0-9A-Za-z]{43}$/);
    const { name, prefix, brandId, revokeTime } = key!;
    assert.deepEqual([name, prefix, brandId, revokeTime], ['shop', secret.slice(0, 12), undefined, undefined]);
    assert.deepEqual(key!.scopes, ['read', 'play', 'jackpot:contribute', 'players:write']);
    assert.ok(Math.abs(key!.createTime!.getTime() - Date.now()) < 5000);
    const [row] = await db.run('select *, k::text as whole from api_key k where key_id = $1', [key!.keyId]);
    assert.ok(!row.whole.includes(secret.slice(12)));
    const [{ fact, ...rest }, ...more] = await factsOf(key!.keyId);
    assert.deepEqual([rest, more], [{ kind: apiKeyCreated.number, caller: 'admin:12', operator_id: '1' }, []]);
    assert.ok(!fact.includes(Buffer.from(row.secret_hash)) && !fact.includes(Buffer.from(secret.slice(8))));
  });

  test('for a brand of another operator is refused', async () => {
    assert.equal((await create({ brandId: '2001' })).key!.brandId, 'main');
    const { reason, details } = await refusalOf(() => create({ brandId: '3001' }));
    assert.deepEqual([reason, details], ['BRAND_NOT_FOUND', { brand_id: '3001' }]);
  });

  test('with a scope that the contract does not have is refused, and creates none', async () => {
    const { reason, fields } = await refusalOf(() => create({ name: 'odd', scopes: ['read', 'everything'] }));
    assert.deepEqual([reason, fields.map(({ field }) => field)], ['INVALID_ARGUMENT', ['scopes[1]']]);
    assert.deepEqual(await db.run("select 1 from api_key where name = 'odd'"), []);
    assert.deepEqual((await create({ scopes: SCOPES })).key!.scopes, SCOPES, 'the control');
  });

  test('with a used idempotency key names the API key, and creates none', async () => {
    const id = String((await create({ idempotencyKey: 'once' })).key!.keyId);
    const count = async (): Promise<string> => (await db.run('select count(*) from api_key'))[0].count;
    const before = await count();
    for (const again of [{}, { name: 'other' }, { brandId: '3001' }]) {
      const { reason, details } = await refusalOf(() => create({ ...again, idempotencyKey: 'once' }));
      assert.deepEqual([reason, details], ['ALREADY_EXISTS', { field: 'idempotency_key', id }]);
    }
    assert.equal(await count(), before);
    const { key } = await create({ idempotencyKey: 'once' }, 2);
    assert.notEqual(String(key!.keyId), id, 'another operator has keys of its own');
  });

  test('concurrently with one idempotency key creates one key', async () => {
    const twins = { name: 'twins', idempotencyKey: 'race' };
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => create(twins)));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.deepEqual(
      refused.map(({ reason }) => reason.reason),
      Array(7).fill('ALREADY_EXISTS'),
    );
    assert.equal((await db.run("select 1 from api_key where name = 'twins'")).length, 1);
  });

  test('can be found in the journal by its idempotency key', async () => {
    const { key } = await create({ idempotencyKey: 'find me', scopes: ['read'], brandId: '2001' });
    const scope = { operator: 1, brand: 0, operation: 'api-key.create', userId: null };
    const operation = await db.reads((em) => findOperationByKey(em, register, 1, hashKey(scope, 'find me')));
    assert.equal(operation?.facts[0]?.kind.name, 'api-key.created');
    assert.deepEqual(operation.facts[0].data, {
      keyId: key!.keyId,
      scopes: ['read'],
      brandId: 2001n,
      expiresAt: 0n,
    });
  });
});

describe('revoking a key', () => {
  const revoke = (keyId: bigint, operator = 1) => service.revokeApiKey({ keyId }, as(admin(operator)));

  test('takes effect at once, once, with one fact', async () => {
    const { key, secret } = await create({});
    assert.equal((await authenticator.authenticate({ bearer: secret })).name, `key:${key!.keyId}`);
    const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => revoke(key!.keyId)));
    const { reason } = await refusalOf(() => authenticator.authenticate({ bearer: secret }));
    assert.equal(reason, 'UNAUTHENTICATED');
    assert.ok(Math.abs(first!.key!.revokeTime!.getTime() - Date.now()) < 5000);
    assert.deepEqual((await revoke(key!.keyId)).key, first!.key);
    for (const other of others) assert.deepEqual(other, first);
    assert.deepEqual(
      (await factsOf(key!.keyId)).map(({ kind }) => kind),
      [apiKeyCreated.number, apiKeyRevoked.number],
    );
  });

  test('of another operator is not possible', async () => {
    const { key, secret } = await create({});
    const { reason, details } = await refusalOf(() => revoke(key!.keyId, 2));
    assert.deepEqual([reason, details], ['API_KEY_NOT_FOUND', { key_id: String(key!.keyId) }]);
    assert.equal((await authenticator.authenticate({ bearer: secret })).operator, 1);
    assert.equal((await refusalOf(() => revoke(9_007_199_254_740_991n))).reason, 'API_KEY_NOT_FOUND');
  });
});

test("keys are listed newest first, in pages, without gaps or repeats, each operator's own", async () => {
  const list = (pageSize: number, pageToken: string, operator = 2) =>
    service.listApiKeys({ pageSize, pageToken }, as(admin(operator)));
  await create({ name: 'of another operator' });
  for (let i = 0; i < 5; i++) await create({ name: `page ${i}` }, 2);
  const { keys } = await list(0, '');
  assert.deepEqual(
    keys.slice(0, 5).map(({ name }) => name),
    [4, 3, 2, 1, 0].map((i) => `page ${i}`),
  );
  assert.ok(!keys.some(({ name }) => name === 'of another operator'));
  const all = keys.map(({ keyId }) => keyId);
  assert.deepEqual(
    all,
    [...all].sort((a, b) => Number(b - a)),
  );
  for (const size of [1, 2, all.length - 1, all.length, all.length + 1]) {
    const found: bigint[] = [];
    let token = '';
    do {
      const page = await list(size, token);
      assert.ok(page.keys.length <= size && page.keys.length > 0);
      found.push(...page.keys.map(({ keyId }) => keyId));
      token = page.nextPageToken;
    } while (token !== '');
    assert.deepEqual(found, all, `in pages of ${size}`);
  }
  const { nextPageToken } = await list(1, '');
  const { fields } = await refusalOf(() => list(1, nextPageToken, 1));
  assert.equal(fields[0]?.field, 'page_token', 'a token is good for one operator');
});
