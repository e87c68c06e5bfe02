import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { LootboxServiceClient, type OpenLootboxResponse } from '../../gen/ts/windfall/lootbox/v1/lootbox.ts';

export interface Load {
  /** Addresses of servers; a call that fails is repeated at the next one. */
  readonly addresses: readonly string[];
  readonly callers: number;
  readonly opensPerCaller: number;
  /** The share of calls that repeat an earlier key of the caller. */
  readonly repeats: number;
  readonly lootbox: string;
  readonly random: () => number;
}

/** The responses to the callers. */
export interface Acknowledged {
  /** The open of each key, according to its first answer. */
  readonly opens: Map<string, string>;
  /** Answers that did not fit an earlier one of their key. */
  readonly contradictions: string[];
  repeats: number;
  retries: number;
}

const AGAIN = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.RESOURCE_EXHAUSTED, status.CANCELLED]);
const metadata = new Metadata();
metadata.set('authorization', 'Bearer wf_test_demo');

/** Runs the load to its end: every call is repeated with its key until it is answered. */
export async function runOpens(load: Load): Promise<Acknowledged> {
  const clients = load.addresses.map(
    (address) =>
      new LootboxServiceClient(address, credentials.createInsecure(), {
        'grpc.initial_reconnect_backoff_ms': 50,
        'grpc.max_reconnect_backoff_ms': 200,
      }),
  );
  const answered: Acknowledged = { opens: new Map(), contradictions: [], repeats: 0, retries: 0 };
  await Promise.all(Array.from({ length: load.callers }, (_, caller) => runCaller(load, clients, caller, answered)));
  for (const client of clients) client.close();
  return answered;
}

async function runCaller(
  load: Load,
  clients: readonly LootboxServiceClient[],
  caller: number,
  answered: Acknowledged,
): Promise<void> {
  const keys: string[] = [];
  let server = caller;
  for (let n = 0; n < load.opensPerCaller; n++) {
    const repeat = keys.length > 0 && load.random() < load.repeats;
    const key = repeat ? keys[Math.floor(load.random() * keys.length)]! : randomUUID();
    if (repeat) answered.repeats += 1;
    else keys.push(key);
    for (;;) {
      try {
        note(answered, key, repeat, await open(clients[server % clients.length]!, load.lootbox, caller, key));
        break;
      } catch (error) {
        if (!AGAIN.has((error as ServiceError).code)) throw error;
        answered.retries += 1;
        server += 1;
        await sleep(20 + load.random() * 80);
      }
    }
  }
}

function open(
  client: LootboxServiceClient,
  lootbox: string,
  caller: number,
  idempotencyKey: string,
): Promise<OpenLootboxResponse> {
  const request = {
    id: lootbox,
    userId: `caller-${caller}`,
    brandId: '',
    idempotencyKey,
    clientSeed: '',
    count: 0,
    expectedSeedHash: '',
    expectedConfigHash: '',
    receipt: false,
  };
  return new Promise((resolve, reject) => {
    client.openLootbox(request, metadata, { deadline: Date.now() + 10_000 }, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

function note(
  { opens, contradictions }: Acknowledged,
  key: string,
  repeat: boolean,
  { openId, deduped }: OpenLootboxResponse,
): void {
  const before = opens.get(key);
  if (before === undefined) opens.set(key, openId);
  else if (before !== openId) contradictions.push(`${key} was ${before}, and ${openId} later`);
  if (repeat && !deduped) contradictions.push(`${key} was repeated and not answered so`);
}
