import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { ENVOY, startEdge } from './envoy.ts';
import { ANSWER, grpcClient } from './grpc.ts';
import { http1 } from './http.ts';
import { startProbe } from './probe.ts';

const skip = ENVOY === null;

/** The same Envoy with another server besides. */
function withServer(port: number): (config: string) => string {
  return (text) => {
    const config = parse(text);
    const { lb_endpoints: endpoints } = config.static_resources.clusters[0].load_assignment.endpoints[0];
    endpoints.push({ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } });
    return stringify(config);
  };
}

describe('behind the edge', { skip }, () => {
  test('one of two servers drains without a failed call', async () => {
    const leaving = await startProbe();
    await using staying = await startProbe();
    await using edge = await startEdge({ grpcPort: leaving.port }, withServer(staying.port));
    using grpc = grpcClient(edge.address);
    let stopped = false;
    let calls = 0;
    const load = async (call: () => Promise<void>): Promise<void> => {
      for (; !stopped; calls++) await call();
    };
    const rest = Array.from({ length: 4 }, async () => {
      using client = http1(edge.base);
      await load(async () =>
        assert.equal((await client.send('POST', '/probe/answer', { text: 'hi', wait_ms: 5 })).status, 200),
      );
    });
    const native = Array.from({ length: 4 }, () =>
      load(async () => {
        assert.equal((await grpc.call('answer', { ...ANSWER, waitMs: 5 })).text, 'hi');
      }),
    );
    const all = Promise.all([...rest, ...native]);
    // In use, however slow the machine is.
    for (let waits = 0; waits < 200 && leaving.lines.length <= 20; waits++) await Promise.race([all, sleep(50)]);
    const served = leaving.lines.length;
    await Promise.race([all, leaving.server.drain({ waitMs: 2200, limitMs: 3000 })]);
    await Promise.race([all, sleep(300)]);
    stopped = true;
    await all;
    assert(served > 20, 'the server that leaves was not in use');
    assert(calls > 100);
  });

  test('a server that comes back is found again', async () => {
    const first = await startProbe();
    await using edge = await startEdge({ grpcPort: first.port });
    using client = http1(edge.base);
    await first[Symbol.asyncDispose]();
    assert.equal((await client.send('GET', '/probe/answer/hi')).status, 503);
    const pots = await client.send('GET', '/probe/pots/hi');
    assert.deepEqual([pots.status, pots.json.status_code, pots.json.code], [503, 503, 'UNAVAILABLE']);
    await using _again = await startProbe({ address: first.address });
    let status = 0;
    for (let tries = 0; status !== 200 && tries < 60; tries++) {
      await sleep(50);
      ({ status } = await client.send('GET', '/probe/answer/hi'));
    }
    assert.equal(status, 200);
  });
});
