import assert from 'node:assert/strict';
import { afterAll, describe, test } from 'vitest';
import type { Reply } from './http.ts';
import { assertClean, assertError, PROTOCOLS, skip, startRest } from './rest.ts';

const running = await startRest();
const large = (size: number): object => ({ text: 'x'.repeat(size) });
const KEY = { authorization: 'Bearer all' };

for (const [protocol, connect] of PROTOCOLS) {
  describe(`REST over ${protocol}`, { skip }, () => {
    const client = connect(running?.edge.base ?? '');
    const { send } = client;
    afterAll(() => client[Symbol.dispose]());
    const answer = (body: object): Promise<Reply> => send('POST', '/probe/answer', body);
    const refuse = (reason: string, more: object = {}): Promise<Reply> =>
      answer({ text: 'né"\n', act: 'refuse', reason, ...more });

    test('answers with the status of the contract, and keeps the connection', async () => {
      const replies: [Reply, number, string][] = [
        [
          await send('GET', '/probe/answer/hi'),
          200,
          '{"text":"hi","note":null,"odds":null,"count":0,"extent":null,"label":null}',
        ],
        [
          await send('POST', '/probe/things', { thing: { id: 'a' } }, KEY),
          201,
          '{"thing":{"id":"a","note":null,"tags":[]},"idempotency_key":""}',
        ],
        [
          await send('PUT', '/probe/things', [{ id: 'a' }, { id: 'b', note: 'x' }]),
          202,
          '[{"id":"a","note":null,"tags":[]},{"id":"b","note":"x","tags":[]}]',
        ],
        [await send('DELETE', '/probe/things/a'), 204, ''],
        [
          await send('GET', '/probe/answer/full'),
          200,
          '{"text":"full","note":"a note","odds":0.5,"count":0,"extent":{"odds":0.25,"wide":0},"label":{"note":"n",' +
            '"colour":"red","parts":[{"odds":2,"wide":1}],"extent":{"odds":null,"wide":1}}}',
        ],
        [
          await send('GET', '/probe/answer/half'),
          200,
          '{"text":"half","note":null,"odds":null,"count":0,"extent":{"odds":null,"wide":1},"label":{"note":null,' +
            '"colour":"{\\"label\\":{\\"","parts":[]}}',
        ],
      ];
      for (const [reply, status, text] of replies) {
        assert.deepEqual([reply.status, reply.text], [status, text]);
        assertClean(reply);
      }
      assert.deepEqual(
        replies.slice(1).map(([{ reused }]) => reused),
        [true, true, true, true, true],
      );
      assert.equal(replies[3]![0].headers['content-type'], undefined);
      assert.equal(replies[3]![0].headers['content-length'], undefined);
    });

    test('has bare arrays and bare objects, empty ones and large ones too', async () => {
      assert.equal((await send('GET', '/probe/things?count=0')).text, '[]');
      assert.equal((await send('GET', '/probe/things?count=2')).json.length, 2);
      const large = await send('GET', '/probe/things?count=3000&pad=2000');
      assert.equal(large.json.length, 3000);
      assert.equal(Number(large.headers['content-length']), large.body.length);
      assert.equal((await send('GET', '/probe/things/none')).text, 'null');
      assert.equal(
        (await send('GET', '/probe/things/a')).text,
        '{"id":"a","note":null,"tags":[],"create_time":"2025-02-19T13:36:02.307Z",' + '"metadata":{"a":[1,"b",null]}}',
      );
    });

    test('accepts ids with reserved characters, escaped or not', async () => {
      for (const id of ['a:b@c', 'a%3Ab%40c', 'a.b-c_d']) {
        assert.equal((await send('GET', `/probe/things/${id}`)).json.id, decodeURIComponent(id));
      }
      assertError(await send('GET', '/probe/things/a%2Fb'), 400, 'INVALID_ARGUMENT');
    });

    test('has one shape of errors, with details where there are some', async () => {
      assertError(await refuse('INSUFFICIENT_BALANCE'), 402, 'INSUFFICIENT_BALANCE', /^né"\n$/);
      assertError(await refuse('NOT_REVERSIBLE'), 409, 'NOT_REVERSIBLE');
      assertError(await refuse('PLAYER_NOT_FOUND'), 404, 'PLAYER_NOT_FOUND');
      const detailed = await refuse('INSUFFICIENT_BALANCE', {
        details: { asset: 'ΩWIN', balance: '40' },
        retry_after_ms: 1200,
      });
      assertError(detailed, 402, 'INSUFFICIENT_BALANCE', /^né"\n$/);
      assert.deepEqual(detailed.json.error.details, { asset: 'ΩWIN', balance: '40' });
      assert.equal(detailed.headers['retry-after'], '2');
      const invalid = await send('POST', '/probe/things', { thing: { id: '' } }, { 'x-auth-token': 'ann' });
      assertError(invalid, 400, 'INVALID_ARGUMENT');
      assert.deepEqual(invalid.json.error.details, {
        fields: [{ field: 'thing.id', reason: 'STRING_PATTERN', description: 'must match ^[A-Za-z0-9._:@-]{1,64}$' }],
      });
    });

    test('has the documented shapes of errors of other faces', async () => {
      const pots = await send('GET', '/probe/pots/poor');
      assert.deepEqual(
        [pots.status, pots.json],
        [402, { status_code: 402, code: 'INSUFFICIENT_BALANCE', message: 'poor' }],
      );
      const coins = await send('GET', '/probe/coins/poor');
      assert.deepEqual([coins.status, coins.json], [402, { status: 'fail', data: null, message: 'poor' }]);
      // Envoy's own: the transcoder's, which says why, and the route's.
      const odd = await send('GET', '/probe/pots/x?wait_ms=soon');
      assert.equal(odd.status, 400);
      assert.deepEqual({ ...odd.json, message: '' }, { status_code: 400, code: 'INVALID_ARGUMENT', message: '' });
      const late = await send('GET', '/probe/pots/x?wait_ms=3000');
      const told = { status_code: 504, code: 'DEADLINE_EXCEEDED' };
      assert.equal(late.status, 504);
      assert.deepEqual({ ...late.json, message: '' }, { ...told, message: '' });
    });

    test('reveals nothing about an internal error', async () => {
      for (const act of ['crash', 'garble']) {
        assertError(await answer({ act }), 500, 'INTERNAL', /^internal error [0-9a-f-]{36}$/);
      }
    });

    test('requires credentials, role and scope', async () => {
      const create = (headers: Record<string, string>): Promise<Reply> =>
        send('POST', '/probe/things', { thing: { id: 'a' } }, headers);
      assertError(await create({}), 401, 'UNAUTHENTICATED');
      assertError(await create({ authorization: 'Bearer wrong' }), 401, 'UNAUTHENTICATED');
      assertError(await create({ authorization: 'Bearer boss' }), 403, 'PERMISSION_DENIED');
      assertError(await create({ authorization: 'Bearer reader' }), 403, 'SCOPE_MISSING');
      const keyed = await create({ ...KEY, 'idempotency-key': 'k1' });
      assert.equal(keyed.json.idempotency_key, 'k1');
    });

    test('returns errors of Envoy itself in the same shape', async () => {
      assertError(await send('POST', '/probe.v1.ProbeService/Answer', {}), 404, 'ROUTE_NOT_FOUND');
      for (const body of ['not json', '{"text":', '[1]', '{"wait_ms":"many"}']) {
        assertError(await send('POST', '/probe/answer', body), 400, 'INVALID_ARGUMENT');
      }
      assertError(await send('GET', '/probe/answer/x?colour=red'), 400, 'INVALID_ARGUMENT', /colour/);
      assertError(await send('GET', '/probe/things?count=many'), 400, 'INVALID_ARGUMENT');
      assertError(await send('POST', '/probe/check', { length: 'x'.repeat(9 * 2 ** 20) }), 413, 'TOO_LARGE', /8 MiB/);
      assertError(await answer(large(2 ** 18)), 413, 'TOO_LARGE', /256 KiB/);
      assertError(await send('GET', '/probe/answer/hi', large(2 ** 16)), 413, 'TOO_LARGE', /1 KiB/);
      const pots = await send('POST', '/probe/pots/x', large(2 ** 18));
      assert.deepEqual([pots.status, pots.json.status_code, pots.json.code], [413, 413, 'TOO_LARGE']);
      assert.equal((await send('GET', '/probe/answer/hi')).status, 200);
    });

    test('distinguishes unknown paths from methods that a path does not have', async () => {
      for (const [method, path] of [
        ['GET', '/'],
        ['GET', '/probe'],
        ['GET', '/probe/nothing'],
        ['POST', '/probe/things/a/b'],
        ['GET', '/Probe/things'],
        ['GET', '/probe/{}/things'],
      ]) {
        assertError(await send(method!, path!), 404, 'ROUTE_NOT_FOUND');
      }
      for (const [method, path, allow] of [
        ['PATCH', '/probe/things', 'GET, POST, PUT'],
        ['POST', '/probe/things/a?x=1', 'DELETE, GET'],
        ['OPTIONS', '/probe/answer/x', 'GET'],
        ['TRACE', '/probe/headers', 'GET'],
      ]) {
        const reply = await send(method!, path!);
        assertError(reply, 405, 'METHOD_NOT_ALLOWED', new RegExp(`${allow}$`));
        assert.equal(reply.headers['allow'], allow);
      }
      const head = await send('HEAD', '/probe/headers');
      assert.deepEqual([head.status, head.headers['allow']], [405, 'GET']);
    });

    test('returns the error of a message that only the server finds too large', async () => {
      assertError(await send('POST', '/probe/check', { length: 'x'.repeat(4.1 * 2 ** 20) }), 413, 'TOO_LARGE');
    });

    test('does not let a query parameter win over the path', async () => {
      assertError(await send('GET', '/probe/answer/x?text=y'), 400, 'INVALID_ARGUMENT', /^text is given by the path/);
      assert.equal((await send('GET', '/probe/answer/x?wait_ms=1')).json.text, 'x');
    });

    test('times out shortly before the route does', async () => {
      const started = performance.now();
      assertError(await answer({ wait_ms: 3000 }), 504, 'DEADLINE_EXCEEDED');
      assert(performance.now() - started < 1000);
    });

    test('believes nothing that a client says of itself', async () => {
      const { headers } = (
        await send('GET', '/probe/headers', undefined, {
          'x-envoy-original-path': '/evil',
          'x-envoy-original-method': 'EVIL',
          'x-rest-status': '999',
          'x-rest-else': '1',
          'x-envoy-upstream-rq-timeout-ms': '1',
          'x-windfall-operator': 'demo',
          'x-forwarded-for': '192.0.2.1',
        })
      ).json;
      assert.equal(headers['x-envoy-original-path'], '/probe/headers');
      assert.equal(headers['x-envoy-original-method'], 'GET');
      assert.equal(headers['x-windfall-operator'], 'demo');
      assert.notEqual(headers['x-forwarded-for'].split(',').at(-1), '192.0.2.1');
      assert.deepEqual(
        Object.keys(headers).filter((name) => /^x-rest-|rq-timeout/.test(name)),
        [],
      );
    });

    test('has its own deadline, whatever the client requests', async () => {
      const reply = await send('POST', '/probe/answer', { wait_ms: 50 }, { 'grpc-timeout': '10m' });
      assert.equal(reply.status, 200);
    });

    test('assigns each call an id, which is in the log', async () => {
      const reply = await refuse('OVERLOADED');
      assertError(reply, 429, 'OVERLOADED');
      assert(reply.headers['x-request-id']);
      assert.equal(running!.probe.lines.at(-1)!['request_id'], reply.headers['x-request-id']);
    });
  });
}

describe('the edge', { skip }, () => {
  test('causes no error in the edge itself', async () => {
    assert.equal(await running!.edge.stat('http.edge.lua.errors'), 0);
  });
});
