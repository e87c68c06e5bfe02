import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Json } from './json.ts';

/** SHA-256 of parts, one after another. */
export const sha = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
/** What stands before the 32 bytes of an Ed25519 key in its DER form. */
const PREFIX = bytes('302a300506032b6570032100');

/** The root that a leaf and its path give; undefined: the path has another length. */
export function climb(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer | undefined {
  let [at, last, node] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      node = sha(Buffer.of(1), sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
    } else node = sha(Buffer.of(1), node, sibling);
    [at, last] = [at >> 1, last >> 1];
  }
  return last === 0 ? node : undefined;
}

/** How far the clocks of the servers and of the database may be apart when a key begins to be used. */
const CLOCKS_MS = 60_000;

/** Why a receipt does not prove its record; empty: it does. @param keys the list of receipt keys, oldest first. */
export function verifyReceipt(receipt: Json, keys: Json[]): string[] {
  try {
    return failuresOf(receipt, keys);
  } catch (error) {
    return [`receipt: cannot be checked: ${(error as Error).message}`];
  }
}

function failuresOf(receipt: Json, keys: Json[]): string[] {
  const { record, digest, index, size, path, root, operator_id: operator, epoch, time, signature } = receipt;
  const leaf = sha(Buffer.of(0), Buffer.from(record));
  const said = JSON.parse(record);
  const place = keys.findIndex(({ key_id: id }) => id === receipt.key_id);
  const [key, next] = place < 0 ? [] : keys.slice(place, place + 2);
  const must: [field: string, holds: boolean][] = [
    ['digest', leaf.toString('hex') === digest],
    ['index', Number.isInteger(index) && index >= 0 && index < size],
    ['path', climb(leaf, index, size, path.map(bytes))?.toString('hex') === root],
    ['operator_id', operator === said.operator],
    ['time', time === said.time],
    ['epoch', said.stream.endsWith(`-${epoch}`)],
    ['key_id', key !== undefined],
  ];
  if (key !== undefined) {
    const spki = { key: Buffer.concat([PREFIX, bytes(key.public_key)]), format: 'der', type: 'spki' } as const;
    const text = `windfall/receipt/1\n${operator}\n${epoch}\n${time}\n${size}\n${root}\n`;
    const [from, at] = [Date.parse(key.used_since ?? '1970-01-01T00:00:00Z'), Date.parse(time)];
    const until = next === undefined ? Infinity : Date.parse(next.used_since);
    must.push(
      ['signature', verify(null, Buffer.from(text), createPublicKey(spki), bytes(signature))],
      ['key_id', at >= from - CLOCKS_MS && at <= until + CLOCKS_MS],
    );
  }
  return must.filter(([, holds]) => !holds).map(([field]) => `${field}: does not hold`);
}
