import assert from 'node:assert/strict';
import { describe, test, vi } from 'vitest';
import { ApiError, type Caller } from '../../src/kernel/index.ts';
import { Authenticator, bootstrapDemo, Directory, Tokens } from '../../src/tenants/index.ts';
import { insertApiKey } from '../../src/tenants/api-keys.ts';
import { makeSecret } from '../../src/tenants/secret.ts';
import { database, makeOperator, refusalOf, SCOPES } from './fixture.ts';

type Credentials = Parameters<Authenticator['authenticate']>[0];
const branded = makeSecret('live');
const db = database(async (opened) => {
  await bootstrapDemo(opened.orm, SCOPES);
  await makeOperator(opened, 'acme', 2001);
  await insertApiKey(
    opened.orm.em.fork(),
    { operator: 2, caller: 'test' },
    { secret: branded, name: '', scopes: ['read', 'play'], brandId: 2001 },
    [],
  );
});
const tokens = new Tokens(Buffer.alloc(32, 7));
const player = { operator: 1, brand: 1001, userId: 'StarlordV7' };

const server = (demo: boolean, development = demo): Authenticator =>
  new Authenticator({ reads: db.reads, directory: new Directory(db.reads), tokens, development, demo });
const key = (keyId: number, operator: number, brand: number | null, scopes: string[]): Caller => ({
  role: 'service',
  operator,
  brand,
  scopes: new Set(scopes),
  userId: null,
  name: `key:${keyId}`,
});

/** The reason of a refusal, or the caller's name and operator. */
async function outcome(authenticator: Authenticator, credentials: Credentials): Promise<string> {
  const found = { caller: null as Caller | null };
  const call = async (): Promise<void> => {
    found.caller = await authenticator.authenticate(credentials);
  };
  try {
    await call();
    return `${found.caller!.name} of ${found.caller!.operator}`;
  } catch (error) {
    return (error as { reason: string }).reason;
  }
}

test('an API key proves its operator, brand and scopes', async () => {
  assert.deepEqual(await server(true).authenticate({ bearer: branded }), key(2, 2, 2001, ['read', 'play']));
  const demo = await server(true).authenticate({ bearer: 'wf_test_demo' });
  assert.deepEqual([demo.operator, demo.brand, demo.scopes.size], [1, null, 10]);
});

test('every combination of headers is authenticated or rejected', async () => {
  const authenticator = server(true);
  const playerToken = (await tokens.issuePlayer(player, 60)).token;
  const other = (await tokens.issuePlayer({ ...player, userId: 'Other' }, 60)).token;
  const admin = (await tokens.issueAdmin({ operator: 2, adminId: 2, userName: 'alice', generation: 0 })).token;
  const table: readonly (readonly [Credentials, string])[] = [
    [{}, 'anonymous of 1'],
    [{ operatorHeader: 'acme' }, 'anonymous of 2'],
    [{ operatorHeader: 'acme', anyOperator: true }, 'anonymous of 2'],
    [{ operatorHeader: 'nobody', anyOperator: true }, 'OPERATOR_NOT_FOUND'],
    [{ operatorHeader: 'nobody' }, 'OPERATOR_NOT_FOUND'],
    [{ operatorHeader: 'no name' }, 'OPERATOR_NOT_FOUND'],
    [{ bearer: branded }, 'key:2 of 2'],
    [{ bearer: branded, operatorHeader: 'acme' }, 'key:2 of 2'],
    [{ bearer: branded, operatorHeader: 'demo' }, 'OPERATOR_MISMATCH'],
    [{ bearer: branded, operatorHeader: 'nobody' }, 'OPERATOR_NOT_FOUND'],
    [{ bearer: makeSecret('live') }, 'UNAUTHENTICATED'],
    [{ bearer: makeSecret('live'), operatorHeader: 'demo' }, 'UNAUTHENTICATED'],
    [{ bearer: `wf_live_${'a'.repeat(5000)}` }, 'UNAUTHENTICATED'],
    [{ bearer: "wf_live_' or true" }, 'UNAUTHENTICATED'],
    [{ bearer: admin }, 'admin:2 of 2'],
    [{ bearer: admin, operatorHeader: 'acme' }, 'admin:2 of 2'],
    [{ bearer: admin, operatorHeader: 'demo' }, 'OPERATOR_MISMATCH'],
    [{ bearer: playerToken }, 'player:StarlordV7 of 1'],
    [{ playerToken }, 'player:StarlordV7 of 1'],
    [{ bearer: playerToken, playerToken }, 'player:StarlordV7 of 1'],
    [{ playerToken, operatorHeader: 'acme' }, 'OPERATOR_MISMATCH'],
    [{ bearer: other, playerToken }, 'UNAUTHENTICATED'],
    [{ bearer: branded, playerToken }, 'UNAUTHENTICATED'],
    [{ playerToken: admin }, 'UNAUTHENTICATED'],
    [{ playerToken: branded }, 'UNAUTHENTICATED'],
    [{ bearer: branded, playerToken: branded }, 'UNAUTHENTICATED'],
    [{ bearer: 'x' }, 'UNAUTHENTICATED'],
    [{ bearer: (await tokens.issuePlayer(player, -1)).token }, 'UNAUTHENTICATED'],
    [{ bearer: '', playerToken: '', operatorHeader: '' }, 'anonymous of 1'],
  ];
  const actual = [];
  for (const [credentials] of table) actual.push(await outcome(authenticator, credentials));
  assert.deepEqual(
    actual,
    table.map(([, expected]) => expected),
  );
});

test("without the demo, whoever names no operator has none, and the demo's credentials prove nothing", async () => {
  const authenticator = server(false);
  assert.equal((await authenticator.authenticate({})).operator, 0);
  assert.equal(await outcome(authenticator, { bearer: 'wf_test_demo' }), 'UNAUTHENTICATED');
  const { token } = await tokens.issueAdmin({ operator: 1, adminId: 1, userName: 'demo', generation: 0 });
  assert.equal(await outcome(server(true), { bearer: token }), 'admin:1 of 1', 'the control');
  assert.equal(await outcome(authenticator, { bearer: token }), 'UNAUTHENTICATED');
  assert.equal(await outcome(authenticator, { bearer: branded }), 'key:2 of 2');
  assert.equal(await outcome(authenticator, { operatorHeader: 'acme' }), 'anonymous of 2');
});

test("keys of tests and the demo's credentials prove nothing outside development, or through a proxy", async () => {
  const secret = makeSecret('test');
  const key = { secret, name: '', scopes: [], brandId: null };
  const { keyId } = await insertApiKey(db.orm.em.fork(), { operator: 2, caller: 'test' }, key, []);
  const { token } = await tokens.issueAdmin({ operator: 1, adminId: 1, userName: 'demo', generation: 0 });
  const far = { forwarded: () => true };
  const [open, demo, production] = [server(false, true), server(true), server(false)];
  const outcomes = async (authenticator: Authenticator, more: object): Promise<string[]> => {
    const all = [secret, 'wf_test_demo', token, branded];
    return Promise.all(all.map((bearer) => outcome(authenticator, { bearer, ...more })));
  };
  const none = 'UNAUTHENTICATED';
  const valid = [`key:${keyId} of 2`, 'key:1 of 1', 'admin:1 of 1', 'key:2 of 2'];
  assert.deepEqual(await outcomes(demo, {}), valid);
  assert.deepEqual(await outcomes(demo, { forwarded: () => false }), valid);
  assert.deepEqual(await outcomes(demo, far), [none, none, none, 'key:2 of 2']);
  // Development on an address of the network, which was asked for: without the demo.
  for (const more of [{}, far])
    assert.deepEqual(await outcomes(open, more), [`key:${keyId} of 2`, none, none, 'key:2 of 2']);
  for (const more of [{}, far]) assert.deepEqual(await outcomes(production, more), [none, none, none, 'key:2 of 2']);
});

test('what must be looked up or checked is announced, and what was proven before is not', async (t) => {
  let now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  t.onTestFinished(() => clock.mockRestore());
  const authenticator = server(true);
  const { token } = await tokens.issuePlayer({ ...player, userId: 'Announced' }, 60);
  const stop = (): never => {
    throw new ApiError('RATE_LIMITED', 'too many');
  };
  for (const credentials of [{ bearer: branded }, { bearer: token }, { playerToken: token }]) {
    assert.equal(await outcome(authenticator, { ...credentials, beforeProof: stop }), 'RATE_LIMITED');
  }
  for (const bearer of [branded, token]) {
    await authenticator.authenticate({ bearer });
    assert.notEqual(await outcome(authenticator, { bearer, beforeProof: stop }), 'RATE_LIMITED');
  }
  now += 6000;
  assert.equal(await outcome(authenticator, { bearer: branded, beforeProof: stop }), 'key:2 of 2', 'it is read again');
});

test('a call about no operator looks none up, not even the one of the demo: it is answered without a database', () => {
  const caller = server(true).authenticate({ anyOperator: true });
  assert.ok(!(caller instanceof Promise));
  assert.deepEqual([caller.role, caller.operator], ['anonymous', 0]);
});

test('a cached caller is returned without a promise', async () => {
  const authenticator = server(true);
  const playerToken = (await tokens.issuePlayer({ ...player, userId: 'Fresh' }, 60)).token;
  const all: Credentials[] = [{}, { bearer: branded, operatorHeader: 'acme' }, { playerToken }];
  for (const credentials of all) assert.ok(authenticator.authenticate(credentials) instanceof Promise);
  for (const credentials of all) await authenticator.authenticate(credentials);
  const before = db.counts.reads;
  for (const credentials of all) assert.ok(!(authenticator.authenticate(credentials) instanceof Promise));
  assert.equal(db.counts.reads, before);
});

test('an unknown key is looked up once a second, and a malformed one never', async () => {
  const authenticator = server(true);
  const bearer = makeSecret('test');
  await refusalOf(() => authenticator.authenticate({ bearer }));
  const before = db.counts.reads;
  for (let i = 0; i < 20; i++) await refusalOf(() => authenticator.authenticate({ bearer }));
  for (const odd of ['wf_', 'wf_live_', 'wf_prod_abc', 'wf_live_a-b']) {
    await refusalOf(() => authenticator.authenticate({ bearer: odd }));
  }
  assert.equal(db.counts.reads, before);
});

describe('a revoked key', () => {
  test('is rejected at once on the same server, and within 5 seconds on others', async (t) => {
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    t.onTestFinished(() => clock.mockRestore());
    const secret = makeSecret('live');
    const { keyId } = await insertApiKey(
      db.orm.em.fork(),
      { operator: 2, caller: 'test' },
      { secret, name: '', scopes: [], brandId: null },
      [],
    );
    const [own, other] = [server(true), server(true)];
    const valid = `key:${keyId} of 2`;
    for (const each of [own, other]) assert.equal(await outcome(each, { bearer: secret }), valid);
    await db.run('update api_key set revoked_at = now() where key_id = $1', [keyId]);
    own.keysChanged();
    assert.equal(await outcome(own, { bearer: secret }), 'UNAUTHENTICATED');
    now += 4999;
    assert.equal(await outcome(other, { bearer: secret }), valid, 'it is remembered');
    now += 1;
    assert.equal(await outcome(other, { bearer: secret }), 'UNAUTHENTICATED');
  });
});

test('every call of a disabled operator is refused, and of no other', async () => {
  const withRoot = new Tokens(Buffer.alloc(32, 7), [], 'the password of root');
  const directory = new Directory(db.reads);
  const authenticator = new Authenticator({
    directory,
    reads: db.reads,
    tokens: withRoot,
    development: true,
    demo: true,
  });
  const disable = async (disabled: boolean): Promise<void> => {
    await db.run('update operator set enabled = $1 where operator_id = 2', [!disabled]);
    directory.changed(2);
  };
  const bearer = async (issued: Promise<{ token: string }>) => ({ bearer: (await issued).token });
  const calls: Credentials[] = [
    { operatorHeader: 'acme' },
    { bearer: branded },
    await bearer(withRoot.issueAdmin({ operator: 2, adminId: 2, userName: 'alice', generation: 0 })),
    await bearer(withRoot.issuePlayer({ operator: 2, brand: 2001, userId: 'pia' }, 60)),
  ];
  const others: Credentials[] = [{}, { bearer: 'wf_test_demo' }, await bearer(withRoot.issueRoot())];
  const outcomes = (all: Credentials[]): Promise<string[]> =>
    Promise.all(all.map((one) => outcome(authenticator, one)));
  const served = await outcomes(calls);
  await disable(true);
  assert.deepEqual(await outcomes(calls), [
    'OPERATOR_DISABLED',
    'OPERATOR_DISABLED',
    'OPERATOR_DISABLED',
    'OPERATOR_DISABLED',
  ]);
  assert.deepEqual(await outcomes(others), ['anonymous of 1', 'key:1 of 1', 'root of 0']);
  await disable(false);
  assert.deepEqual(await outcomes(calls), served);
  const root = { ...(await bearer(withRoot.issueRoot())), operatorHeader: 'acme' };
  assert.equal(await outcome(authenticator, root), 'OPERATOR_MISMATCH');
  const player = { playerToken: (await withRoot.issueRoot()).token };
  assert.equal(await outcome(authenticator, player), 'UNAUTHENTICATED', 'x-auth-token is for players');
});
