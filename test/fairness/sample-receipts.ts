import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { digestOf } from '../../src/fairness/records/record.ts';
import { climb } from '../../src/fairness/verifier/receipt.ts';
import { makeReceipt, receiptText } from '../../src/journal/receipt.ts';
import { shownReceipt } from '../../src/platform/receipts.ts';
import type { Receipt } from '../journal/receipt-check.ts';
import { tableRecord } from './sample-records.ts';
import { changesOf, otherTexts } from './tampering.ts';

/** A key as GetReceiptKeys lists it. */
interface Key {
  readonly key_id: string;
  readonly algorithm: string;
  readonly public_key: string;
  readonly used_since?: string;
}

/** A receipt with the list of keys that it is checked with. */
export interface ReceiptCase {
  readonly name: string;
  readonly receipt: Receipt;
  readonly keys: readonly Key[];
}

/** A case with one change. */
export interface TamperedReceipt extends ReceiptCase {
  /** What was changed, such as "receipt.path[0]". */
  readonly path: string;
  /** "text": only that; "digest", "root": what follows from it, too; "signed": all of it, and it was signed anew. */
  readonly how: 'text' | 'digest' | 'root' | 'signed';
}

const privateKey = (id: string): KeyObject => {
  const seed = hash('sha256', `windfall receipt ${id}`, 'buffer');
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
};
const publicKey = (id: string): string =>
  createPublicKey(privateKey(id)).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

const SECOND = 1_000_000;
/** When key 2 and key 3 begin to be used, in microseconds since 1970. */
const [SECOND_KEY, THIRD_KEY] = [1_794_999_600 * SECOND, 1_795_003_200 * SECOND + 500_000];
const used = (since: number): string => new Date(since / 1000).toISOString().replace('.000Z', 'Z');
const key = (id: string): Key => ({ key_id: id, algorithm: 'Ed25519', public_key: publicKey(id) });
export const receiptKeys: readonly Key[] = [
  key('1'),
  { ...key('2'), used_since: used(SECOND_KEY) },
  { ...key('3'), used_since: used(THIRD_KEY) },
];

interface Batch {
  readonly size: number;
  readonly key?: string;
  readonly time?: number;
  readonly operator?: string;
  readonly epoch?: number;
}

const TIME = SECOND_KEY + 400_123_456;

/** The receipts of a batch that draws for one player. */
function batch({ size, key: keyId = '2', time = TIME, operator = 'acme', epoch = 1 }: Batch): Receipt[] {
  const proofs = Array.from({ length: size }, (_, position) =>
    tableRecord({
      position,
      count: 1,
      table: { prizes: [{ label: 'a', asset: 'WINZ', amount: 5n, weight: 1 }], guaranteed: [], rolls: 1 },
      clientSeeds: [
        { origin: 'start', seed: 'own' },
        { origin: 'none', seed: '' },
      ],
      head: { time },
    }),
  );
  const digests = proofs.map(({ digest }) => Buffer.from(digest, 'hex'));
  const signer = { sign: (said: string) => ({ keyId, signature: sign(null, Buffer.from(said), privateKey(keyId)) }) };
  const receipt = makeReceipt(signer, { operator, epoch, time }, digests);
  return proofs.map(({ record, digest }, index) => {
    const { operatorId, keyId: id, epoch: number, ...shown } = shownReceipt(receipt, operator, digest, index);
    return { record, ...shown, operator_id: operatorId, epoch: String(number), key_id: id };
  });
}

const named = (name: string, receipt: Receipt): ReceiptCase => ({ name, receipt, keys: receiptKeys });

const bySize = [1, 2, 3, 5, 8, 100].map((size) =>
  batch({ size }).map((receipt, index) => named(`${index} of ${size}`, receipt)),
);

const MINUTE = 60 * SECOND;

/** Valid receipts: each of each size of tree, and those of the other keys up to the ends of their times. */
export const receiptCases: readonly ReceiptCase[] = [
  ...bySize.flat(),
  named('first key', batch({ size: 1, key: '1', time: 1 })[0]!),
  named('last key', batch({ size: 1, key: '3', time: THIRD_KEY + 9_999 * MINUTE })[0]!),
  named('a minute before its key', batch({ size: 1, time: SECOND_KEY - MINUTE })[0]!),
  named('a minute after its key', batch({ size: 1, time: THIRD_KEY + MINUTE })[0]!),
];

/** A record whose operator would be two lines of what is signed. */
function twoLines(record: string): string {
  return record.replace('"operator":"acme"', '"operator":"acme\\n1"');
}

/** What an insider with a key signs, though it does not follow. */
const signedAnew: readonly TamperedReceipt[] = (
  [
    ['receipt.time', batch({ size: 1, time: SECOND_KEY - MINUTE - 1 })[0]!],
    ['receipt.time', batch({ size: 1, time: THIRD_KEY + MINUTE + 1 })[0]!],
    ['receipt.key_id', batch({ size: 1, key: '1' })[0]!],
    ['receipt.key_id', batch({ size: 1, key: '3' })[0]!],
    ['receipt.key_id', batch({ size: 1, key: '4' })[0]!],
    ['receipt.operator_id', batch({ size: 2, operator: 'other' })[1]!],
    ['receipt.operator_id', headed(recorded(batch({ size: 1 })[0]!, twoLines), { operator_id: 'acme\n1' })],
    ['receipt.epoch', batch({ size: 2, epoch: 2 })[0]!],
    ['receipt.time', headed(batch({ size: 1 })[0]!, { time: '2026-11-18T11:06:40.123457Z' })],
    ['record', recorded(batch({ size: 1 })[0]!, (record) => ` ${record}`)],
    ['record', recorded(batch({ size: 1 })[0]!, (record) => record.replace('{', '{"operator":"other",'))],
    ['record', recorded(batch({ size: 1 })[0]!, () => 'null')],
  ] as const
).map(([path, receipt]) => ({ ...named('signed', receipt), path, how: 'signed' }));

/** The same with another head, signed anew. */
function headed(receipt: Receipt, change: Partial<Receipt>): Receipt {
  const { operator_id: operator, epoch, size, root, time, ...others } = { ...receipt, ...change };
  const at = Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, -1));
  const head = { operator, size, epoch: Number(epoch), root: Buffer.from(root, 'hex'), time: at };
  const signature = sign(null, Buffer.from(receiptText(head)), privateKey(receipt.key_id)).toString('hex');
  return { ...others, operator_id: operator, epoch, size, root, time, signature };
}

/** The same, of a tree with one leaf, of another record. */
function recorded(receipt: Receipt, change: (record: string) => string): Receipt {
  const record = change(receipt.record);
  return headed({ ...receipt, record }, { digest: digestOf(record), root: digestOf(record) });
}

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The same signature with another second half, which fits the equation as well: RFC 8032 refuses it. */
function malleable(signature: string): string {
  const half = Buffer.from(signature.slice(64), 'hex').reverse().toString('hex');
  const other = (BigInt(`0x${half}`) + ORDER).toString(16).padStart(64, '0');
  return signature.slice(0, 64) + Buffer.from(other, 'hex').reverse().toString('hex');
}

/** Every change of one field of a receipt, besides its record, or of its keys. */
function* tamperedFrom({ name, receipt, keys }: ReceiptCase): Generator<TamperedReceipt> {
  const { record, ...others } = receipt;
  for (const [path, changed] of changesOf(others, 'receipt'))
    yield { name, path, how: 'text', keys, receipt: { record, ...changed } };
  yield { name, path: 'receipt.record', how: 'text', keys, receipt: others as Receipt };
  const signature = malleable(receipt.signature);
  yield { name, path: 'receipt.signature', how: 'text', keys, receipt: { ...receipt, signature } };
  for (const [path, changed] of changesOf(keys, 'keys')) yield { name, path, how: 'text', keys: changed, receipt };
}

/** Every change of one field of a receipt's record, as it is, and with what follows from it. */
function* recordsFrom({ name, receipt, keys }: ReceiptCase): Generator<TamperedReceipt> {
  const { record } = receipt;
  const records = [
    ...[...changesOf(JSON.parse(record), 'record')].map(([path, value]) => [path, canonicalize(value)!] as const),
    ...otherTexts(record).map((text) => ['record', text] as const),
  ];
  for (const [path, text] of records) {
    if (text === record) continue;
    const digest = digestOf(text);
    const nodes = receipt.path.map((node) => Buffer.from(node, 'hex'));
    const root = climb(Buffer.from(digest, 'hex'), receipt.index, receipt.size, nodes)!.toString('hex');
    yield { name, path, how: 'text', keys, receipt: { ...receipt, record: text } };
    yield { name, path, how: 'digest', keys, receipt: { ...receipt, record: text, digest } };
    yield { name, path, how: 'root', keys, receipt: { ...receipt, record: text, digest, root } };
  }
}

/** Of each size of tree one receipt with all its changes, two of them with those of records; what was signed anew. */
export const tamperedReceipts: readonly TamperedReceipt[] = [
  ...bySize.flatMap((cases) => [...tamperedFrom(cases[Math.floor(cases.length / 2)]!)]),
  ...[0, 4].flatMap((nth) => [...recordsFrom(bySize[nth]![0]!)]),
  ...signedAnew,
];

/**
 * Changes of the list of keys that mean nothing for a receipt: what the others are, and a time of use that still has
 * the receipt's in it.
 */
export const HARMLESS: readonly RegExp[] = [
  /^keys\[[02]\]\.(key_id|public_key)$/,
  /^keys\[[12]\]\.used_since$/,
  /^keys\[\]$/,
];
