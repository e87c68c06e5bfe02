import assert from 'node:assert/strict';
import { test, vi } from 'vitest';
import type { Caller } from '../../src/kernel/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { adminService } from '../../src/services/auth/admin-service.ts';
import { authService } from '../../src/services/auth/service.ts';
import { adminChanged, apiKeyCreated, Authenticator, Directory, Login, Tokens } from '../../src/tenants/index.ts';
import { until } from '../support/service.ts';
import { database, makeOperator, refusalOf, SCOPES } from './fixture.ts';

const tokens = new Tokens(Buffer.alloc(32, 7));
const PASSWORD = 'correct horse';
type Service = ReturnType<typeof adminService>;
type Context = Parameters<Service['listAdmins']>[1];
let service: Service;
let auth: ReturnType<typeof authService>;
let authenticator: Authenticator;
let other: Authenticator;

const db = database(async (opened) => {
  await makeOperator(opened, 'acme', 2001);
  await makeOperator(opened, 'umbrella', 3001);
  const { reads, orm } = opened;
  const directory = new Directory(reads);
  const host = { reads, directory, tokens, development: false, demo: false };
  [authenticator, other] = [new Authenticator(host), new Authenticator(host)];
  const login = new Login({ reads, demo: false, tell: () => undefined });
  // What the services take of a platform.
  const parts: Partial<Platform> = { orm, reads, tenants: directory, tokens, authenticator, login, mode: 'production' };
  service = adminService(parts as Platform);
  auth = authService({ ...parts, scopes: SCOPES } as Platform);
});

const as = (caller: Caller, address = '192.0.2.1'): Context => ({ caller, address }) as Context;
const callerOf = (operator: number, adminId: number, generation = 0): Caller => ({
  generation,
  role: 'admin',
  operator,
  brand: null,
  scopes: new Set(),
  userId: null,
  name: `admin:${adminId}`,
});
const acme = as(callerOf(1, 1));
const umbrella = as(callerOf(2, 2));
const create = async (username: string, context = acme): Promise<bigint> =>
  (await service.createAdmin({ username, password: PASSWORD }, context)).admin!.adminId;
const logIn = async (username: string, password = PASSWORD): Promise<string> =>
  (await auth.loginAdmin({ username, password }, as(callerOf(0, 0), `of ${username}`))).token;
const proves = async (bearer: string, by = authenticator): Promise<string> => {
  try {
    return (await by.authenticate({ bearer })).name;
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};
const changesOf = async (adminId: bigint): Promise<unknown[]> => {
  const text = 'select caller, operator_id, fact from journal where aggregate_id = $1 and kind = $2 order by tx';
  const rows = await db.run(text, [adminId, adminChanged.number]);
  return rows.map(({ caller, operator_id: operator, fact }) => {
    const { adminId: changed, change } = adminChanged.codec.decode(fact);
    return [caller, operator, changed, change];
  });
};

test('a password that was changed makes all tokens from before useless, and the old password', async () => {
  const id = await create('carol');
  const [first, second] = [await logIn('carol'), await logIn('carol')];
  const me = as(callerOf(1, Number(id)));
  const wrong = { oldPassword: 'wrong', newPassword: 'battery staple' };
  assert.equal((await refusalOf(() => service.changePassword(wrong, me))).reason, 'UNAUTHENTICATED');
  assert.equal(await proves(first), `admin:${id}`);
  const change = { oldPassword: PASSWORD, newPassword: 'battery staple' };
  const { token } = await service.changePassword(change, me);
  assert.deepEqual(
    [await proves(first), await proves(second), await proves(token)],
    ['UNAUTHENTICATED', 'UNAUTHENTICATED', `admin:${id}`],
  );
  assert.equal((await refusalOf(() => logIn('carol'))).reason, 'UNAUTHENTICATED');
  assert.equal(await proves(await logIn('carol', 'battery staple')), `admin:${id}`);
  assert.deepEqual(await changesOf(id), [
    ['admin:1', '1', id, 1],
    [`admin:${id}`, '1', id, 2],
  ]);
});

test('revoked tokens prove nothing: at once here, within 5 seconds on other servers', async (t) => {
  let now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  t.onTestFinished(() => clock.mockRestore());
  const id = await create('dave');
  const token = await logIn('dave');
  for (const each of [authenticator, other]) assert.equal(await proves(token, each), `admin:${id}`);
  await service.revokeAdminTokens({ adminId: id }, acme);
  assert.equal(await proves(token), 'UNAUTHENTICATED');
  now += 4999;
  assert.equal(await proves(token, other), `admin:${id}`, 'it is remembered');
  now += 1;
  assert.equal(await proves(token, other), 'UNAUTHENTICATED');
  assert.equal(await proves(await logIn('dave')), `admin:${id}`);
});

test('of two who change a password at once one does: the token of the other is revoked by that', async () => {
  const id = Number(await create('judy'));
  const change = (newPassword: string) =>
    service.changePassword({ oldPassword: PASSWORD, newPassword }, as(callerOf(1, id)));
  const outcomes = await Promise.allSettled([change('battery staple'), change('stolen staple')]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const [won, lost] =
    outcomes[0].status === 'fulfilled' ? ['battery staple', 'stolen staple'] : ['stolen staple', 'battery staple'];
  assert.equal(await proves(await logIn('judy', won)), `admin:${id}`);
  assert.equal((await refusalOf(() => logIn('judy', lost))).reason, 'UNAUTHENTICATED');
});

test('a revoked token changes no admins, also where it is still remembered', async () => {
  const id = await create('ken');
  const me = as(callerOf(1, Number(id)));
  await service.revokeAdminTokens({ adminId: id }, acme);
  for (const change of [() => create('by-ken', me), () => service.removeAdmin({ adminId: 1n }, me)])
    assert.equal((await refusalOf(change)).reason, 'UNAUTHENTICATED');
  const now = as(callerOf(1, Number(id), 1));
  await create('by-ken', now);
});

test('a removed admin has neither token nor log-in, and the name stays taken', async () => {
  const id = await create('erin');
  const token = await logIn('erin');
  const removed = await Promise.all(Array.from({ length: 3 }, () => service.removeAdmin({ adminId: id }, acme)));
  for (const one of removed) assert.deepEqual(one, removed[0]);
  assert.equal(await proves(token), 'UNAUTHENTICATED');
  assert.equal((await refusalOf(() => logIn('erin'))).reason, 'UNAUTHENTICATED');
  for (const context of [acme, umbrella])
    assert.equal((await refusalOf(() => create('erin', context))).reason, 'ALREADY_EXISTS');
  const me = as(callerOf(1, Number(id)));
  assert.equal((await refusalOf(() => create('by-erin', me))).reason, 'UNAUTHENTICATED');
  assert.deepEqual(
    (await changesOf(id)).map((change) => (change as unknown[])[3]),
    [1, 4],
  );
});

test('two who remove each other leave one of them', async () => {
  const pair = [await create('frank'), await create('grace')] as const;
  const [a, b] = [as(callerOf(1, Number(pair[0]))), as(callerOf(1, Number(pair[1])))];
  const outcomes = await Promise.allSettled([
    service.removeAdmin({ adminId: pair[1] }, a),
    service.removeAdmin({ adminId: pair[0] }, b),
  ]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal((await refusalOf(() => service.removeAdmin({ adminId: 1n }, acme))).reason, 'INVALID_ARGUMENT');
});

test('a name that somebody else takes at the same time is taken', async () => {
  const admin = "insert into admin (operator_id, user_name, password_hash) values (2, 'heidi', '')";
  const [waiting] = await db.orm.em.fork().transactional(async (em) => {
    await em.execute(admin);
    const wanted = refusalOf(() => create('heidi'));
    const blocked =
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into \"admin\"%'";
    await until(async () => (await db.run(blocked)).length > 0);
    return [wanted];
  });
  assert.equal((await waiting).reason, 'ALREADY_EXISTS');
});

test("another operator's admins are neither seen nor changed", async () => {
  const id = await create('ivan');
  const token = await logIn('ivan');
  for (const change of [service.revokeAdminTokens, service.removeAdmin]) {
    const { reason } = await refusalOf(() => change({ adminId: id }, umbrella));
    assert.equal(reason, 'ADMIN_NOT_FOUND');
  }
  assert.equal(await proves(token), `admin:${id}`);
  const { admins } = await service.listAdmins({ pageSize: 500, pageToken: '' }, umbrella);
  assert.deepEqual(admins.map(({ username }) => username).sort(), ['heidi', 'umbrella-admin']);
  const forged = { operator: 2, adminId: Number(id), userName: 'ivan', generation: 0 };
  assert.equal(await proves((await tokens.issueAdmin(forged)).token), 'UNAUTHENTICATED', 'of another operator');
});

test("a key that has expired by the database's clock is refused, though this server's is late", async (t) => {
  const now = Date.now();
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now - 3_600_000);
  t.onTestFinished(() => clock.mockRestore());
  const expireTime = new Date(now - 60_000);
  const request = { name: '', scopes: [], brandId: '', idempotencyKey: '', expireTime };
  const { key, secret } = await auth.createApiKey(request, acme);
  assert.equal(await proves(secret), 'UNAUTHENTICATED');
  const [{ fact }] = await db.run('select fact from journal where kind = $1 order by tx desc limit 1', [
    apiKeyCreated.number,
  ]);
  const { keyId, expiresAt } = apiKeyCreated.codec.decode(fact);
  assert.deepEqual([keyId, expiresAt], [key!.keyId, BigInt(expireTime.getTime()) * 1000n]);
});

test('a key is refused from the time that it expires at, also where it is remembered', async (t) => {
  let now = Date.now();
  const request = { name: '', scopes: [], brandId: '', idempotencyKey: '', expireTime: new Date(now + 60_000) };
  const { key, secret } = await auth.createApiKey(request, acme);
  assert.deepEqual(key!.expireTime, request.expireTime);
  assert.equal(await proves(secret), `key:${key!.keyId}`);
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now);
  t.onTestFinished(() => clock.mockRestore());
  now += 59_999;
  assert.equal(await proves(secret), `key:${key!.keyId}`);
  now += 1;
  assert.equal(await proves(secret), 'UNAUTHENTICATED');
  assert.equal(await proves(secret, other), 'UNAUTHENTICATED');
});
