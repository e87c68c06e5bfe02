import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { status as Code } from '@grpc/grpc-js';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MethodPolicy } from './contract.ts';

/** Counts a finished call. */
export type Observe = (method: MethodPolicy, code: number, ms: number) => void;

/** From 0.5 ms, with the 5 ms of an open in the middle, to the 10 s after which the edge times out. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The Prometheus metrics of this process; others add theirs to `registry`. */
export class Metrics {
  readonly registry = new Registry();

  constructor() {
    // Including the lag of the event loop.
    collectDefaultMetrics({ register: this.registry });
  }

  /** The metrics of calls. `inFlight` and `streams` are called when they are read. */
  calls(inFlight: () => number, streams: () => number): Observe {
    const registers = [this.registry];
    const count = new Counter({
      name: 'windfall_calls_total',
      help: 'Calls by RPC and gRPC code.',
      labelNames: ['rpc', 'code'],
      registers,
    });
    const latency = new Histogram({
      name: 'windfall_call_seconds',
      help: 'Time from request to answer.',
      labelNames: ['rpc'],
      buckets: SECONDS,
      registers,
    });
    const gauges = [
      ['windfall_calls_in_flight', 'Calls being served, without streams of responses.', inFlight],
      ['windfall_streams', 'Open streams of responses.', streams],
    ] as const;
    for (const [name, help, value] of gauges)
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    return ({ path: rpc }, code, ms) => {
      count.inc({ rpc, code: Code[code]! });
      latency.observe({ rpc }, ms / 1000);
    };
  }

  /** Serves `GET /metrics`. Resolves to the port, and a function to stop. */
  async serve(port: number, host: string): Promise<{ readonly port: number; close(): Promise<void> }> {
    const server = createServer((request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': this.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    await listen(server, port, host);
    return { port: (server.address() as AddressInfo).port, close: () => close(server) };
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
