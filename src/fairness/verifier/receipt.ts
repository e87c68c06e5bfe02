import { createHash, createPublicKey, verify } from 'node:crypto';
import { canonical, type Json } from './json.ts';
import { int, keyTime, list, object, text, time } from './records/shape.ts';

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

/** How far the clocks of the servers and of the database may be apart when a key begins to be used, in nanoseconds. */
const CLOCKS = 60_000_000_000n;
const HASH = text(/^[0-9a-f]{64}$/);
const LINE = text(/^[^\n]+$/);

const receiptShape = object({
  digest: HASH,
  epoch: text(/^[1-9]\d{0,15}$/),
  index: int(0, 2 ** 31 - 1),
  key_id: LINE,
  operator_id: LINE,
  path: list(HASH, 0, 31),
  record: text(),
  root: HASH,
  signature: text(/^[0-9a-f]{128}$/),
  size: int(1, 2 ** 31 - 1),
  time,
});
const keysShape = list(
  object({ algorithm: text(/^Ed25519$/), key_id: LINE, public_key: HASH }, { used_since: keyTime }),
  0,
  1_000_000,
);

/**
 * Why a receipt does not prove its record; empty: it does. Its paragraphs are those of section 11 of SPECIFICATION.md.
 * @param keys the list of receipt keys, oldest first.
 */
export function verifyReceipt(receipt: Json, keys: Json): string[] {
  try {
    const wrong = [...receiptShape(receipt, 'receipt'), ...keysShape(keys, 'keys')];
    return wrong.length > 0 ? wrong : failuresOf(receipt, keys);
  } catch (error) {
    return [`receipt: cannot be checked: ${(error as Error).message}`];
  }
}

function failuresOf(receipt: Json, keys: Json[]): string[] {
  const { record, digest, index, size, path, root, operator_id: operator, epoch, time: at, key_id: id } = receipt;
  const leaf = sha(Buffer.of(0), Buffer.from(record));
  const said = canonical(record, 'record');
  const place = keys.findIndex((key) => key.key_id === id);
  const must: [field: string, holds: boolean][] = [
    ['keys', keys.every((key, i) => i === 0 || isLater(key, keys[i - 1]))],
    ['keys', new Set(keys.map((key) => key.key_id)).size === keys.length],
    ['digest', leaf.toString('hex') === digest],
    ['index', index < size],
    ['path', climb(leaf, index, size, path.map(bytes))?.toString('hex') === root],
    ['operator_id', operator === said.operator],
    ['time', at === said.time],
    ['epoch', typeof said.stream === 'string' && said.stream.endsWith(`-${epoch}`)],
    ['key_id', place >= 0 && isUsed(keys[place], keys[place + 1], at)],
    ['signature', place >= 0 && isSigned(receipt, keys[place])],
  ];
  return must.filter(([, holds]) => !holds).map(([field]) => `${field}: does not hold`);
}

const isLater = ({ used_since: since }: Json, { used_since: before }: Json): boolean =>
  since !== undefined && (before === undefined || nanos(since) > nanos(before));

/** Whether a key signs at a time: until the next one does. */
function isUsed({ used_since: from }: Json, next: Json, at: string): boolean {
  const now = nanos(at);
  return (
    (from === undefined || now >= nanos(from) - CLOCKS) &&
    (next === undefined || now <= nanos(next.used_since) + CLOCKS)
  );
}

/** Nanoseconds since 1970. */
const nanos = (at: string): bigint =>
  BigInt(Date.parse(`${at.slice(0, 19)}Z`)) * 1_000_000n + BigInt(at.slice(20, -1).padEnd(9, '0'));

function isSigned({ operator_id: operator, epoch, time: at, size, root, signature }: Json, { public_key }: Json) {
  const spki = { key: Buffer.concat([PREFIX, bytes(public_key)]), format: 'der', type: 'spki' } as const;
  const signed = `windfall/receipt/1\n${operator}\n${epoch}\n${at}\n${size}\n${root}\n`;
  return verify(null, Buffer.from(signed), createPublicKey(spki), bytes(signature));
}
