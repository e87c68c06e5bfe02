import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { parentPort, workerData } from 'node:worker_threads';
import type { Seen, Watched } from './watch.ts';

// Asks REST and gRPC for their health ten times a second, plays as another operator, and looks at how much memory
// server and Envoy have. In a thread of its own: an attack keeps its own busy.

const { base, grpc, server, envoy, play } = workerData as Watched;
const EVERY_MS = 100;
const GIVE_UP_MS = 20_000;
const EMPTY_MESSAGE = Buffer.alloc(5);

type Asked = 'restMs' | 'grpcMs' | 'rivalMs';

const pending = new Map<object, { asked: Asked; at: number }>();
const rival = http2.connect(`http://${grpc}`);
let seen = fresh();

function fresh(): Seen {
  const none = { restMs: 0, grpcMs: 0, rivalMs: 0, unanswered: 0, asked: 0, refused: [] };
  return { ...none, serverMb: megabytes(server), envoyMb: megabytes(envoy) };
}

function megabytes(pid: number): number {
  try {
    return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);
  } catch {
    return Number.NaN;
  }
}

function note(asked: Asked, at: number): void {
  seen[asked] = Math.max(seen[asked], Math.round(performance.now() - at));
}

/** Returns what ends it: with null where it was answered, otherwise with why not. */
function begin(asked: Asked): (fault: string | null) => void {
  const key = {};
  pending.set(key, { asked, at: performance.now() });
  seen.asked += 1;
  return (fault) => {
    const probe = pending.get(key);
    if (probe === undefined) return;
    pending.delete(key);
    note(asked, probe.at);
    if (fault === null) return;
    seen.unanswered += 1;
    seen.refused.push(fault);
  };
}

function askRest(): void {
  const end = begin('restMs');
  http
    .get(`${base}/health`, { agent: false, timeout: GIVE_UP_MS }, (answer) => {
      const { statusCode } = answer;
      answer.resume().on('end', () => end(statusCode === 200 ? null : `health ${statusCode}`));
    })
    .on('timeout', function stop(this: http.ClientRequest) {
      this.destroy();
    })
    .on('error', (error) => end(`health ${error.message}`));
}

function call(on: http2.ClientHttp2Session, path: string, headers: object, bytes: Uint8Array, end: Ending): void {
  const fixed = { ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc' };
  const stream = on.request({ ...fixed, ...headers });
  stream.setTimeout(GIVE_UP_MS, () => stream.close());
  let status = 'no answer';
  stream
    .on('response', (given) => (status = String(given['grpc-status'] ?? status)))
    .on('trailers', (given) => (status = String(given['grpc-status'])))
    .on('error', () => undefined)
    .on('close', () => end(status));
  stream.resume().end(bytes);
}

type Ending = (status: string) => void;

function askGrpc(): void {
  const end = begin('grpcMs');
  const session = http2.connect(`http://${grpc}`).on('error', (error) => end(`gRPC health ${error.message}`));
  call(session, '/grpc.health.v1.Health/Check', {}, EMPTY_MESSAGE, (status) => {
    end(status === '0' ? null : `gRPC health ${status}`);
    session.destroy();
  });
}

function playAsRival(): void {
  const end = begin('rivalMs');
  call(rival, play.path, play.headers, play.bytes, (status) =>
    end(status === '0' ? null : `another operator ${status}`),
  );
}

setInterval(() => {
  seen.serverMb = Math.max(seen.serverMb, megabytes(server));
  seen.envoyMb = Math.max(seen.envoyMb, megabytes(envoy));
  askRest();
  askGrpc();
  playAsRival();
}, EVERY_MS);

parentPort!.on('message', () => {
  // What is not answered yet has taken that long already.
  for (const { asked, at } of pending.values()) note(asked, at);
  parentPort!.postMessage(seen);
  seen = fresh();
});
