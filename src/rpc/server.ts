import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import { Arrivals } from './arrivals.ts';
import { bidi, clientStream, serverStream, unary, type Route } from './adapter.ts';
import { Calls } from './calls.ts';
import { Connections } from './connections.ts';
import type { Authenticate } from './chain.ts';
import type { Contract } from './contract.ts';
import type { Definition, Service, ServiceDefinition } from './implementation.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { addReflection } from './reflection.ts';
import { Routes } from './routes.ts';

export interface ServerOptions<S extends readonly ServiceDefinition[]> {
  readonly contract: Contract;
  /** Pairs of a service's definition and its implementation. */
  readonly services: readonly [...{ [I in keyof S]: Service<S[I]> }];
  readonly authenticate: Authenticate;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The secret of the etags. Another one for each version of the program, which may show the same rows differently. */
  readonly etagKey: Buffer;
  readonly limits?: Partial<Limits>;
  /** Certificate and key as PEM, and the authorities of the certificates that clients must have; null: plain text. */
  readonly tls?: ServerTls | null;
  /** Whether clients may read the contract: grpc.reflection.v1. */
  readonly reflection?: boolean;
}

export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | null;
}

export interface DrainTimes {
  /**
   * How long the server continues to serve while it reports NOT_SERVING: two health checks of the load balancer.
   */
  readonly waitMs: number;
  /** How long the calls in flight may take after that. */
  readonly limitMs: number;
}

export interface RpcServer {
  /** Listens on `host:port`, with TLS if the server has it; port 0: any free one. Resolves to the port. */
  bind(address: string): Promise<number>;
  /** Listens there in plain text. */
  bindPlain(address: string): Promise<number>;
  /** Stops the server without failing a call, as far as the times allow. */
  drain(times: DrainTimes): Promise<void>;
}

/**
 * Creates the gRPC server. Throws if an RPC is not implemented, is not in the contract, or has rules that are
 * not supported.
 */
export function createServer<const S extends readonly ServiceDefinition[]>(options: ServerOptions<S>): RpcServer {
  const limits = { ...LIMITS, ...options.limits };
  const calls = new Calls(options.contract, options.log, options.metrics, limits, options.etagKey);
  const routes = new Routes(options.contract, calls, limits, options.authenticate);
  const arrivals = new Arrivals(limits, routes.gates);
  const server = new Server({ ...channelOptions(limits), interceptors: [arrivals.intercept] });
  const connections = new Connections(server, limits, options.log);
  const names = new Set<string>();
  const missing = new Set(options.contract.methods.keys());
  for (const [definition, implementation] of options.services as readonly Service[]) {
    for (const [name, method] of Object.entries(definition)) {
      const handler = implementation[name];
      if (typeof handler !== 'function') throw new Error(`${method.path} is not implemented`);
      register(server, method, routes.of(method, handler.bind(implementation)));
      names.add(method.path.split('/')[1]!);
      missing.delete(method.path);
    }
  }
  if (missing.size > 0) throw new Error(`${[...missing].join(', ')}: not implemented`);
  const health = new HealthImplementation();
  const report = (status: 'SERVING' | 'NOT_SERVING'): void =>
    ['', ...names].forEach((name) => health.setStatus(name, status));
  health.addToServer(server);
  if (options.reflection === true) addReflection(server, options.contract.registry, [...names]);
  return {
    async bind(address) {
      const port = await listen(server, address, credentials(options.tls ?? null));
      connections.limit();
      report('SERVING');
      return port;
    },
    bindPlain: (address) => listen(server, address, credentials(null)),
    async drain({ waitMs, limitMs }) {
      report('NOT_SERVING');
      await sleep(waitMs);
      calls.abort('streams');
      await shutDown(server, limitMs, calls);
    },
  };
}

const same = (bytes: Buffer): Buffer => bytes;

/**
 * grpc-js handles bytes only: its own errors for a message that it cannot read or write contain no useful information.
 */
function register(server: Server, { path, requestStream, responseStream }: Definition, route: Route): void {
  const handle = requestStream ? (responseStream ? bidi : clientStream) : responseStream ? serverStream : unary;
  const codec = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService({ method: { path, requestStream, responseStream, ...codec } }, { method: handle(route) });
}

function channelOptions({ messageBytes, concurrentStreams }: Limits): Record<string, number> {
  return {
    // Twice our limit, so that our error with its details is returned. Above this limit grpc-js itself fails the call.
    'grpc.max_receive_message_length': 2 * messageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': concurrentStreams,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.enable_channelz': 0,
  };
}

function credentials(tls: ServerTls | null): ServerCredentials {
  if (tls === null) return ServerCredentials.createInsecure();
  const { cert, key, clientCa = null } = tls;
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(clientCa === null ? null : Buffer.from(clientCa), [pair], clientCa !== null);
}

function listen(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}

/** Waits for the calls in flight. Those that take longer are aborted; if they do not react, they are failed. */
async function shutDown(server: Server, limitMs: number, calls: Calls): Promise<void> {
  const done = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  if (await within(done, limitMs)) return;
  calls.abort('all');
  if (await within(done, LAST_WORDS_MS)) return;
  calls.cutOff();
  if (await within(done, LAST_WORDS_MS)) return;
  server.forceShutdown();
}

const LAST_WORDS_MS = 100;

async function within(done: Promise<void>, ms: number): Promise<boolean> {
  const stop = new AbortController();
  const late = sleep(ms, false, { signal: stop.signal }).catch(() => false);
  const result = await Promise.race([done.then(() => true), late]);
  stop.abort();
  return result;
}
