import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, test } from 'vitest';
import { assertClean, assertError, PROTOCOLS, skip, startRest } from './rest.ts';

const running = await startRest();
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

    test('shows nothing of gRPC in headers or trailers, whatever the answer is', async () => {
      const answers = [
        await send('GET', '/probe/answer/hi'),
        await send('POST', '/probe/answer', { text: 'half' }),
        await send('GET', '/probe/things?count=500&pad=100'),
        await send('DELETE', '/probe/things/a'),
        await send('GET', '/probe/watch/x?count=2'),
        await send('GET', '/probe/watch/x?count=2&fail_at=2'),
        await send('POST', '/probe/answer', { text: 'no', act: 'refuse', reason: 'RATE_LIMITED', retry_after_ms: 1 }),
        await send('POST', '/probe/answer', { text: 'no', act: 'crash' }),
        await send('POST', '/probe/answer', { text: 'no', act: 'garble' }),
      ];
      for (const answer of answers) assertClean(answer);
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200, 204, 429, 500]));
    });

    test('lets browsers read when to come back', async () => {
      const refusal = { text: 'no', act: 'refuse', reason: 'RATE_LIMITED', retry_after_ms: 1500 };
      const { headers } = await send('POST', '/probe/answer', refusal, ORIGIN);
      assert.equal(headers['retry-after'], '2');
      assert.ok(String(headers['access-control-expose-headers']).split(',').includes('retry-after'));
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
  });
}

describe('REST', { skip }, () => {
  test('causes no error in the edge itself', async () => {
    assert.equal(await running!.edge.stat('http.edge.lua.errors'), 0);
  });
});
