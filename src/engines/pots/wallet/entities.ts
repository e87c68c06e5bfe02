import { defineEntity, p } from '@mikro-orm/core';
import { sealedTable } from '../../../journal/index.ts';
import { PotsWalletSchema, sealedWallet, WalletCallSchema } from '../../../wallets/index.ts';

/** The settings of an HTTP wallet. They never change: what was begun with a version is finished with it. */
export const PotsWalletVersionSchema = defineEntity({
  name: 'PotsWalletVersion',
  tableName: 'pots_wallet_version',
  properties: {
    operatorId: p.bigint('number').primary(),
    version: p.integer().primary(),
    url: p.text(),
    /** Sealed: see secret.ts. */
    secret: p.text().hidden(),
    timeoutMs: p.integer(),
    tries: p.integer(),
    retryMs: p.integer(),
    backOff: p.integer(),
  },
});

/** The session of a player whose contribution a task may have to make. It is deleted once that is done. */
export const PotsWalletTokenSchema = defineEntity({
  name: 'PotsWalletToken',
  tableName: 'pots_wallet_token',
  properties: {
    operatorId: p.bigint('number').primary(),
    /** The number of the contribution's row. */
    id: p.bigint('number').primary(),
    /** Sealed: see secret.ts. */
    token: p.text().hidden(),
  },
});

export const sealedVersion = sealedTable(PotsWalletVersionSchema);
export const walletSealed = [sealedWallet, sealedVersion];

export class PotsWalletVersion extends PotsWalletVersionSchema.class {}
PotsWalletVersionSchema.setClass(PotsWalletVersion);

export const walletEntities = [PotsWalletSchema, PotsWalletVersionSchema, PotsWalletTokenSchema, WalletCallSchema];
