import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { until } from '../db/index.ts';

const HealthClient = makeGenericClientConstructor(service, 'Health');

/** Whether the gRPC server at `host:port` reports by the standard health service that it serves. */
export async function grpcServes(address: string): Promise<boolean> {
  const client = new HealthClient(address, credentials.createInsecure());
  try {
    return await new Promise((resolve) => {
      const done = (error: unknown, answer?: { status: string }): void =>
        resolve(error === null && answer?.status === 'SERVING');
      client['Check']!({ service: '' }, { deadline: Date.now() + 1000 }, done);
    });
  } finally {
    client.close();
  }
}

/** Whether a URL returns 200. */
export async function answersOk(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Whether gRPC and REST both serve within `limitMs`; `httpUrl` is null if there is no REST. */
export function serves(grpcAddress: string, httpUrl: string | null, limitMs: number): Promise<boolean> {
  return until(
    async () => (await grpcServes(grpcAddress)) && (httpUrl === null || (await answersOk(`${httpUrl}/health`))),
    limitMs,
    30,
  );
}
