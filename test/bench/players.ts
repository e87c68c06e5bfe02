import { type Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  LedgerServiceClient,
  type BatchTransferResponse,
  type CreateTransferRequest,
} from '../../gen/ts/windfall/ledger/v1/ledger.ts';
import { PlayerServiceClient } from '../../gen/ts/windfall/player/v1/player.ts';
import { playerName } from './template.ts';
import { failureOf } from '../support/outcomes.ts';

/** The API key of development, which may do everything that a service may. */
export const SERVICE_HEADERS = { authorization: 'Bearer wf_test_demo' };

const CALLERS = 128;
const BATCH = 1000;

type Done = (error: ServiceError | null, answer: unknown) => void;
type Unary = (request: object, metadata: Metadata, done: Done) => void;

/** Creates the bench's players through the API, and transfers `amount` of an asset to each of them. */
export async function makePlayers(address: string, count: number, asset: string, amount: string): Promise<void> {
  const players = new PlayerServiceClient(address, credentials.createInsecure());
  const ledger = new LedgerServiceClient(address, credentials.createInsecure());
  try {
    const numbers = Array.from({ length: count }, (_, n) => n);
    await inParallel(CALLERS, numbers, async (n) => {
      await call(players, 'createPlayer', {
        userId: playerName(n),
        brandId: '',
        country: '',
        currency: '',
        vipLevel: 0,
        timeZone: '',
        idempotencyKey: '',
      });
    });
    const transfers = numbers.map((n): CreateTransferRequest => ({
      source: { kind: 'operator', userId: '', brandId: '' },
      destination: { kind: 'player', userId: playerName(n), brandId: '' },
      asset,
      amount,
      idempotencyKey: `bench-opening-balance-${n}`,
    }));
    for (let at = 0; at < count; at += BATCH) {
      const answer = await call(ledger, 'batchTransfer', { items: transfers.slice(at, at + BATCH) });
      const { results } = answer as BatchTransferResponse;
      const failed = results.map(failureOf).find((failure) => failure !== undefined);
      if (failed !== undefined) throw new Error(`a player got no money: ${failed.message}`);
    }
  } finally {
    players.close();
    ledger.close();
  }
}

/** Reads every player once, so that their numbers are cached as in a server that has run for some time. */
export async function meetPlayers(address: string, count: number): Promise<void> {
  const ledger = new LedgerServiceClient(address, credentials.createInsecure());
  try {
    await inParallel(
      CALLERS,
      Array.from({ length: count }, (_, n) => n),
      async (n) => {
        await call(ledger, 'listBalances', { userId: playerName(n), brandId: '' });
      },
    );
  } finally {
    ledger.close();
  }
}

/** One call as the service. */
export function call(client: Client, method: string, request: object): Promise<unknown> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(SERVICE_HEADERS)) metadata.set(name, value);
  const send = (client as unknown as Record<string, Unary>)[method]!.bind(client);
  return new Promise((resolve, reject) => {
    send(request, metadata, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
}

async function inParallel<T>(callers: number, things: readonly T[], work: (thing: T) => Promise<void>): Promise<void> {
  const rest = things.values();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (const thing of rest) await work(thing);
    }),
  );
}
