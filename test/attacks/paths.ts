import { runSql } from '../support/sql.ts';
import { judge, type Attack } from './attack.ts';
import { send, type Answer } from './raw.ts';
import type { Scene } from './scene.ts';

const OPEN = '/v1/lootbox/welcome-box/open';
const JSON_TYPE = { 'content-type': 'application/json' };

/** Paths that lead to another RPC, or to another route's limits, where parts of the way read them differently. */
const PATHS_TRIED: readonly (readonly [string, string])[] = [
  ['GET', '/v1/players%2fStarlordV7%2fbalances'],
  ['GET', '/v1/players/StarlordV7/../../ledger/trial-balance'],
  ['GET', '/v1/lootbox/%2e%2e/ledger/trial-balance'],
  ['GET', '/v1/lootbox/..%2f..%2fv1%2fkeys'],
  ['GET', '//v1/keys'],
  ['GET', '/v1//keys'],
  ['GET', '/V1/keys'],
  ['GET', '/v1/keys/'],
  ['GET', '/v1/keys;x=y'],
  ['GET', '/v1/keys%00'],
  ['GET', '/v1/./keys'],
  ['GET', '/v1/keys%3f'],
  ['GET', '/v1\\keys'],
  ['GET', '/v1/keys#fragment'],
  ['POST', '/windfall.auth.v1.AuthService/ListApiKeys'],
  ['POST', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'],
  ['TRACE', '/v1/keys'],
  ['OPTIONS', '*'],
  ['GET', '/v1/keys?x-rest-batch=true&:method=POST'],
];

/** Headers that mean something inside, set by a stranger. */
const INNER: readonly Record<string, string>[] = [
  { 'x-envoy-original-path': '/v1/keys' },
  { 'x-envoy-original-method': 'GET' },
  { 'x-envoy-expected-rq-timeout-ms': '1' },
  { 'x-envoy-upstream-rq-timeout-ms': '1' },
  { 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': '100' },
  { 'x-rest-events': 'true' },
  { 'x-rest-file': 'true' },
  { 'x-rest-status': '200', 'x-rest-body': '{}' },
  { x_rest_batch: 'true' },
  { 'x-http-method-override': 'DELETE' },
  { 'grpc-timeout': '1n' },
  { 'grpc-timeout': '99999999H' },
  { 'grpc-timeout': 'nonsense' },
  { 'grpc-encoding': 'gzip' },
  { 'x-windfall-operator': 'demo\tx' },
  { authorization: 'Bearer wf_test_demo, Bearer x' },
];

const clean = ({ headers, text }: Answer): boolean =>
  !Object.keys(headers).some((name) => /^(x-rest-|x-envoy-|grpc-|server$)/.test(name)) &&
  !/at .*\.ts:|node_modules|select |postgres/i.test(text);

const confusion: Attack = {
  name: `${PATHS_TRIED.length} ways to write a path that needs a credential`,
  before: 'not measured',
  async run(scene) {
    const answers: string[] = [];
    const wrong: string[] = [];
    for (const [method, path] of PATHS_TRIED) {
      const answer = await send(scene.envoy.base, { method, path, headers: { 'x-windfall-operator': 'demo' } });
      answers.push(String(answer.status));
      const passed = answer.status < 400 && method !== 'OPTIONS';
      if (passed || answer.status >= 500 || !clean(answer)) wrong.push(`${method} ${path}: ${answer.status}`);
    }
    return judge(answers.join(', '), { [wrong.join('; ')]: wrong.length > 0 });
  },
};

const inner: Attack = {
  name: `${INNER.length} headers that mean something inside, set by a stranger`,
  before: 'not measured',
  async run(scene) {
    const answers: string[] = [];
    const wrong: string[] = [];
    for (const headers of INNER) {
      for (const [method, path] of [
        ['GET', '/v1/keys'],
        ['POST', OPEN],
      ] as const) {
        const body = method === 'POST' ? '{"user_id":"stranger"}' : undefined;
        const options = { method, path, headers: { ...JSON_TYPE, ...headers } };
        const answer = await send(scene.envoy.base, body === undefined ? options : { ...options, body });
        answers.push(String(answer.status));
        if (answer.status < 400 || answer.status === 500 || !clean(answer))
          wrong.push(`${JSON.stringify(headers)}: ${answer.status} ${answer.text.slice(0, 80)}`);
      }
    }
    const health = await send(scene.envoy.base, { path: '/health' });
    return judge(answers.join(', '), {
      [wrong.join('; ')]: wrong.length > 0,
      'health is not answered': health.status !== 200,
    });
  },
};

const DEEP = 100_000;
/** Bodies that some readers take for something else than others do. */
const BODIES: readonly (readonly [string, string])[] = [
  ['twice the same name', '{"user_id":"a","user_id":"b"}'],
  ['the same name, escaped', String.raw`{"user_id":"a","\u0075ser_id":"b"}`],
  ['the same name, in camel case', '{"user_id":"a","userId":"b"}'],
  ['__proto__', '{"user_id":"a","__proto__":{"count":100}}'],
  ['an array', '[{"user_id":"a"}]'],
  ['100,000 arrays in one another', `{"user_id":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`],
  ['100,000 objects in one another', `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`],
  ['1e400', '{"user_id":"a","count":1e400}'],
  ['NaN', '{"user_id":"a","count":NaN}'],
  ['"NaN"', '{"user_id":"a","count":"NaN"}'],
  ['-1', '{"user_id":"a","count":-1}'],
  ['leading zeros', '{"user_id":"a","count":007}'],
  ['2³²+1', '{"user_id":"a","count":4294967297}'],
  ['0.5', '{"user_id":"a","count":0.5}'],
  ['hexadecimal', '{"user_id":"a","count":0x10}'],
  ['a comment', '{"user_id":"a"/**/}'],
  ['two values', '{"user_id":"a"}{"user_id":"b"}'],
  ['a byte order mark', '\ufeff{"user_id":"a"}'],
  ['half a surrogate', String.raw`{"user_id":"\ud800"}`],
  ['a name of another script', '{"user_id":"аdmin"}'],
  ['a line break in a name', String.raw`{"user_id":"a\r\nset-cookie: x=y"}`],
  ['U+0000 in a name', String.raw`{"user_id":"a\u0000b"}`],
  ['a right-to-left mark', '{"user_id":"a\u202eb"}'],
  ['a line break in a key', String.raw`{"user_id":"a","idempotency_key":"a\r\nx-rest-status: 200"}`],
  ['an unknown field', '{"user_id":"a","is_admin":true}'],
];

const journalRows = async (scene: Scene): Promise<number> =>
  Number((await runSql(scene.databaseUrl, 'select count(*) from journal where operator_id = 1'))[0].count);

const bodies: Attack = {
  name: `${BODIES.length} bodies that readers of JSON understand differently, with a valid key`,
  before: 'not measured',
  async run(scene) {
    const headers = { ...(await scene.as('service')), ...JSON_TYPE };
    const before = await journalRows(scene);
    const taken: string[] = [];
    const answers: string[] = [];
    for (const [name, body] of BODIES) {
      const answer = await send(scene.envoy.base, { method: 'POST', path: OPEN, headers, body });
      answers.push(String(answer.status));
      if (answer.status < 400 || answer.status >= 500 || !clean(answer)) taken.push(`${name}: ${answer.status}`);
    }
    const written = (await journalRows(scene)) - before;
    return judge(answers.join(', '), { [taken.join('; ')]: taken.length > 0, [`${written} facts`]: written > 0 });
  },
};

const forged: Attack = {
  name: 'x-forwarded-for and its like, forged to have a limit for each call: 300 log-ins with a wrong password',
  before: 'not measured',
  async run(scene) {
    const statuses: number[] = [];
    for (let n = 0; n < 300; n++) {
      const address = `203.0.113.${n % 250}`;
      const headers = { ...JSON_TYPE, 'x-forwarded-for': address, 'x-real-ip': address, forwarded: `for=${address}` };
      const body = JSON.stringify({ username: `nobody-${n}`, password: 'wrong' });
      statuses.push(
        (await send(scene.envoy.base, { method: 'POST', path: '/auth/admin', headers, body, from: '127.0.2.9' }))
          .status,
      );
    }
    const limited = statuses.filter((status) => status === 429).length;
    return judge(`${limited} of 300 limited`, { [`only ${limited} of 300 limited`]: limited < 250 });
  },
};

export const PATHS: readonly Attack[] = [confusion, inner, bodies, forged];
