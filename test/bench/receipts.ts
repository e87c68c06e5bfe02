/**
 * What receipts cost, by itself: the record of a draw with its digest, the tree over a batch, and its signature.
 *
 *   npm run bench -- receipts
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { recordOf } from '../../src/fairness/index.ts';
import { makeReceipt, recordDigest } from '../../src/journal/receipt.ts';

const HASH = 'ab'.repeat(32);
const ROUNDS = 200;
const place = {
  operator: 'acme',
  operation: '0197a6c2-7a51-7000-b0d5-3a1f9c0d2e11',
  part: 0,
  time: 1_795_000_000_000_000,
};
const drawn = {
  recipe: 'table',
  definition: { engine: 'lootbox', id: 'welcome-box', version: 3 },
  player: 'cd'.repeat(16),
  use: {
    algorithm: 'windfall/2',
    streamName: `player/${'ef'.repeat(16)}-1`,
    keyId: '1',
    position: 7,
    nonce: 7,
    clientSeeds: [
      { seed: 'my own words', origin: 'player' },
      { seed: 'my lucky words', origin: 'request' },
    ],
    readableSince: 1_795_000_000_000_000,
  },
  configHash: HASH,
  outcome: '{"count":1,"free_plays":0,"grants":[],"opens":[{"rolls":[3],"sold_out":[],"words":1}],"payouts":[]}',
} as const;

const { privateKey } = generateKeyPairSync('ed25519');
const signer = { sign: (text: string) => ({ keyId: '1', signature: sign(null, Buffer.from(text), privateKey) }) };

/** The median of the times of one run, in microseconds. */
function measure(run: () => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const from = process.hrtime.bigint();
    run();
    return Number(process.hrtime.bigint() - from) / 1000;
  });
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

for (const size of [1, 16, 100, 512]) {
  let leaves: Buffer[] = [];
  const records = measure(() => {
    leaves = Array.from({ length: size }, (_, part) => recordDigest(recordOf({ ...place, part }, drawn, HASH)));
  });
  const signed = measure(() => makeReceipt(signer, { operator: 'acme', epoch: 1, time: place.time }, leaves));
  const each = (records + signed) / size;
  process.stdout.write(
    `${size} draws: records and leaves ${(records / size).toFixed(2)} µs each, ` +
      `tree and signature ${signed.toFixed(0)} µs; together ${each.toFixed(2)} µs a draw\n`,
  );
}
