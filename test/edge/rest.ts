import assert from 'node:assert/strict';
import { afterAll } from 'vitest';
import { ENVOY, startEdge, type Edge } from './envoy.ts';
import { h2c, http1, type Reply } from './http.ts';
import { startProbe, type ProbeServer } from './probe.ts';

export const skip = ENVOY === null;
export const PROTOCOLS = [
  ['HTTP/1.1', http1],
  ['h2c', h2c],
] as const;

/**
 * A probe behind an Envoy that gives calls 600 ms, until the tests of the file are over; neither without an
 * Envoy.
 */
export async function startRest(): Promise<{ probe: ProbeServer; edge: Edge } | undefined> {
  if (ENVOY === null) return undefined;
  const probe = await startProbe();
  const edge = await startEdge({ grpcPort: probe.port, timeoutMs: 600 });
  afterAll(async () => {
    await edge[Symbol.asyncDispose]();
    await probe[Symbol.asyncDispose]();
  });
  return { probe, edge };
}

/** An error in the one shape, with nothing of the inside beside it. */
export function assertError(reply: Reply, status: number, code: string, message?: RegExp): void {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.headers['content-type'], 'application/json');
  assert.deepEqual(Object.keys(reply.json), ['error']);
  assert.equal(reply.json.error.code, code);
  assert.match(reply.json.error.message, message ?? /./);
  assertClean(reply);
}

/** No header is meant for others than the client, and nothing comes after the body. */
export function assertClean({ headers, trailers }: Reply): void {
  assert.deepEqual(trailers, {});
  const inner = Object.keys(headers).filter((name) => /^(x-rest-|grpc-|x-envoy-)/.test(name));
  assert.deepEqual(inner, []);
}
