import { hash } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { column } from '../db/index.ts';
import { rootOf, timeText, type OperatorNo } from '../kernel/index.ts';
import { statement, type Connection, type Result } from './connection.ts';
import { readText } from './query.ts';

/** The receipts of batches that drew: one for a transaction of an operator. */
export const receiptEntity = defineEntity({
  name: 'receipt',
  tableName: 'receipt',
  properties: {
    operatorId: p.bigint('number').name('operator_id').primary(),
    tx: p.string().columnType('xid8').primary(),
    time: column.time(),
    epoch: column.integer(),
    keyId: column.text().name('key_id'),
    /** The digests of the draws' records, 32 bytes each, in the order of the journal. */
    leaves: column.bytes(),
    root: column.bytes(),
    signature: column.bytes(),
  },
});

/** What signs receipts. */
export interface ReceiptSigner {
  /** The name that receipts have of an operator. */
  nameOf(operator: OperatorNo): string | Promise<string>;
  /** Signs with the key of the moment. */
  sign(message: string): { readonly keyId: string; readonly signature: Buffer };
}

/** What a receipt says. */
export interface ReceiptHead {
  readonly operator: string;
  readonly epoch: number;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly size: number;
  readonly root: Buffer;
}

/** A signed receipt, as it is stored. */
export interface Receipt extends Omit<ReceiptHead, 'operator' | 'size'> {
  readonly keyId: string;
  readonly leaves: Buffer;
  readonly signature: Buffer;
}

/** The text that a receipt's signature is made of. */
export const receiptText = ({ operator, epoch, time, size, root }: ReceiptHead): string =>
  `windfall/receipt/1\n${operator}\n${epoch}\n${timeText(time)}\n${size}\n${root.toString('hex')}\n`;

/** The digest of a record, which is its leaf: SHA-256 of a zero byte and its bytes. */
export const recordDigest = (record: string): Buffer => hash('sha256', `\0${record}`, 'buffer');

/** Signs the receipt of a batch. */
export function makeReceipt(
  { sign }: Pick<ReceiptSigner, 'sign'>,
  { operator, epoch, time }: Pick<ReceiptHead, 'operator' | 'epoch' | 'time'>,
  digests: readonly Buffer[],
): Receipt {
  const leaves = Buffer.concat(digests);
  const root = rootOf(leaves);
  return { epoch, time, leaves, root, ...sign(receiptText({ operator, epoch, time, size: digests.length, root })) };
}

const insert = statement(
  'insert_receipt',
  'insert into receipt as r (operator_id, tx, time, epoch, key_id, leaves, root, signature) ' +
    "select o.operator_id, $2::xid8, 'epoch'::timestamptz + $3::int8 * interval '1 microsecond', $4::int8, $5, " +
    '$6, $7, $8 from operator o where o.operator_id = $1',
);

/** Stores a receipt in the transaction of its batch. */
export const storeReceipt = (
  connection: Connection,
  operator: OperatorNo,
  tx: number,
  { time, epoch, keyId, leaves, root, signature }: Receipt,
): Promise<Result> => connection.run(insert, [operator, String(tx), time, epoch, keyId, leaves, root, signature]);

interface Columns {
  readonly tx: string;
  readonly time: string;
  readonly epoch: string;
  readonly key_id: string;
  readonly leaves: Buffer;
  readonly root: Buffer;
  readonly signature: Buffer;
}

/** The receipts of transactions, by these; those that have none are omitted. */
export async function findReceipts(
  em: EntityManager,
  operator: OperatorNo,
  txs: readonly number[],
): Promise<Map<number, Receipt>> {
  const text =
    'select r.tx, (extract(epoch from r.time) * 1000000)::int8 as time, r.epoch, r.key_id, r.leaves, r.root, ' +
    'r.signature from receipt r where r.operator_id = $1 and r.tx = any($2::xid8[])';
  const rows = await readText<Columns>(em, text, [operator, txs.map(String)]);
  return new Map(
    rows.map(({ key_id: keyId, leaves, root, signature, ...row }) => [
      Number(row.tx),
      { keyId, leaves, root, signature, time: Number(row.time), epoch: Number(row.epoch) },
    ]),
  );
}
