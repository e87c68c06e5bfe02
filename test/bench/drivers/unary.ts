import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { OpenDriver } from '../driver.ts';
import { Template } from '../template.ts';
import { successes } from './successes.ts';

export interface UnaryOptions {
  readonly address: string;
  /** As "/windfall.lootbox.v1.LootboxService/OpenLootbox". */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The encoded request; see Template. */
  readonly template: Uint8Array;
  readonly playerCount: number;
  readonly randomKeys?: boolean;
  readonly inTurn?: boolean;
  /** Whether the answer is a list of results, each a success or a failure. */
  readonly batch: boolean;
}

const CHANNELS = 4;
const raw = (bytes: Buffer): Buffer => bytes;

/** Unary calls over a few channels, in bytes: the client neither encodes nor decodes. */
export const open: OpenDriver<UnaryOptions> = async (options) => {
  const { address, path, headers, template, batch } = options;
  const requests = new Template(template, options);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const clients = Array.from(
    { length: CHANNELS },
    () => new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }),
  );
  // A request without a key is one read.
  const items = requests.items || 1;
  return {
    call: (caller) =>
      new Promise((resolve, reject) => {
        const client = clients[caller % CHANNELS]!;
        client.makeUnaryRequest(path, raw, raw, requests.fill(), metadata, (error, answer) => {
          if (error !== null) return reject(error);
          const done = batch ? successes(answer!) : items;
          if (done < items) reject(new Error(`${items - done} of ${items} items were refused`));
          else resolve(done);
        });
      }),
    close: async () => clients.forEach((client) => client.close()),
  };
};
