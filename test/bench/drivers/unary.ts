import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { OpenDriver } from '../driver.ts';
import { Template } from '../template.ts';

export interface UnaryOptions {
  readonly address: string;
  /** As "/windfall.lootbox.v1.LootboxService/OpenLootbox". */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The encoded request; see Template. */
  readonly template: Uint8Array;
  readonly playerCount: number;
  /** Whether the answer is a list of results, each a success or a failure. */
  readonly batch: boolean;
}

const CHANNELS = 4;
const raw = (bytes: Buffer): Buffer => bytes;

/** Unary calls over a few channels, in bytes: the client neither encodes nor decodes. */
export const open: OpenDriver<UnaryOptions> = async (options) => {
  const { address, path, headers, template, playerCount, batch } = options;
  const requests = new Template(template, playerCount);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const clients = Array.from({ length: CHANNELS }, () =>
    new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }));
  const { items } = requests;
  return {
    call: (caller) => new Promise((resolve, reject) => {
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

const FIELD_1 = 0x0a;

/**
 * Counts the successes of a batch's answer without decoding it. In every batch of the contract field 1 holds
 * the results, and of a result field 1 is what was done, field 2 the failure.
 */
function successes(answer: Buffer): number {
  let count = 0;
  for (let at = 0; at < answer.length;) {
    if (answer[at++] !== FIELD_1) throw new Error('the answer is no list of results');
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = answer[at++]!;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (answer[at] === FIELD_1) count += 1;
    at += length;
  }
  return count;
}
