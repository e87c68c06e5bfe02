import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { column, stateKey } from '../db/index.ts';
import { sealedTable, stateTable, type RowOf } from '../journal/index.ts';

/** States of a contribution by an HTTP wallet; the numbers are stored. */
export const walletState = { reserved: 1, cancelling: 2, contributed: 3, rejected: 4 } as const;

/** Why something is owed; the numbers are stored. 0: what a contribution wins, or gets back; or not told. */
export const owedReason = { trigger: 1, time: 2, raffle: 3, released: 4, share: 5 } as const;

/** Which wallet an operator's contributions are paid from; none: the built-in ledger. */
export const PotsWalletSchema = defineEntity({
  name: 'PotsWallet',
  tableName: 'pots_wallet',
  properties: {
    operatorId: p.bigint('number').primary().autoincrement(false),
    walletType: p.text(),
    /** Of its settings, see PotsWalletVersion; 0: the type has none. */
    version: p.integer().default(0),
  },
});

/** Whoever writes a row seals it. */
export const sealedWallet = sealedTable(PotsWalletSchema);

export class PotsWallet extends PotsWalletSchema.class {}
PotsWalletSchema.setClass(PotsWallet);

/** A contribution that an HTTP wallet pays for. */
export const WalletCallSchema = defineEntity({
  name: 'PotsWalletCall',
  tableName: 'pots_wallet_call',
  properties: {
    ...stateKey,
    playerId: column.integer(),
    /** The number of the target's row. */
    jackpotId: column.integer(),
    asset: column.integer(),
    /** The version of the wallet. */
    wallet: column.integer(),
    /** What is debited. */
    amount: column.micros(),
    /** What is still to be credited. */
    owed: column.micros(),
    /** What was owed: it remains once it is credited. */
    credit: column.micros(),
    /** See `owedReason`. */
    reason: column.integer(),
    /** Why the wallet has refused the credit; empty: it has not. */
    refusal: column.text(),
    /** See `walletState`. */
    state: column.integer(),
    /** 1: the wallet is still to be asked something. */
    isOpen: column.integer(),
    /** 1: the results are sent to an URL. */
    isCallback: column.integer(),
    /** The operation that reserved it, which is the id of the debit. */
    debitId: column.text(),
    /** The operation that contributed, which is the id of the credit; empty: none. */
    contributionId: column.text(),
    /** Of the win, if another operation has won it. */
    gameround: column.text(),
    reservedAt: column.time(),
    creditedAt: column.time(),
  },
  indexes: [
    { name: 'pots_wallet_call_open', properties: ['operatorId', 'id'], where: 'is_open = 1' },
    { name: 'pots_wallet_call_waiting', properties: ['operatorId'], where: "is_open = 1 and refusal = ''" },
    { name: 'pots_wallet_call_credits', properties: ['operatorId', 'jackpotId', 'id'], where: 'credit <> 0' },
  ] as never,
});
export const walletCall = stateTable(WalletCallSchema, { number: 1640, rank: 2 });
export type WalletCallRow = RowOf<InferEntity<typeof WalletCallSchema>>;
