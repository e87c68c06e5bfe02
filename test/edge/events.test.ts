import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, test } from 'vitest';
import { seen } from './probe.ts';
import { assertClean, assertError, PROTOCOLS, skip, startRest } from './rest.ts';

const running = await startRest();
const SSE = { accept: 'text/event-stream' };

/** The event of a number, as it stands on the wire. */
const event = (number: number): string =>
  `id: ${number}\nevent: big_news\n` +
  `data: {"sequence":${number},"text":"","event_id":"${number}","big_news":{"number":"${number}"}}\n\n`;

for (const [protocol, connect] of PROTOCOLS) {
  describe(`a server stream over ${protocol}`, { skip }, () => {
    const client = connect(running?.edge.base ?? '');
    const { send } = client;
    afterAll(() => client[Symbol.dispose]());

    test('is server-sent events, whatever the client accepts', async () => {
      for (const headers of [SSE, {}, { accept: 'application/json' }]) {
        const events = await send('GET', '/probe/watch/x?count=2', undefined, headers);
        assert.deepEqual(
          [events.status, events.headers['content-type'], events.headers['cache-control']],
          [200, 'text/event-stream', 'no-cache'],
        );
        assert.equal(events.text, event(1) + event(2));
        assertClean(events);
      }
    });

    test('continues after the event that the client names, in its URL or its header, which is newer', async () => {
      assert.equal((await send('GET', '/probe/watch/x?count=3&last_event_id=2')).text, event(3));
      const header = { 'last-event-id': '1' };
      assert.equal((await send('GET', '/probe/watch/x?count=2', undefined, header)).text, event(2));
      assert.equal((await send('GET', '/probe/watch/x?count=2&last_event_id=0', undefined, header)).text, event(2));
      assertError(await send('GET', '/probe/watch/x', undefined, { 'last-event-id': 'x1' }), 400, 'INVALID_ARGUMENT');
    });

    test('has heartbeats, which leave the last id as it is', async () => {
      const { text } = await send('GET', '/probe/watch/x?count=2&beat_at=1');
      assert.equal(text, `event: heartbeat\ndata: {"sequence":0,"text":"","event_id":""}\n\n${event(2)}`);
    });

    test('that fails at once has the status and body of any error', async () => {
      for (const headers of [SSE, {}]) {
        const failed = await send('GET', '/probe/watch/x?count=2&fail_at=1', undefined, headers);
        assertError(failed, 402, 'INSUFFICIENT_BALANCE');
        const broken = await send('GET', `/probe/watch/${'x'.repeat(21)}`, undefined, headers);
        assertError(broken, 400, 'INVALID_ARGUMENT');
        assertError(await send('GET', '/probe/watch/x?colour=red', undefined, headers), 400, 'INVALID_ARGUMENT');
      }
    });

    test('that fails later ends with the error as an event', async () => {
      const late = await send('GET', '/probe/watch/x?count=2&fail_at=2');
      assert.equal(late.status, 200);
      const error = '{"error":{"code":"INSUFFICIENT_BALANCE","message":"no more events"}}';
      assert.equal(late.text, `${event(1)}event: error\ndata: ${error}\n\n`);
      assertClean(late);
    });

    test('may be longer than any answer', async () => {
      const { text } = await send('GET', '/probe/watch/x?count=400&pad=50000');
      assert.equal(text.split('\n\n').length, 401);
    });
  });
}

describe('an export over REST', { skip }, () => {
  const row = (number: number): string => /data: (.*)/.exec(event(number))![1]!;

  test.each(PROTOCOLS)('is lines of JSON over %s, and an error after the first is one, too', async (_, connect) => {
    using client = connect(running!.edge.base);
    const whole = await client.send('GET', '/probe/export/x?count=3', undefined, SSE);
    assert.deepEqual([whole.status, whole.headers['content-type']], [200, 'application/x-ndjson']);
    assert.equal(whole.text, `${row(1)}\n${row(2)}\n${row(3)}\n`);
    assertClean(whole);
    const late = await client.send('GET', '/probe/export/x?count=3&fail_at=2');
    const error = '{"error":{"code":"INSUFFICIENT_BALANCE","message":"no more events"}}';
    assert.deepEqual([late.status, late.text], [200, `${row(1)}\n${error}\n`]);
    assertError(await client.send('GET', '/probe/export/x?count=3&fail_at=1'), 402, 'INSUFFICIENT_BALANCE');
  });

  test('outlasts the timeout of calls', async () => {
    const response = await fetch(`${running!.edge.base}/probe/export/x?count=3&gap_ms=400`);
    assert.equal((await response.text()).split('\n').length, 4);
  });
});

describe('a server stream over REST', { skip }, () => {
  test('sends the first event before the second one happens, and outlasts the timeout of calls', async () => {
    const started = performance.now();
    const response = await fetch(`${running!.edge.base}/probe/watch/x?count=3&gap_ms=400`);
    const times: number[] = [];
    for await (const chunk of response.body!) {
      assert.match(Buffer.from(chunk).toString(), /^id: /);
      times.push(performance.now() - started);
    }
    assert.equal(times.length, 3);
    assert(times[1]! - times[0]! > 300 && times[2]! > 700, times.join());
  });

  test('cancels the call in the server when a client disconnects', async () => {
    const before = seen.stopped;
    const stop = new AbortController();
    const response = await fetch(`${running!.edge.base}/probe/watch/x?count=100&gap_ms=20`, { signal: stop.signal });
    await response.body!.getReader().read();
    stop.abort();
    for (let tries = 0; seen.stopped === before && tries < 100; tries++) await sleep(10);
    assert.equal(seen.stopped, before + 1);
  });

  test('has the time limits of a stream only where the contract has one, whatever a client says', async () => {
    const headers = { 'x-rest-events': 'true' };
    const response = await fetch(`${running!.edge.base}/probe/answer`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'hi', act: 'wait', wait_ms: 3000 }),
    });
    assert.equal(response.status, 504);
  });

  test('causes no error in the edge itself', async () => {
    assert.equal(await running!.edge.stat('http.edge.lua.errors'), 0);
  });
});
