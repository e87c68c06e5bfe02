import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Call } from '../support/api.ts';

/** SHA-256 of parts, one after another. */
export const sha = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** The root that a leaf and its path give, by the algorithm of RFC 9162, section 2.1.3.2. */
export function climb(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer {
  let [at, last, node] = [index, size - 1, leaf];
  for (const sibling of path) {
    assert.ok(last > 0, 'the path is too long');
    if (at % 2 === 1 || at === last) {
      node = sha(Buffer.of(1), sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
    } else node = sha(Buffer.of(1), node, sibling);
    [at, last] = [at >> 1, last >> 1];
  }
  assert.equal(last, 0, 'the path is too short');
  return node;
}

/** A receipt as GetReceipt shows it. */
export interface Receipt {
  readonly record: string;
  readonly digest: string;
  readonly index: number;
  readonly size: number;
  readonly path: readonly string[];
  readonly root: string;
  readonly operator_id: string;
  readonly epoch: string;
  readonly time: string;
  readonly key_id: string;
  readonly signature: string;
}

/** The keys that GetReceiptKeys lists, by their ids. */
export async function keysOf(call: Call): Promise<Map<string, string>> {
  const { body } = await call('FairnessService.GetReceiptKeys', {});
  const { keys } = body as { keys: { key_id: string; public_key: string }[] };
  return new Map(keys.map(({ key_id: id, public_key: key }) => [id, key]));
}

/** Whether a receipt proves its record, by what SPECIFICATION.md says. */
export function holds(receipt: Receipt, keys: ReadonlyMap<string, string>): boolean {
  const {
    record,
    digest,
    index,
    size,
    path,
    root,
    operator_id: operator,
    epoch,
    time,
    key_id: id,
    signature,
  } = receipt;
  const leaf = sha(Buffer.of(0), Buffer.from(record));
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(keys.get(id)!, 'hex')]);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const text = `windfall/receipt/1\n${operator}\n${epoch}\n${time}\n${size}\n${root}\n`;
  const siblings = path.map((one) => Buffer.from(one, 'hex'));
  return (
    leaf.toString('hex') === digest &&
    climb(leaf, index, size, siblings).toString('hex') === root &&
    verify(null, Buffer.from(text), key, Buffer.from(signature, 'hex'))
  );
}
