import type { Transfer as TransferMessage } from '../../../gen/ts/windfall/ledger/v1/ledger.ts';
import { assetOfAccount } from '../../journal/index.ts';
import { formatDecimal } from '../../kernel/index.ts';
import type { TransferAnswer } from '../../ledger/index.ts';

/** 16 bytes as the text of a UUID. */
export function uuidText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The 16 bytes of a UUID. */
export const uuidBytes = (text: string): Buffer => Buffer.from(text.replaceAll('-', ''), 'hex');

const decimal = (amount: bigint | undefined): string | undefined =>
  amount === undefined ? undefined : formatDecimal(amount);

/** The message of a transfer. */
export function transferMessage(
  { operationId, time, transfer, data }: TransferAnswer,
  assetCode: (asset: number) => string,
): TransferMessage {
  return {
    transferId: operationId,
    asset: assetCode(assetOfAccount(transfer.from)),
    amount: formatDecimal(transfer.amount),
    sourceBalance: decimal(data.fromBalance),
    destinationBalance: decimal(data.toBalance),
    reverses: data.reverses.length === 0 ? undefined : uuidText(data.reverses),
    createTime: new Date(time / 1000),
  };
}
