import type {
  FindOperationRequest,
  FindOperationResponse,
  JournalServiceService,
} from '../../../gen/ts/windfall/journal/v1/journal.ts';
import {
  assetOfAccount,
  findOperation,
  findOperationByKey,
  hashKey,
  kindOfAccount,
  ownerOfAccount,
  type AccountId,
  type Operation,
} from '../../journal/index.ts';
import { formatDecimal, invalid, ApiError, type Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import { mayKnow } from './brand.ts';

/** JournalService. */
export function journalService(platform: Platform): Implementation<typeof JournalServiceService> {
  const { reads, register, tenants } = platform;
  return {
    async findOperation(request, { caller }) {
      const { operator } = caller;
      const operation =
        request.operationId !== ''
          ? await reads((em) => findOperation(em, register, operator, request.operationId))
          : await byKey(platform, request, caller);
      if (operation === undefined || !(await mayKnow(platform, operation, caller)))
        throw new ApiError('OPERATION_NOT_FOUND', 'nothing was done under this id or key');
      return operationMessage(operation, (asset) => tenants.assetCode(operator, asset));
    },
  };
}

async function byKey(
  { reads, register, tenants }: Platform,
  { operation, idempotencyKey, brandId, userId }: FindOperationRequest,
  caller: Caller,
): Promise<Operation | undefined> {
  if (idempotencyKey === '') throw invalid('operation_id', 'or an idempotency_key must be given');
  if (operation === '') throw invalid('operation', 'must tell what the idempotency_key was sent with');
  const { operator } = caller;
  const find = (brand: number): Promise<Operation | undefined> => {
    const key = hashKey({ operator, brand, operation, userId: userId || null }, idempotencyKey);
    return reads((em) => findOperationByKey(em, register, operator, key));
  };
  // Changes of definitions, and transfers between the operator's own accounts, act for no brand.
  return (await find(0)) ?? find((await tenants.of(operator)).brand(caller, brandId));
}

function operationMessage(
  { id, time, caller, facts }: Operation,
  assetCode: (asset: number) => string,
): FindOperationResponse {
  return {
    operationId: id,
    time: new Date(time / 1000),
    caller,
    parts: facts.map(({ kind, transfers }) => ({
      kind: kind.name,
      transfers: transfers.map(({ from, to, amount }) => ({
        from: accountName(from),
        to: accountName(to),
        asset: assetCode(assetOfAccount(from)),
        amount: formatDecimal(amount),
      })),
    })),
  };
}

/** "player:12", "operator". */
function accountName(id: AccountId): string {
  const owner = ownerOfAccount(id);
  return owner === 0 ? kindOfAccount(id) : `${kindOfAccount(id)}:${owner}`;
}
