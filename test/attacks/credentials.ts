import { setTimeout as sleep } from 'node:timers/promises';
import { each, judge, tally, type Attack } from './attack.ts';
import { send } from './raw.ts';
import type { Scene } from './scene.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
/** Lines at once, and in a second: see calls.ts. */
const LINES = { burst: 120, perSecond: 12 };

const logIn = (scene: Scene, username: string, password: string, from: string) =>
  send(scene.envoy.base, {
    method: 'POST',
    path: '/auth/admin',
    headers: JSON_TYPE,
    body: JSON.stringify({ username, password }),
    from,
  });

const lines = (scene: Scene): number => scene.server.log().split('\n').length;
const linesMax = (sinceMs: number): number => LINES.burst + (LINES.perSecond * (performance.now() - sinceMs)) / 1000;

const passwords: Attack = {
  name: 'wrong passwords for one name: 2,000 from 40 addresses at once',
  before: 'locked the name out; as many hashes at once as calls (issue)',
  async run(scene) {
    const before = lines(scene);
    const startedMs = performance.now();
    const statuses = await each(2000, 200, async (n) =>
      String((await logIn(scene, 'demo', `wrong-${n}`, `127.0.1.${1 + (n % 40)}`)).status),
    );
    const started = performance.now();
    const owner = (await logIn(scene, 'demo', 'demo', '127.0.0.1')).status;
    const ms = Math.round(performance.now() - started);
    const logged = lines(scene) - before;
    return judge(`${tally(statuses)}; the owner logs in from elsewhere: ${owner} after ${ms} ms; ${logged} log lines`, {
      [`the owner gets ${owner}`]: owner !== 200,
      [`${logged} log lines`]: logged > 2 * linesMax(startedMs),
      'one was right': statuses.includes('200'),
    });
  },
};

const keys: Attack = {
  name: 'made-up keys: 10,000 calls of one address that also has a good one',
  before: 'each a read of the database and a line of the log (issue)',
  async run(scene) {
    const before = lines(scene);
    const startedMs = performance.now();
    const good = await scene.as('service');
    await send(scene.envoy.base, { path: '/v1/me', headers: good, from: '127.0.1.77' });
    const result = await each(10_000, 32, async (n) => {
      const secret = `wf_live_${String(n).padStart(43, 'A')}`;
      const headers = { authorization: `Bearer ${secret}`, 'x-forwarded-for': '127.0.1.77' };
      const { reason, status } = await scene.grpc('AuthService.GetMe', {}, headers);
      return reason ?? String(status);
    });
    const { status } = await send(scene.envoy.base, { path: '/v1/me', headers: good, from: '127.0.1.77' });
    const logged = lines(scene) - before;
    return judge(`${tally(result)}; the good key: ${status}; ${logged} log lines`, {
      [`the good key gets ${status}`]: status !== 200,
      [`${logged} log lines`]: logged > linesMax(startedMs),
      'one was taken': result.includes('OK'),
    });
  },
};

/** A token whose header says that it is not signed. */
const unsigned = (claims: object): string =>
  [{ alg: 'none', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.') + '.';

const ended: Attack = {
  name: 'revoked and expired keys; expired, forged and unsigned tokens; a player’s token as an admin’s',
  before: 'held (issue)',
  async run(scene) {
    const as = async (headers: Record<string, string>, rpc = 'AuthService.GetMe'): Promise<string> => {
      const { reason, status } = await scene.grpc(rpc, {}, headers);
      return reason ?? String(status);
    };
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
    const revoked = await scene.must('admin', 'AuthService.CreateApiKey', { scopes: ['read'] });
    const expiring = await scene.must('admin', 'AuthService.CreateApiKey', {
      scopes: ['read'],
      expire_time: new Date(Date.now() + 2000).toISOString(),
    });
    const first = [await as(bearer(revoked.secret)), await as(bearer(expiring.secret))];
    await scene.must('admin', 'AuthService.RevokeApiKey', { key_id: revoked.key.key_id });
    await sleep(5000);
    const player = (await scene.as('player', 'ann'))['x-auth-token']!;
    const claims = { iss: 'windfall', sub: 'demo', role: 'admin', exp: 4_102_444_800 };
    const outcomes = [
      await as(bearer(revoked.secret)),
      await as(bearer(expiring.secret)),
      await as(await scene.as('expired-player')),
      await as(await scene.as('forged-player')),
      await as(await scene.as('expired-admin')),
      await as(bearer(unsigned(claims))),
      await as(bearer(`${player.slice(0, -4)}AAAA`)),
    ];
    const asAdmin = await as(bearer(player), 'AuthService.ListApiKeys');
    return judge(`first ${tally(first)}, then ${tally(outcomes)}; as an admin's: ${asAdmin}`, {
      [`a player's token is an admin's: ${asAdmin}`]: asAdmin !== 'PERMISSION_DENIED',
      'a good key was refused': first.some((outcome) => outcome !== 'OK'),
      [`one was taken: ${outcomes.join()}`]: outcomes.some((outcome) => outcome !== 'UNAUTHENTICATED'),
    });
  },
};

export const CREDENTIALS: readonly Attack[] = [ended, keys, passwords];
