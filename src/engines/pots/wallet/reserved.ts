import type { PotsWalletReserved } from '../../../../gen/ts/windfall/facts/v1/pots_wallet.ts';
import type { Operation } from '../../../journal/index.ts';
import { walletReserved } from './facts.ts';

/** A contribution that an HTTP wallet is to pay. */
export interface Reserved {
  /** The number of its row. */
  readonly row: number;
  /** The operation that reserved it: the id of the debit. */
  readonly debitId: string;
  readonly data: PotsWalletReserved;
}

/** What an operation has reserved. */
export function reservedBy({ id: debitId, facts }: Operation): Reserved | undefined {
  const fact = facts.find(({ kind }) => kind.number === walletReserved.number);
  return fact === undefined ? undefined : { debitId, row: fact.id, data: fact.data as PotsWalletReserved };
}
