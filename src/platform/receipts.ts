import type { ProvedDraw } from '../fairness/index.ts';
import { findOperation, type Fact, type Operation, type Receipt } from '../journal/index.ts';
import { ApiError, pathOf, timeText, type Caller, type OperatorNo } from '../kernel/index.ts';
import type { Definition, RequestOf, ResponseOf } from '../rpc/index.ts';
import type { Platform } from './platform.ts';

/** The draws of an operation. */
interface ProvedOperation {
  /** At least one. */
  readonly proved: readonly ProvedDraw[];
  readonly facts: readonly Fact[];
  readonly time: number;
  readonly operatorName: string;
}

/** A receipt as it is shown: see Receipt in the contract. */
interface ShownReceipt {
  readonly record: string;
  readonly digest: string;
  readonly index: number;
  readonly size: number;
  readonly path: string[];
  readonly root: string;
  readonly operatorId: string;
  readonly epoch: bigint;
  readonly time: string;
  readonly keyId: string;
  readonly signature: string;
}

type Sources = Pick<Platform, 'tenants' | 'draws' | 'receipts'>;

/** The draws of an operation with their records and revealed seeds. Throws DRAW_NOT_FOUND. */
export async function recordsOf(platform: Platform, operator: OperatorNo, drawId: string): Promise<ProvedOperation> {
  const { reads, register } = platform;
  const operation = await reads((em) => findOperation(em, register, operator, drawId));
  return proved(platform, operator, drawId, operation, true);
}

/** @param withSeeds as `DrawKind.prove` has it. */
async function proved(
  { tenants, draws }: Sources,
  operator: OperatorNo,
  drawId: string,
  operation: Operation | undefined,
  withSeeds: boolean,
): Promise<ProvedOperation> {
  const { name } = await tenants.of(operator);
  const { facts = [], time = 0 } = operation ?? {};
  const proving = facts.map(async ({ kind, id, data }, part) =>
    draws.get(kind)?.prove(operator, id, data, { operator: name, operation: drawId, part, time }, withSeeds),
  );
  const all = (await Promise.all(proving)).filter((one) => one !== undefined);
  if (all.length === 0) throw new ApiError('DRAW_NOT_FOUND', 'no such draw', { details: { draw_id: drawId } });
  return { facts, time, proved: all, operatorName: name };
}

/** The receipts of an operation's draws. Throws DRAW_NOT_FOUND, RECEIPT_NOT_FOUND. */
export async function receiptsOf(sources: Sources, operator: OperatorNo, drawId: string): Promise<ShownReceipt[]> {
  const { operation, receipt } = (await sources.receipts.get(operator, drawId)) ?? {};
  const { proved: draws, operatorName } = await proved(sources, operator, drawId, operation, false);
  const records = draws.flatMap(({ records: ofFact = [] }) => ofFact);
  const missing = new ApiError('RECEIPT_NOT_FOUND', 'the draw has no receipt', { details: { draw_id: drawId } });
  if (receipt === undefined || records.length === 0) throw missing;
  return records.map(({ record, digest }) => {
    const index = indexOf(receipt, digest);
    // It cannot be: facts never change. Told to the log, and to nobody else.
    if (index < 0) throw new Error(`the receipt of draw ${drawId} does not have its record`);
    return { record, ...shownReceipt(receipt, operatorName, digest, index) };
  });
}

/**
 * What an operation says whose request can ask for the receipt of its draw: which draw its response is about. The
 * receipt is read once the draw is committed with it, so a repeated call has the first one.
 */
export type Drawing<M extends Definition> =
  RequestOf<M> extends { readonly receipt: boolean }
    ? { drawId(response: Unreceipted<ResponseOf<M>>): string }
    : { readonly drawId?: undefined };

/** A response as its operation gives it: the receipt is added. */
export type Unreceipted<Response> = Response extends { readonly receipt?: object | undefined }
  ? Omit<Response, 'receipt'>
  : Response;

/** A response with the receipt of the draw that it is about. */
export async function withReceipt<Response>(
  response: Response,
  drawId: string,
  { platform, caller }: { readonly platform: Sources; readonly caller: Caller },
): Promise<Response> {
  return { ...response, receipt: await receiptOf(platform, caller.operator, drawId) };
}

/** The receipt of an operation's draw; undefined: it has not drawn, or the draw has none. */
async function receiptOf(sources: Sources, operator: OperatorNo, drawId: string): Promise<ShownReceipt | undefined> {
  try {
    return (await receiptsOf(sources, operator, drawId))[0];
  } catch (error) {
    if (error instanceof ApiError && ['DRAW_NOT_FOUND', 'RECEIPT_NOT_FOUND'].includes(error.reason)) return undefined;
    throw error;
  }
}

/** The place of a digest among the leaves; -1: it is not one of them. */
function indexOf({ leaves }: Receipt, digest: string): number {
  const bytes = Buffer.from(digest, 'hex');
  for (let at = 0; at < leaves.length; at += 32) if (leaves.compare(bytes, 0, 32, at, at + 32) === 0) return at / 32;
  return -1;
}

/** What a receipt says of a leaf. */
export const shownReceipt = (
  { epoch, keyId, leaves, root, signature, time }: Receipt,
  operatorId: string,
  digest: string,
  index: number,
): Omit<ShownReceipt, 'record'> => ({
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
