import assert from 'node:assert/strict';
import { createSecretKey, hkdfSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { test, vi } from 'vitest';
import { Tokens } from '../../src/tenants/index.ts';
import { refusalOf } from './fixture.ts';

const SECRET = Buffer.alloc(32, 7);
const PLAYER = { operator: 3, brand: 1001, userId: 'StarlordV7' };
const ADMIN = { operator: 3, adminId: 12, userName: 'alice', generation: 0 };
const tokens = new Tokens(SECRET);

async function assertRefused(token: string, message = 'the token is not valid'): Promise<void> {
  const { reason, message: told } = await refusalOf(() => new Tokens(SECRET).verify(token));
  assert.deepEqual([reason, told], ['UNAUTHENTICATED', message]);
}

/** A token as an attacker or an older release could make it: what is right unless it is said otherwise. */
async function forge(changes: {
  alg?: string;
  audience?: string;
  issuer?: string;
  kind?: string;
  kid?: string | undefined;
  expires?: number | null;
}): Promise<string> {
  const { token } = await tokens.issueAdmin(ADMIN);
  const kid = 'kid' in changes ? changes.kid : decodeProtectedHeader(token).kid;
  const purpose = `windfall token ${changes.kind ?? 'admin'}`;
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', SECRET, '', purpose, 32)));
  const jwt = new SignJWT({ operator: 3, admin: 12 })
    .setSubject('alice')
    .setProtectedHeader({ alg: changes.alg ?? 'HS256', ...(kid === undefined ? {} : { kid }) })
    .setIssuer(changes.issuer ?? 'windfall')
    .setAudience(changes.audience ?? 'admin');
  if (changes.expires !== null) jwt.setExpirationTime(changes.expires ?? Math.floor(Date.now() / 1000) + 60);
  return jwt.sign(key);
}

test("a player's token proves the player", async () => {
  const { token, expiresAt } = await tokens.issuePlayer(PLAYER, 900);
  const { kind, subject, caller } = await tokens.verify(token);
  assert.deepEqual([kind, subject], ['player', 'StarlordV7']);
  assert.deepEqual(caller, {
    role: 'player',
    operator: 3,
    brand: 1001,
    userId: 'StarlordV7',
    name: 'player:StarlordV7',
    scopes: new Set(),
  });
  assert.ok(Math.abs(expiresAt.getTime() - Date.now() - 900_000) < 2000);
});

test("an admin's token proves the admin for an hour", async () => {
  const { token, expiresAt } = await tokens.issueAdmin(ADMIN);
  const { kind, subject, caller } = await tokens.verify(token);
  assert.deepEqual([kind, subject], ['admin', 'alice']);
  assert.deepEqual(caller, {
    role: 'admin',
    operator: 3,
    brand: null,
    userId: null,
    scopes: new Set(),
    generation: ADMIN.generation,
    name: 'admin:12',
  });
  assert.ok(Math.abs(expiresAt.getTime() - Date.now() - 3_600_000) < 2000);
});

test('a token that was checked once needs no promise', async () => {
  const server = new Tokens(SECRET);
  const { token } = await server.issuePlayer(PLAYER, 900);
  const first = server.verify(token);
  assert.ok(first instanceof Promise, 'it is not known before it is checked');
  const proven = await first;
  assert.equal(server.verify(token), proven);
});

test('the control: a forged token with everything right is accepted', async () => {
  assert.equal((await new Tokens(SECRET).verify(await forge({}))).caller.name, 'admin:12');
});

test('an expired token is refused, one that was known before too', async () => {
  await assertRefused((await tokens.issuePlayer(PLAYER, -10)).token, 'the token has expired');
  const { token } = await tokens.issuePlayer(PLAYER, 900);
  await tokens.verify(token);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 901_000 });
  try {
    assert.equal((await refusalOf(() => tokens.verify(token))).message, 'the token has expired');
  } finally {
    vi.useRealTimers();
  }
});

test('a token without an end is refused', async () => assertRefused(await forge({ expires: null })));
test('another algorithm is refused', async () => assertRefused(await forge({ alg: 'HS512' })));
test('another audience is refused', async () => assertRefused(await forge({ audience: 'player' })));
test('another issuer is refused', async () => assertRefused(await forge({ issuer: 'somebody' })));
test('an unknown key id is refused', async () => assertRefused(await forge({ kid: 'other' })));
test('no key id is refused', async () => assertRefused(await forge({ kid: undefined })));
test("a player's key makes no admins", async () => assertRefused(await forge({ kind: 'player' })));

test('no algorithm at all is refused', async () => {
  const { token } = await tokens.issueAdmin(ADMIN);
  await assertRefused(new UnsecuredJWT(decodeJwt(token)).encode());
  const none = { ...decodeProtectedHeader(token), alg: 'none' };
  const header = Buffer.from(JSON.stringify(none)).toString('base64url');
  const [, payload, signature] = token.split('.');
  await assertRefused(`${header}.${payload}.`);
  await assertRefused(`${header}.${payload}.${signature}`);
});

test('a changed token is refused', async () => {
  const { token } = await tokens.issuePlayer(PLAYER, 900);
  const [header, payload, signature] = token.split('.');
  const changed = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'Somebody' })).toString('base64url');
  await assertRefused(`${header}.${changed}.${signature}`);
  await assertRefused(`${header}.${payload}.${signature!.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`);
  await assertRefused(`${header}.${payload}`);
});

test('an invalid token is refused', async () => {
  for (const text of ['', 'x', '...', 'a.b.c', 'x'.repeat(5000), '{}.{}.{}']) await assertRefused(text);
});

test('tokens of an older secret are accepted only if it is configured', async () => {
  const { token } = await tokens.issuePlayer(PLAYER, 900);
  const secret = Buffer.alloc(32, 8);
  assert.equal((await refusalOf(() => new Tokens(secret).verify(token))).reason, 'UNAUTHENTICATED');
  assert.equal((await new Tokens(secret, [SECRET]).verify(token)).subject, 'StarlordV7');
});

test('tokens of a secret that was replaced are accepted until its time, those that are remembered, too', async () => {
  const rotating = new Tokens(SECRET);
  const [{ token: known }, { token: fresh }] = [
    await rotating.issuePlayer(PLAYER, 900),
    await rotating.issuePlayer({ ...PLAYER, userId: 'other' }, 900),
  ];
  const untilMs = Date.now() + 60_000;
  rotating.use(Buffer.alloc(32, 8), [{ secret: SECRET, untilMs }]);
  assert.equal((await rotating.verify(known)).subject, 'StarlordV7');
  const { token: own } = await rotating.issuePlayer(PLAYER, 900);
  vi.useFakeTimers({ toFake: ['Date'], now: untilMs });
  try {
    for (const token of [known, fresh])
      assert.equal((await refusalOf(() => rotating.verify(token))).reason, 'UNAUTHENTICATED');
    assert.equal((await rotating.verify(own)).subject, 'StarlordV7');
  } finally {
    vi.useRealTimers();
  }
});

test("root's token proves root for a quarter of an hour, where root has the same password", async () => {
  const [root, twin] = [new Tokens(SECRET, [], 'password of root'), new Tokens(SECRET, [], 'password of root')];
  const { token, expiresAt } = await root.issueRoot();
  const { kind, caller } = await twin.verify(token);
  assert.deepEqual([kind, caller.role, caller.operator, caller.name], ['root', 'root', 0, 'root']);
  assert.ok(Math.abs(expiresAt.getTime() - Date.now() - 900_000) < 2000);
  for (const other of [
    new Tokens(SECRET),
    new Tokens(SECRET, [], 'another password'),
    new Tokens(SECRET, [SECRET], ''),
  ])
    assert.equal((await refusalOf(() => other.verify(token))).reason, 'UNAUTHENTICATED');
  root.use(Buffer.alloc(32, 8), [{ secret: SECRET, untilMs: Infinity }]);
  assert.equal((await root.verify(token)).kind, 'root', 'the master key was replaced');
});

test('no other token is that of root, whatever it says', async () => {
  const root = new Tokens(SECRET, [], 'password of root');
  const kid = decodeProtectedHeader((await root.issueRoot()).token).kid!;
  for (const forged of [await forge({ kind: 'root', audience: 'root', kid }), await forge({ audience: 'root' })])
    assert.equal((await refusalOf(() => root.verify(forged))).reason, 'UNAUTHENTICATED');
  const { token } = await root.issueAdmin({ ...ADMIN, userName: 'root', generation: 0 });
  assert.equal((await root.verify(token)).caller.role, 'admin');
});
