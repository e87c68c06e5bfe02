import type { GetReceiptKeysResponse } from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import type { Platform } from '../../platform/index.ts';

/** The public keys that receipts are signed with. */
export const receiptKeysOf = ({ receiptKeys }: Platform): GetReceiptKeysResponse => ({
  keys: receiptKeys().map(({ id, from, publicKey }) => ({
    keyId: id,
    algorithm: 'Ed25519',
    publicKey: publicKey.toString('hex'),
    usedSince: from === 0 ? undefined : new Date(from),
  })),
});
