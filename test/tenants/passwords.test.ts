import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { beforeAll, test, vi } from 'vitest';
import { Login } from '../../src/tenants/index.ts';
import { hashPassword, isPassword } from '../../src/tenants/passwords.ts';
import { refusalOf } from './fixture.ts';

/** The hash of "correct horse", for 3 ms, where ours take 200. */
const DERIVED = scryptSync('correct horse', Buffer.alloc(3), 32, { N: 2 ** 10 });
const CHEAP = `$scrypt$ln=10,r=8,p=1$AAAA$${DERIVED.toString('base64')}`;

let stored: string;
beforeAll(async () => {
  stored = await hashPassword('correct horse');
});

const HOME = '192.0.2.1';
const ALICE = { operator: 3, adminId: 12, generation: 0 };

/** Log-ins of an installation with the admins alice, demo and root, whose hash is given. */
function loginOf(demo: boolean, hash: string, root: string | null = null) {
  const findOne = async (_: unknown, { userName }: { userName: string }): Promise<unknown> =>
    ['alice', 'demo', 'root'].includes(userName)
      ? { operatorId: 3, adminId: 12, tokenGeneration: 0, passwordHash: hash }
      : null;
  const told: unknown[] = [];
  const reads = <T>(read: (em: EntityManager) => Promise<T>): Promise<T> =>
    read({ findOne } as unknown as EntityManager);
  const login = new Login({ reads, demo, root, tell: (line) => told.push(line) });
  return { told, admin: (name: string, password: string, from = HOME) => login.admin(name, password, from) };
}

test('only the right password matches its hash', async () => {
  assert.equal(await isPassword('correct horse', stored), true);
  assert.equal(await isPassword('correct horsf', stored), false);
  assert.equal(await isPassword('', stored), false);
  assert.notEqual(await hashPassword('correct horse'), stored, 'each has a salt of its own');
});

test('a hash says what it cost, and one of another cost is still known', async () => {
  assert.match(stored, /^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}$/);
  // RFC 7914: "pleaseletmein", "SodiumChloride", N = 16384, r = 8, p = 1; the first 32 bytes.
  const hash = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex');
  const salt = Buffer.from('SodiumChloride').toString('base64');
  const older = `$scrypt$ln=14,r=8,p=1$${salt}$${hash.toString('base64')}`;
  assert.equal(await isPassword('pleaseletmein', older), true);
  assert.equal(await isPassword('pleaseletmeout', older), false);
});

test('the same letters typed as other characters are the same password', async () => {
  assert.equal(await isPassword('caf\u00e9', await hashPassword('cafe\u0301')), true);
});

test('a stored text that is not a hash is an internal error', async () => {
  await assert.rejects(isPassword('x', 'plain'), /cannot be read/);
});

test('too many at once are refused, and the others are served', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => isPassword('x', CHEAP)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal(refused.length, 40 - 34);
  assert.ok(refused.every(({ reason }) => reason.reason === 'RATE_LIMITED'));
  assert.equal(await isPassword('correct horse', stored), true, 'their places are free again');
});

test('an admin logs in with name and password', async () => {
  const login = loginOf(false, stored);
  assert.deepEqual(await login.admin('alice', 'correct horse'), ALICE);
});

test('an unknown name returns the same error, after the same time, as a wrong password', async () => {
  const login = loginOf(false, stored);
  const timed = async (name: string): Promise<[number, string]> => {
    const start = performance.now();
    const { reason, message } = await refusalOf(() => login.admin(name, 'wrong'));
    return [performance.now() - start, `${reason} ${message}`];
  };
  const [known, knownText] = await timed('alice');
  const [unknown, unknownText] = await timed('nobody');
  assert.equal(unknownText, knownText);
  assert.match(knownText, /^UNAUTHENTICATED /);
  assert.ok(unknown > known / 4, `${unknown} ms for an unknown name, ${known} ms for a wrong password`);
});

test('the admin of the demo logs in where the demo works, and nowhere else', async () => {
  assert.deepEqual(await loginOf(true, CHEAP).admin('demo', 'correct horse'), ALICE);
  const { reason } = await refusalOf(() => loginOf(false, CHEAP).admin('demo', 'correct horse'));
  assert.equal(reason, 'UNAUTHENTICATED');
});

test('root logs in with the password of the installation, and no admin of that name does', async () => {
  const login = loginOf(false, CHEAP, 'the password of root');
  assert.equal(await login.admin('root', 'the password of root'), 'root');
  for (const wrong of ['correct horse', 'the password of roo', 'the password of root '])
    assert.equal((await refusalOf(() => login.admin('root', wrong))).reason, 'UNAUTHENTICATED');
  assert.deepEqual(await login.admin('alice', 'correct horse'), ALICE);
  assert.equal((await refusalOf(() => login.admin('alice', 'the password of root'))).reason, 'UNAUTHENTICATED');
});

test('without that password nobody is root', async () => {
  assert.deepEqual(await loginOf(false, CHEAP).admin('root', 'correct horse'), ALICE);
  for (const guess of ['', 'null', 'undefined'])
    assert.equal((await refusalOf(() => loginOf(false, CHEAP).admin('root', guess))).reason, 'UNAUTHENTICATED');
});

test('guesses at the password of root are counted', async (t) => {
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => 1_000_000);
  t.onTestFinished(() => clock.mockRestore());
  const login = loginOf(false, CHEAP, 'the password of root');
  const guess = async (): Promise<string> => (await refusalOf(() => login.admin('root', 'wrong'))).reason;
  const reasons = [];
  for (let i = 0; i < 11; i++) reasons.push(await guess());
  assert.deepEqual(reasons, [...Array(10).fill('UNAUTHENTICATED'), 'RATE_LIMITED']);
  assert.equal((await refusalOf(() => login.admin('root', 'the password of root'))).reason, 'RATE_LIMITED');
});

test('guesses are counted by name and address, at once or one after another', async () => {
  const login = loginOf(false, CHEAP);
  const guess = async (name: string): Promise<string> => (await refusalOf(() => login.admin(name, 'wrong'))).reason;
  const reasons: string[] = [];
  for (let i = 0; i < 4; i++) reasons.push(...(await Promise.all(Array.from({ length: 4 }, () => guess('alice')))));
  assert.equal(reasons.filter((reason) => reason === 'UNAUTHENTICATED').length, 10);
  const { reason, retryAfterMs } = await refusalOf(() => login.admin('alice', 'correct horse'));
  assert.equal(reason, 'RATE_LIMITED');
  assert.ok(retryAfterMs! > 0 && retryAfterMs! <= 5000, `retry after ${retryAfterMs} ms`);
  assert.equal(await guess('bob'), 'UNAUTHENTICATED', 'another name has tries of its own');
  const elsewhere = await login.admin('alice', 'correct horse', '192.0.2.2');
  assert.deepEqual(elsewhere, ALICE, 'a stranger has not locked her out');
});

test('of one address only a few passwords are checked at once, and others are not held up', async () => {
  const login = loginOf(false, stored);
  const many = Promise.allSettled(Array.from({ length: 40 }, (_, i) => login.admin(`user-${i}`, 'x')));
  assert.deepEqual(await login.admin('alice', 'correct horse', '192.0.2.2'), ALICE);
  const reasons = (await many).map((outcome) => (outcome as PromiseRejectedResult).reason.reason);
  assert.deepEqual(reasons, [...Array(4).fill('UNAUTHENTICATED'), ...Array(36).fill('RATE_LIMITED')]);
  assert.deepEqual(await login.admin('alice', 'correct horse'), ALICE, 'the places are free');
});

test('each password that was checked is told, with address and name, and without the password', async () => {
  const login = loginOf(false, CHEAP, 'the password of root');
  await login.admin('alice', 'correct horse');
  await refusalOf(() => login.admin('nobody', 'correct horse', '192.0.2.2'));
  await login.admin('root', 'the password of root');
  assert.deepEqual(login.told, [
    { address: HOME, user_name: 'alice', success: true },
    { address: '192.0.2.2', user_name: 'nobody', success: false },
    { address: HOME, user_name: 'root', success: true },
  ]);
});

test('tries come back with time, and right ones at once', async (t) => {
  let now = 1_000_000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  t.onTestFinished(() => clock.mockRestore());
  const login = loginOf(false, CHEAP);
  const guesses = async (nowMs: number): Promise<number> => {
    now = nowMs;
    for (let taken = 0; ; taken++) {
      if ((await refusalOf(() => login.admin('alice', 'wrong'))).reason === 'RATE_LIMITED') return taken;
    }
  };
  assert.equal(await guesses(1_000_000), 10);
  assert.equal((await refusalOf(() => login.admin('alice', 'wrong'))).retryAfterMs, 5000);
  assert.equal(await guesses(1_010_000), 2);
  now = 1_015_000;
  for (let i = 0; i < 3; i++) await login.admin('alice', 'correct horse');
  assert.equal(await guesses(1_015_000), 1, 'right ones cost nothing');
  assert.equal(await guesses(2_000_000), 10, 'never more than that');
});
