import type {
  GetReceiptKeysResponse,
  GetReceiptResponse,
  Receipt as ReceiptMessage,
} from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import { findReceipt, type Receipt } from '../../journal/index.ts';
import { ApiError, pathOf, timeText, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { recordsOf, type Kinds } from './prove.ts';

/** The receipts of an operation's draws. Throws DRAW_NOT_FOUND, RECEIPT_NOT_FOUND. */
export async function receiptsOf(
  platform: Platform,
  kinds: Kinds,
  operator: OperatorNo,
  drawId: string,
): Promise<GetReceiptResponse> {
  const { proved, tx, operatorName } = await recordsOf(platform, kinds, operator, drawId);
  const records = proved.flatMap(({ records: ofFact = [] }) => ofFact);
  const receipt = await platform.reads((em) => findReceipt(em, operator, tx));
  const missing = new ApiError('RECEIPT_NOT_FOUND', 'the draw has no receipt', { details: { draw_id: drawId } });
  if (receipt === undefined || records.length === 0) throw missing;
  return {
    drawId,
    receipts: records.map(({ record, digest }) => {
      const index = indexOf(receipt, digest);
      // It cannot be: facts never change. Told to the log, and to nobody else.
      if (index < 0) throw new Error(`the receipt of transaction ${tx} does not have the record of draw ${drawId}`);
      return { record, ...receiptMessage(receipt, operatorName, digest, index) };
    }),
  };
}

/** The place of a digest among the leaves; -1: it is not one of them. */
function indexOf({ leaves }: Receipt, digest: string): number {
  const bytes = Buffer.from(digest, 'hex');
  for (let at = 0; at < leaves.length; at += 32) if (leaves.compare(bytes, 0, 32, at, at + 32) === 0) return at / 32;
  return -1;
}

const receiptMessage = (
  { epoch, keyId, leaves, root, signature, time }: Receipt,
  operatorId: string,
  digest: string,
  index: number,
): Omit<ReceiptMessage, 'record'> => ({
  digest,
  index,
  operatorId,
  keyId,
  size: leaves.length / 32,
  path: pathOf(leaves, index).map((node) => node.toString('hex')),
  root: root.toString('hex'),
  epoch: BigInt(epoch),
  time: timeText(time),
  signature: signature.toString('hex'),
});

/** The public keys that receipts are signed with. */
export const receiptKeysOf = ({ receiptKeys }: Platform): GetReceiptKeysResponse => ({
  keys: receiptKeys().map(({ id, from, publicKey }) => ({
    keyId: id,
    algorithm: 'Ed25519',
    publicKey: publicKey.toString('hex'),
    usedSince: from === 0 ? undefined : new Date(from),
  })),
});
