import { Transferred } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import {
  account,
  defineFact,
  isLocked,
  kindOfAccount,
  type AccountId,
  type Command,
  type Fact,
  type Snapshot,
  type Operation,
  type Transfer,
  type RowRequests,
} from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';

/** A single transfer, made by a service or an admin; the amount is in the fact's only transfer. */
export const transferred = defineFact<Transferred>({
  name: 'ledger.transferred',
  number: 301,
  version: 1,
  aggregate: account,
  codec: Transferred,
  evolve() {
    // It changes nothing except through its transfer.
  },
});

export interface TransferAnswer {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly transfer: Transfer;
  readonly data: Transferred;
  readonly replayed: boolean;
}

/** The account that is the fact's aggregate: the first of the two that lanes lock anyway. */
const aggregateOf = ({ from, to }: Transfer): AccountId => (isLocked(from) || !isLocked(to) ? from : to);

function needs({ from, to }: Transfer, rows: RowRequests): void {
  for (const id of new Set([from, to].filter(isLocked))) rows.lock(account, id);
  rows.lock(account, aggregateOf({ from, to, amount: 0n }));
}

function factOf(transfer: Transfer, reverses: Buffer, snapshot: Snapshot): Fact {
  const after = (id: AccountId, amount: Micros): bigint | undefined =>
    kindOfAccount(id) === 'player' ? snapshot.row(account, id).balance + amount : undefined;
  const { from, to, amount } = transfer;
  const data: Transferred = { fromBalance: after(from, -amount), toBalance: after(to, amount), reverses };
  return { kind: transferred, id: aggregateOf(transfer), data, transfers: [{ from, to, amount }] };
}

function answer({ id, time, facts }: Operation, replayed: boolean): TransferAnswer {
  const { data, transfers } = facts[0]!;
  return { operationId: id, time, data, transfer: transfers[0]!, replayed };
}

const NOTHING = Buffer.alloc(0);

/** Moves an amount. Throws INSUFFICIENT_BALANCE, BALANCE_OUT_OF_RANGE. */
export const createTransfer: Command<Transfer, TransferAnswer> = {
  name: 'ledger.transfer',
  needs,
  decide: (transfer, snapshot) => [factOf(transfer, NOTHING, snapshot)],
  answer,
};

export interface Reversal extends Transfer {
  /** The 16 bytes of the id of the operation that is reversed. */
  readonly reverses: Buffer;
}

/** Moves an amount back. A natural key made of the reversed operation's id ensures that it happens once. */
export const reverseTransfer: Command<Reversal, TransferAnswer> = {
  name: 'ledger.reverse',
  needs,
  decide: (reversal, snapshot) => [factOf(reversal, reversal.reverses, snapshot)],
  answer,
};
