import type { Reads } from '../db/index.ts';
import { findOperations, findReceipts, type Operation, type Receipt, type Register } from '../journal/index.ts';
import { Gathered } from './gathered.ts';

/** An operation with the receipt of its transaction, if it has one. */
export interface Receipted {
  readonly operation: Operation;
  readonly receipt: Receipt | undefined;
}

/** Operations with their receipts, by their ids. */
export const gatherReceipts = (reads: Reads, register: Register): Gathered<Receipted> =>
  new Gathered((operator, ids) =>
    reads(async (em) => {
      const operations = await findOperations(em, register, operator, ids);
      const receipts = await findReceipts(em, operator, [...new Set(operations.map(({ tx }) => tx))]);
      return new Map(operations.map((operation) => [operation.id, { operation, receipt: receipts.get(operation.tx) }]));
    }),
  );
