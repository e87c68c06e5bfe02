/**
 * Applies a file of definitions through the API:
 *
 *   npm run apply -- catalogue.yaml
 *
 * Lootboxes and jackpots are created, or updated where they differ; players are made where they are missing; a transfer is made once for
 * its key. Applying a file again adds nothing. Logs in as ADMIN_USER with ADMIN_PASSWORD at GRPC_ADDRESS (in development
 * demo, demo and the local server).
 */
import { credentials, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { AuthServiceClient } from '../../gen/windfall/auth/v1/auth.ts';
import { LedgerServiceClient } from '../../gen/windfall/ledger/v1/ledger.ts';
import { LootboxServiceClient, type CreateLootboxRequest, type Lootbox } from '../../gen/windfall/lootbox/v1/lootbox.ts';
import { JackpotServiceClient, type CreateJackpotRequest, type Jackpot } from '../../gen/windfall/jackpot/v1/jackpot.ts';
import { PlayerServiceClient, type CreatePlayerRequest } from '../../gen/windfall/player/v1/player.ts';
import { jackpotRequest, lootboxRequest, playerRequest, readCatalogue, transferRequest } from './catalogue-file.ts';

export interface ApplyOptions {
  readonly file: string;
  /** As "127.0.0.1:50051". */
  readonly address: string;
  readonly userName: string;
  readonly password: string;
}

type Unary = (request: any, metadata: Metadata, done: (error: ServiceError | null, answer: any) => void) => unknown;

/** Applies a file. Returns a line for each thing that it changed. Throws an Error that names what was refused. */
export async function applyFile({ file, address, userName, password }: ApplyOptions): Promise<string[]> {
  const catalogue = readCatalogue(file);
  const clients: Client[] = [];
  const open = <C extends Client>(Kind: new (address: string, credentials: any) => C): C => {
    const client = new Kind(address, credentials.createInsecure());
    clients.push(client);
    return client;
  };
  const metadata = new Metadata();
  const call = <Answer>(client: Client, method: string, request: object): Promise<Answer> => new Promise((resolve, reject) => {
    const send = (client as unknown as Record<string, Unary>)[method]!.bind(client);
    send(request, metadata, (error, answer) => (error === null ? resolve(answer as Answer) : reject(error)));
  });
  try {
    const { token } = await call<{ token: string }>(open(AuthServiceClient), 'loginAdmin', { username: userName, password });
    metadata.set('authorization', `Bearer ${token}`);
    const [lootboxes, players, ledger] = [open(LootboxServiceClient), open(PlayerServiceClient), open(LedgerServiceClient)];
    const jackpots = open(JackpotServiceClient);
    const changes: string[] = [];
    for (const wanted of catalogue.lootboxes ?? []) {
      changes.push(...await named(`lootbox ${wanted.id}`, applyLootbox(lootboxRequest(wanted), (method, request) => call(lootboxes, method, request))));
    }
    for (const wanted of catalogue.jackpots ?? []) {
      changes.push(...await named(`jackpot ${wanted.id}`, applyJackpot(jackpotRequest(wanted), (method, request) => call(jackpots, method, request))));
    }
    for (const wanted of catalogue.players ?? []) {
      changes.push(...await named(`player ${wanted.user_id}`, applyPlayer(playerRequest(wanted), (request) => call(players, 'createPlayer', request))));
    }
    for (const wanted of catalogue.transfers ?? []) {
      const { deduped } = await named(`transfer ${wanted.idempotency_key}`, call<{ deduped: boolean }>(ledger, 'createTransfer', transferRequest(wanted)));
      if (!deduped) changes.push(`transfer ${wanted.idempotency_key}: made`);
    }
    return changes;
  } finally {
    for (const client of clients) client.close();
  }
}

async function named<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${what}: ${(error as ServiceError).details ?? (error as Error).message}`, { cause: error });
  }
}

type Send = (method: string, request: object) => Promise<unknown>;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;

async function applyLootbox(wanted: CreateLootboxRequest, send: Send): Promise<string[]> {
  const current = await (send('getLootbox', { id: wanted.id }) as Promise<{ lootbox: Lootbox }>).catch((error: ServiceError) => {
    if (error.code === NOT_FOUND) return null;
    throw error;
  });
  if (current === null) {
    await send('createLootbox', wanted);
    return [`lootbox ${wanted.id}: created`];
  }
  if (content(current.lootbox) === content(wanted) && current.lootbox.status === 'active') return [];
  await send('updateLootbox', {
    ...wanted,
    price: wanted.price ?? { asset: '', amount: '0' },
    clearGuaranteed: wanted.guaranteed.length === 0,
    expectedVersion: current.lootbox.version,
  });
  return [`lootbox ${wanted.id}: updated`];
}

/** Pots' opening money is paid once, so an update leaves it alone. */
async function applyJackpot(wanted: CreateJackpotRequest, send: Send): Promise<string[]> {
  const current = await (send('getJackpot', { id: wanted.id }) as Promise<{ jackpot: Jackpot }>).catch((error: ServiceError) => {
    if (error.code === NOT_FOUND) return null;
    throw error;
  });
  if (current === null) {
    await send('createJackpot', wanted);
    return [`jackpot ${wanted.id}: created`];
  }
  const { version } = current.jackpot;
  const short = wanted.pots.length === 0;
  const after = await (send('updateJackpot', { ...wanted, seedUsd: short ? wanted.seedUsd : undefined, expectedVersion: version }) as Promise<{ jackpot: Jackpot }>);
  return after.jackpot.version === version ? [] : [`jackpot ${wanted.id}: updated`];
}

/** What two definitions are compared by. */
function content({ name, price, rolls, prizes, guaranteed }: Lootbox | CreateLootboxRequest): string {
  const reward = ({ segmentLabel, asset, amount }: { segmentLabel: string; asset: string; amount: number }) => [segmentLabel, asset, amount];
  const free = price === undefined || Number(price.amount) === 0;
  return JSON.stringify([
    name, free ? null : [price.asset, Number(price.amount)], rolls,
    prizes.map((prize) => [...reward(prize), prize.weight]), guaranteed.map(reward),
  ]);
}

async function applyPlayer(wanted: CreatePlayerRequest, send: (request: object) => Promise<unknown>): Promise<string[]> {
  try {
    await send(wanted);
    return [`player ${wanted.userId}: created`];
  } catch (error) {
    if ((error as ServiceError).code === ALREADY_EXISTS) return [];
    throw error;
  }
}

if (import.meta.main) {
  const file = process.argv[2];
  if (file === undefined) {
    console.error('Name the file: npm run apply -- catalogue.yaml');
    process.exit(1);
  }
  try {
    const changes = await applyFile({
      file,
      address: process.env['GRPC_ADDRESS'] ?? `127.0.0.1:${process.env['GRPC_PORT'] ?? 50051}`,
      userName: process.env['ADMIN_USER'] ?? 'demo',
      password: process.env['ADMIN_PASSWORD'] ?? 'demo',
    });
    for (const change of changes) console.log(change);
    console.log(changes.length === 0 ? 'Nothing to change.' : `${changes.length} changes.`);
  } catch (error) {
    console.error(`Cannot apply ${file}: ${(error as Error).message}`);
    process.exit(1);
  }
}
