import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { credentials, Metadata } from '@grpc/grpc-js';
import {
  ContributionServiceClient,
  type BatchContributeRequest,
  type BatchContributeResponse,
} from '../../gen/ts/windfall/pots/v1/contribution.ts';
import type { Receiver } from '../webhooks/receiver.ts';

const BATCH = 100;
const IN_FLIGHT = 8;
const metadata = new Metadata();
metadata.set('authorization', 'Bearer wf_test_demo');

/** With which receivers contributions are measured. */
export const SETTINGS = ['no subscription', 'a healthy receiver', 'a dead receiver'] as const;
type Setting = (typeof SETTINGS)[number];

interface Measuring {
  readonly address: string;
  readonly rounds: number;
  readonly roundMs: number;
  readonly healthy: Receiver;
  readonly dead: Receiver;
  /** Makes a webhook of all events. Returns its id. */
  subscribe(url: string): Promise<string>;
  unsubscribe(webhook: string): Promise<void>;
}

/** The rates of contributions to the demo's source, a second, by the setting: one for each round. */
export async function measureRates(measuring: Measuring): Promise<Record<Setting, number[]>> {
  const { rounds, roundMs, healthy, dead } = measuring;
  const client = new ContributionServiceClient(measuring.address, credentials.createInsecure());
  const call = promisify(client.batchContribute.bind(client)) as unknown as (
    request: BatchContributeRequest,
    metadata: Metadata,
  ) => Promise<BatchContributeResponse>;
  const rates: Record<Setting, number[]> = { 'no subscription': [], 'a healthy receiver': [], 'a dead receiver': [] };
  await contributeFor(call, roundMs);
  for (let round = 0; round < rounds; round++) {
    // Another order in each round: what grows in a run is shared.
    const order = SETTINGS.map((_, i) => SETTINGS[(i + round) % SETTINGS.length]!);
    for (const setting of order) {
      const url = { 'no subscription': null, 'a healthy receiver': healthy.url, 'a dead receiver': dead.url }[setting];
      const webhook = url === null ? null : await measuring.subscribe(url);
      rates[setting].push(await contributeFor(call, roundMs));
      if (webhook !== null) await measuring.unsubscribe(webhook);
    }
  }
  client.close();
  return rates;
}

/** Contributes for a while. Returns how many contributions a second were answered. */
async function contributeFor(
  call: (request: BatchContributeRequest, metadata: Metadata) => Promise<BatchContributeResponse>,
  ms: number,
): Promise<number> {
  const began = performance.now();
  let count = 0;
  const caller = async (n: number): Promise<void> => {
    while (performance.now() - began < ms) {
      const { results } = await call(requestOf(n), metadata);
      const refused = results.find(({ outcome }) => outcome?.$case !== 'contributed');
      if (refused !== undefined) throw new Error(JSON.stringify(refused));
      count += results.length;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => caller(n)));
  return count / ((performance.now() - began) / 1000);
}

const requestOf = (caller: number): BatchContributeRequest => ({
  items: Array.from({ length: BATCH }, (_, i) => ({
    target: { targetType: 'source', id: 'sitewide-casino' },
    ownerId: 'demo',
    player: { id: `rate-${caller}-${i % 10}`, token: 't', country: 'MT', brandId: 'main', segments: [] },
    baseWager: { currency: 'USD', value: 1 },
    source: undefined,
    metadata: undefined,
    eventMetadata: undefined,
    options: undefined,
    idempotencyKey: randomUUID(),
  })),
});
