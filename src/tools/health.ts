import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
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

/**
 * Whether a URL of our own returns 200, whatever name its certificate is for; or wants a certificate of its client,
 * without which it returns nothing.
 */
export function answersOk(url: string): Promise<boolean> {
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  return new Promise((resolve) => {
    get(url, { rejectUnauthorized: false, agent: false, signal: AbortSignal.timeout(1000) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code.includes('CERTIFICATE_REQUIRED')));
  });
}

/** Whether gRPC and REST both serve within `limitMs`; `httpUrl` is null if there is no REST. */
export function serves(grpcAddress: string, httpUrl: string | null, limitMs: number): Promise<boolean> {
  return until(
    async () => (await grpcServes(grpcAddress)) && (httpUrl === null || (await answersOk(`${httpUrl}/health`))),
    limitMs,
    30,
  );
}
