import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, test } from 'vitest';
import { seen } from './probe.ts';
import { assertClean, assertError, PROTOCOLS, skip, startRest } from './rest.ts';

const running = await startRest();
const SSE = { accept: 'text/event-stream' };
const ORIGIN = { origin: 'https://lobby.example' };

for (const [protocol, connect] of PROTOCOLS) {
  describe(`the transport of REST over ${protocol}`, { skip }, () => {
    const client = connect(running?.edge.base ?? '');
    const { send } = client;
    afterAll(() => client[Symbol.dispose]());

    test('allows browsers, for errors too', async () => {
      const preflight = await send('OPTIONS', '/probe/things', undefined, {
        ...ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,idempotency-key',
      });
      assert.equal(preflight.status, 200);
      assert.equal(preflight.headers['access-control-allow-origin'], ORIGIN.origin);
      assert.match(String(preflight.headers['access-control-allow-methods']), /POST/);
      for (const name of ['authorization', 'idempotency-key', 'x-auth-token', 'x-windfall-operator', 'x-grpc-web']) {
        assert(String(preflight.headers['access-control-allow-headers']).split(',').includes(name), name);
      }
      for (const path of ['/probe/answer/hi', '/probe/nothing', '/probe/answer/x?colour=red', '/probe/pots/poor']) {
        assert.equal(
          (await send('GET', path, undefined, ORIGIN)).headers['access-control-allow-origin'],
          ORIGIN.origin,
          path,
        );
      }
    });

    test('packs answers', async () => {
      const list = await send('GET', '/probe/things?count=500&pad=100', undefined, {
        'accept-encoding': 'gzip',
      });
      assert.equal(list.headers['content-encoding'], 'gzip');
      assert.equal((JSON.parse(gunzipSync(list.body).toString()) as unknown[]).length, 500);
      const none = await send('DELETE', '/probe/things/a', undefined, { 'accept-encoding': 'gzip' });
      assert.deepEqual([none.status, none.body.length, none.headers['content-encoding']], [204, 0, undefined]);
      const events = await send('GET', '/probe/watch/x?count=2&pad=500', undefined, {
        ...SSE,
        'accept-encoding': 'gzip',
      });
      assert.equal(events.headers['content-encoding'], undefined);
      assert.equal((await send('GET', '/probe/answer/hi')).status, 200);
    });

    test('rejects a body that is declared as compressed, before any handler', async () => {
      const body = gzipSync(JSON.stringify({ text: 'hi' }));
      const broken = Buffer.from(body);
      broken[broken.length - 5]! ^= 1;
      for (const packed of [body, broken, Buffer.from('{"text":"hi"}')]) {
        for (const encoding of [
          'gzip',
          'deflate',
          'br',
          'zstd',
          'x-gzip',
          'GZip',
          'gzip, identity',
          'identity,gzip',
          '',
        ]) {
          const refused = await send('POST', '/probe/answer', packed, { 'content-encoding': encoding });
          assertError(refused, 415, 'UNSUPPORTED_ENCODING');
        }
      }
      for (const encoding of ['identity', 'Identity']) {
        const plain = await send('POST', '/probe/answer', { text: 'hi' }, { 'content-encoding': encoding });
        assert.equal(plain.json.text, 'hi');
      }
    });

    test('knows no path with an empty part', async () => {
      for (const path of ['/probe/answer/hi/', '/probe//answer/hi', '/probe/answer/hi/?x=1', '/probe/answer//']) {
        assertError(await send('GET', path), 404, 'ROUTE_NOT_FOUND');
      }
      assertError(await send('DELETE', '/probe/things/a/'), 404, 'ROUTE_NOT_FOUND');
      assert.equal((await send('GET', '/probe/answer/hi?x=')).status, 400);
    });

    test('has streams as events or as lines', async () => {
      const events = await send('GET', '/probe/watch/x?count=2', undefined, SSE);
      assert.equal(events.headers['content-type'], 'text/event-stream');
      assert.equal(events.text, 'data: {"sequence":1,"text":""}\n\ndata: {"sequence":2,"text":""}\n\n');
      assertClean(events);
      const lines = await send('GET', '/probe/watch/x?count=2');
      assert.equal(lines.text, '{"sequence":1,"text":""}\n{"sequence":2,"text":""}\n');
    });

    test('returns the error of a stream that fails at once, and closes one that fails later', async () => {
      for (const headers of [SSE, {}]) {
        assertError(
          await send('GET', '/probe/watch/x?count=2&fail_at=1', undefined, headers),
          402,
          'INSUFFICIENT_BALANCE',
        );
        const late = await send('GET', '/probe/watch/x?count=2&fail_at=2', undefined, headers);
        assert.equal(late.status, 200);
        assert.match(late.text, /^(data: )?\{"sequence":1,"text":""\}\n+$/);
        assertClean(late);
      }
      const broken = `/probe/watch/${'x'.repeat(21)}`;
      assertError(await send('GET', broken, undefined, SSE), 400, 'INVALID_ARGUMENT');
    });
  });
}

describe('REST', { skip }, () => {
  test('sends the first event before the second one happens, and outlasts the timeout of calls', async () => {
    const started = performance.now();
    const response = await fetch(`${running!.edge.base}/probe/watch/x?count=3&gap_ms=400`, { headers: SSE });
    const times: number[] = [];
    for await (const chunk of response.body!) {
      assert.match(Buffer.from(chunk).toString(), /^data: /);
      times.push(performance.now() - started);
    }
    assert.equal(times.length, 3);
    assert(times[0]! < 300 && times[2]! > 800, times.join());
  });

  test('cancels the call in the server when a client disconnects', async () => {
    const before = seen.stopped;
    const stop = new AbortController();
    const response = await fetch(`${running!.edge.base}/probe/watch/x?count=100&gap_ms=20`, {
      headers: SSE,
      signal: stop.signal,
    });
    await response.body!.getReader().read();
    stop.abort();
    for (let tries = 0; seen.stopped === before && tries < 100; tries++) await sleep(10);
    assert.equal(seen.stopped, before + 1);
  });

  test('causes no error in the edge itself', async () => {
    assert.equal(await running!.edge.stat('http.edge.lua.errors'), 0);
  });
});
