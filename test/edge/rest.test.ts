import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ENVOY, startEdge } from './envoy.ts';
import { h2c, http1, type HttpClient, type Reply } from './http.ts';
import { seen, startProbe } from './probe.ts';

const skip = ENVOY === null && 'there is no Envoy';
const probe = skip ? undefined : await startProbe();
const edge = probe && await startEdge({ grpcPort: probe.port, timeoutMs: 600 });
after(async () => {
  await edge?.[Symbol.asyncDispose]();
  await probe?.[Symbol.asyncDispose]();
});

const KEY = { authorization: 'Bearer all' };
const SSE = { accept: 'text/event-stream' };
const ORIGIN = { origin: 'https://lobby.example' };

/** An error in the one shape, with nothing of the inside beside it. */
function assertError(reply: Reply, status: number, code: string, message?: RegExp): void {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.headers['content-type'], 'application/json');
  assert.deepEqual(Object.keys(reply.json), ['error']);
  assert.equal(reply.json.error.code, code);
  assert.match(reply.json.error.message, message ?? /./);
  assertClean(reply);
}

function assertClean({ headers }: Reply): void {
  assert.deepEqual(Object.keys(headers).filter((name) => /^(x-rest-|grpc-|x-envoy-)/.test(name)), []);
}

for (const [protocol, connect] of [['HTTP/1.1', http1], ['h2c', h2c]] as const) {
  describe(`REST over ${protocol}`, { skip }, () => {
    const client: HttpClient = connect(edge?.base ?? '');
    const { send } = client;
    after(() => client[Symbol.dispose]());
    const answer = (body: object): Promise<Reply> => send('POST', '/probe/answer', body);
    const refuse = (reason: string, more: object = {}): Promise<Reply> => answer({ text: 'né"\n', act: 'refuse', reason, ...more });

    test('answers with the status of the contract, and keeps the connection', async () => {
      const replies: [Reply, number, string][] = [
        [await send('GET', '/probe/answer/hi'), 200, '{"text":"hi","note":null,"odds":null,"count":0}'],
        [await send('POST', '/probe/things', { thing: { id: 'a' } }, KEY), 201,
          '{"thing":{"id":"a","note":null,"tags":[]},"idempotency_key":""}'],
        [await send('PUT', '/probe/things', [{ id: 'a' }, { id: 'b', note: 'x' }]), 202,
          '[{"id":"a","note":null,"tags":[]},{"id":"b","note":"x","tags":[]}]'],
        [await send('DELETE', '/probe/things/a'), 204, ''],
        [await send('GET', '/probe/answer/full'), 200, '{"text":"full","note":"a note","odds":0.5,"count":0}'],
      ];
      for (const [reply, status, text] of replies) {
        assert.deepEqual([reply.status, reply.text], [status, text]);
        assertClean(reply);
      }
      assert.deepEqual(replies.slice(1).map(([{ reused }]) => reused), [true, true, true, true]);
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
      assert.equal((await send('GET', '/probe/things/a')).text,
        '{"id":"a","note":null,"tags":[],"create_time":"2025-02-19T13:36:02.307Z","metadata":{"a":[1,"b",null]}}');
    });

    test('takes ids with reserved characters, escaped or not', async () => {
      for (const id of ['a:b@c', 'a%3Ab%40c', 'a.b-c_d']) {
        assert.equal((await send('GET', `/probe/things/${id}`)).json.id, decodeURIComponent(id));
      }
      assertError(await send('GET', '/probe/things/a%2Fb'), 400, 'INVALID_ARGUMENT');
    });

    test('has one shape of errors, with details where there are some', async () => {
      assertError(await refuse('INSUFFICIENT_BALANCE'), 402, 'INSUFFICIENT_BALANCE', /^né"\n$/);
      assertError(await refuse('NOT_REVERSIBLE'), 409, 'NOT_REVERSIBLE');
      assertError(await refuse('PLAYER_NOT_FOUND'), 404, 'PLAYER_NOT_FOUND');
      const detailed = await refuse('INSUFFICIENT_BALANCE', { details: { asset: 'ΩWIN', balance: '40' }, retry_after_ms: 1200 });
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
      assert.deepEqual([pots.status, pots.json], [402, { status_code: 402, code: 'INSUFFICIENT_BALANCE', message: 'poor' }]);
      const coins = await send('GET', '/probe/coins/poor');
      assert.deepEqual([coins.status, coins.json], [402, { status: 'fail', data: null, message: 'poor' }]);
    });

    test('tells nothing of a fault', async () => {
      for (const act of ['crash', 'garble']) {
        assertError(await answer({ act }), 500, 'INTERNAL', /^internal error [0-9a-f-]{36}$/);
      }
    });

    test('asks for credentials, role and scope', async () => {
      const create = (headers: Record<string, string>): Promise<Reply> => send('POST', '/probe/things', { thing: { id: 'a' } }, headers);
      assertError(await create({}), 401, 'UNAUTHENTICATED');
      assertError(await create({ authorization: 'Bearer wrong' }), 401, 'UNAUTHENTICATED');
      assertError(await create({ authorization: 'Bearer boss' }), 403, 'PERMISSION_DENIED');
      assertError(await create({ authorization: 'Bearer reader' }), 403, 'SCOPE_MISSING');
      const keyed = await create({ ...KEY, 'idempotency-key': 'k1' });
      assert.equal(keyed.json.idempotency_key, 'k1');
    });

    test('tells what Envoy itself refuses in the same shape', async () => {
      assertError(await send('GET', '/probe/nothing'), 404, 'NOT_FOUND');
      assertError(await send('PATCH', '/probe/things', {}), 404, 'NOT_FOUND');
      assertError(await send('POST', '/probe.v1.ProbeService/Answer', {}), 404, 'NOT_FOUND');
      for (const body of ['not json', '{"text":', '[1]', '{"wait_ms":"many"}']) {
        assertError(await send('POST', '/probe/answer', body), 400, 'INVALID_ARGUMENT');
      }
      assertError(await send('GET', '/probe/answer/x?colour=red'), 400, 'INVALID_ARGUMENT', /colour/);
      assertError(await send('GET', '/probe/things?count=many'), 400, 'INVALID_ARGUMENT');
      assertError(await answer({ text: 'x'.repeat(9 * 2 ** 20) }), 413, 'TOO_LARGE');
      assert.equal((await send('GET', '/probe/answer/hi')).status, 200);
    });

    test('tells a message that only the server finds too large', async () => {
      assertError(await answer({ text: 'x'.repeat(5 * 2 ** 20) }), 413, 'TOO_LARGE');
    });

    test('does not let a query parameter win over the path', async () => {
      assertError(await send('GET', '/probe/answer/x?text=y'), 400, 'INVALID_ARGUMENT', /^text is given by the path/);
      assert.equal((await send('GET', '/probe/answer/x?wait_ms=1')).json.text, 'x');
    });

    test('gives up a little before the route does', async () => {
      const started = performance.now();
      assertError(await answer({ wait_ms: 3000 }), 504, 'DEADLINE_EXCEEDED');
      assert(performance.now() - started < 1000);
    });

    test('believes nothing that a client says of itself', async () => {
      const { headers } = (await send('GET', '/probe/headers', undefined, {
        'x-envoy-original-path': '/evil', 'x-envoy-original-method': 'EVIL', 'x-rest-status': '999', 'x-rest-else': '1',
        'x-envoy-upstream-rq-timeout-ms': '1', 'grpc-timeout': '1n', 'x-windfall-operator': 'demo', 'x-forwarded-for': '192.0.2.1',
      })).json;
      assert.equal(headers['x-envoy-original-path'], '/probe/headers');
      assert.equal(headers['x-envoy-original-method'], 'GET');
      assert.equal(headers['x-windfall-operator'], 'demo');
      assert.notEqual(headers['x-forwarded-for'].split(',').at(-1), '192.0.2.1');
      assert.deepEqual(Object.keys(headers).filter((name) => /^x-rest-|rq-timeout/.test(name)), []);
    });

    test('gives each call an id, which is in the log', async () => {
      const reply = await refuse('OVERLOADED');
      assertError(reply, 429, 'OVERLOADED');
      assert(reply.headers['x-request-id']);
      assert.equal(probe!.lines.at(-1)!['request_id'], reply.headers['x-request-id']);
    });

    test('lets browsers in, for errors too', async () => {
      const preflight = await send('OPTIONS', '/probe/things', undefined, {
        ...ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,idempotency-key',
      });
      assert.equal(preflight.status, 200);
      assert.equal(preflight.headers['access-control-allow-origin'], ORIGIN.origin);
      assert.match(String(preflight.headers['access-control-allow-methods']), /POST/);
      for (const name of ['authorization', 'idempotency-key', 'x-auth-token', 'x-windfall-operator', 'x-grpc-web']) {
        assert(String(preflight.headers['access-control-allow-headers']).split(',').includes(name), name);
      }
      for (const path of ['/probe/answer/hi', '/probe/nothing', '/probe/answer/x?colour=red', '/probe/pots/x']) {
        assert.equal((await send('GET', path, undefined, ORIGIN)).headers['access-control-allow-origin'], ORIGIN.origin, path);
      }
    });

    test('packs and unpacks', async () => {
      const request = await send('POST', '/probe/answer', gzipSync(JSON.stringify({ text: 'n'.repeat(5000) })), { 'content-encoding': 'gzip' });
      assert.equal(request.json.text.length, 5000);
      const list = await send('GET', '/probe/things?count=500&pad=100', undefined, { 'accept-encoding': 'gzip' });
      assert.equal(list.headers['content-encoding'], 'gzip');
      assert.equal((JSON.parse(gunzipSync(list.body).toString()) as unknown[]).length, 500);
      const none = await send('DELETE', '/probe/things/a', undefined, { 'accept-encoding': 'gzip' });
      assert.deepEqual([none.status, none.body.length, none.headers['content-encoding']], [204, 0, undefined]);
      const events = await send('GET', '/probe/watch/x?count=2&pad=500', undefined, { ...SSE, 'accept-encoding': 'gzip' });
      assert.equal(events.headers['content-encoding'], undefined);
      assert.equal((await send('GET', '/probe/answer/hi')).status, 200);
    });

    test('does not unpack what is packed too well', async () => {
      const gzip = { 'content-encoding': 'gzip' };
      assertError(await send('POST', '/probe/answer', gzipSync(Buffer.alloc(2 * 2 ** 20, ' ')), gzip), 400, 'INVALID_ARGUMENT', /unpacked/);
      const words = JSON.stringify({ text: Array.from({ length: 600_000 }, (_, i) => `abcdefghijklmn${i}`).join('') });
      assertError(await send('POST', '/probe/answer', gzipSync(words), gzip), 413, 'TOO_LARGE');
    });

    test('has streams as events or as lines', async () => {
      const events = await send('GET', '/probe/watch/x?count=2', undefined, SSE);
      assert.equal(events.headers['content-type'], 'text/event-stream');
      assert.equal(events.text, 'data: {"sequence":1,"text":""}\n\ndata: {"sequence":2,"text":""}\n\n');
      assertClean(events);
      const lines = await send('GET', '/probe/watch/x?count=2');
      assert.equal(lines.text, '{"sequence":1,"text":""}\n{"sequence":2,"text":""}\n');
    });

    test('tells a stream that fails at once, and ends one that fails later', async () => {
      for (const headers of [SSE, {}]) {
        assertError(await send('GET', '/probe/watch/x?count=2&fail_at=1', undefined, headers), 402, 'INSUFFICIENT_BALANCE');
        const late = await send('GET', '/probe/watch/x?count=2&fail_at=2', undefined, headers);
        assert.equal(late.status, 200);
        assert.match(late.text, /^(data: )?\{"sequence":1,"text":""\}\n+$/);
        assertClean(late);
      }
      const broken = `/probe/watch/${'x'.repeat(21)}`;
      assertError(await send('GET', broken, undefined, SSE), 400, 'INVALID_ARGUMENT');
    });

    test('says whether the service is healthy', async () => {
      assert.equal((await send('GET', '/health')).status, 200);
    });
  });
}

describe('REST', { skip }, () => {
  test('sends the first event before the second one happens, and goes on past the timeout of calls', async () => {
    const started = performance.now();
    const response = await fetch(`${edge!.base}/probe/watch/x?count=3&gap_ms=400`, { headers: SSE });
    const times: number[] = [];
    for await (const chunk of response.body!) {
      assert.match(Buffer.from(chunk).toString(), /^data: /);
      times.push(performance.now() - started);
    }
    assert.equal(times.length, 3);
    assert(times[0]! < 300 && times[2]! > 800, times.join());
  });

  test('tells the server that a client has left', async () => {
    const before = seen.stopped;
    const stop = new AbortController();
    const response = await fetch(`${edge!.base}/probe/watch/x?count=100&gap_ms=20`, { headers: SSE, signal: stop.signal });
    await response.body!.getReader().read();
    stop.abort();
    for (let tries = 0; seen.stopped === before && tries < 100; tries++) await sleep(10);
    assert.equal(seen.stopped, before + 1);
  });

  test('has an edge without a fault of its own', async () => {
    assert.equal(await edge!.stat('http.edge.lua.errors'), 0);
  });
});
