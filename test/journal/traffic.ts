import { streamId } from '../../src/fairness/index.ts';
import { accountId, hashKey } from '../../src/journal/index.ts';
import { STRANGER } from './fixture.ts';
import type { Ask, Reply } from './server-process.ts';

const ASSETS = 2;
const FUNDS_SHARE = 0.25;

/** A call that was replied to. */
export interface Exchange {
  readonly ask: Ask;
  readonly reply: Reply;
}

interface Settings {
  readonly random: () => number;
  readonly players: number;
  /** The share of calls without a key: none where replies may be lost. */
  readonly keyless: number;
}

/** Makes random calls about few players: new ones, repeated ones, and ones with the key of another call. */
export class Traffic {
  readonly exchanges: Exchange[];
  readonly #settings: Settings;
  readonly #keyed: Ask[] = [];
  readonly #transfers: { id: string; from: number; to: number; amount: bigint }[] = [];
  #numbers = 10_000;

  constructor(settings: Settings, exchanges: Exchange[]) {
    this.#settings = settings;
    this.exchanges = exchanges;
  }

  next(): Ask {
    const { random, keyless } = this.#settings;
    const kind = random();
    if (this.#keyed.length > 0 && kind < 0.15) return this.#any(this.#keyed);
    const ask = this.#make();
    if (this.#keyed.length > 0 && kind < 0.2) return { ...ask, keys: [this.#any(this.#keyed).keys[0]!, ...ask.keys] };
    if (random() < keyless) return ask;
    const keyed = { ...ask, keys: [uuid(random), ...ask.keys] };
    this.#keyed.push(keyed);
    return keyed;
  }

  /** Takes note of what a call came to. */
  note(ask: Ask, reply: Reply): void {
    this.exchanges.push({ ask, reply });
    if (ask.command === 'transfer' && reply.is === 'done' && !reply.replayed)
      this.#transfers.push({ id: reply.id, ...ask.request });
  }

  #make(): Ask {
    const { random } = this.#settings;
    const kind = random();
    if (kind < 0.5) return this.#transfer();
    if (kind < 0.6 && this.#transfers.length > 0) return this.#reversal();
    if (kind < 0.7) return this.#create(`c${Math.floor(random() * 40)}`);
    const player = this.#player();
    const ask = { keys: [], route: player };
    const stream = streamId('player', player);
    if (kind < 0.75)
      return { ...ask, command: 'seed', request: { stream, clientSeed: `s${Math.floor(random() * 1000)}` } };
    const count = 1 + Math.floor(random() * 2);
    return {
      ...ask,
      command: 'open',
      request: {
        player,
        count,
        playerHash: 'ab'.repeat(16),
        clientSeed: random() < 0.3 ? 'mine' : '',
        expectedSeedHash: '',
        expectedConfigHash: '',
      },
    };
  }

  #transfer(): Ask {
    const { random } = this.#settings;
    const asset = Math.floor(random() * ASSETS);
    const side = (): number => {
      if (random() >= FUNDS_SHARE) return accountId('player', this.#player(), asset);
      return accountId(random() < 0.7 ? 'operator' : 'external', 0, asset);
    };
    const from = side();
    let to = side();
    while (to === from) to = side();
    const amount = BigInt(1 + Math.floor(random() * 40));
    return { command: 'transfer', request: { from, to, amount }, keys: [], route: Math.floor(random() * 4) };
  }

  /** A reversal has the key of what it reverses, so that two callers cannot both make it. */
  #reversal(): Ask {
    const { id, from, to, amount } = this.#any(this.#transfers);
    const natural = hashKey({ operator: 1, brand: 0, operation: 'ledger.reverse', userId: null }, id);
    const request = { from: to, to: from, amount, reverses: Buffer.from(id.replaceAll('-', ''), 'hex') };
    return { command: 'reverse', request, keys: [natural], route: Math.floor(this.#settings.random() * 4) };
  }

  #create(userId: string): Ask {
    const id = ++this.#numbers;
    const request = {
      ...STRANGER,
      id,
      brandId: 1,
      userId,
      country: 'MT',
      vipLevel: 3,
      streamName: `player/${id}`,
    };
    return { command: 'create', request, keys: [], route: id };
  }

  #player(): number {
    return 1 + Math.floor(this.#settings.random() * this.#settings.players);
  }

  #any<T>(values: readonly T[]): T {
    return values[Math.floor(this.#settings.random() * values.length)]!;
  }
}

/** A key that a seeded run reproduces. */
function uuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
