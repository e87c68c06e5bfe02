import type {
  FindOperationRequest, FindOperationResponse, JournalServiceService,
} from '../../gen/windfall/journal/v1/journal.ts';
import type { Sql } from '../db/index.ts';
import { formatDecimal, invalid, Refusal, type Caller } from '../kernel/index.ts';
import type { Implementation } from '../rpc/index.ts';
import { assetOfAccount, kindOfAccount, ownerOfAccount, type AccountId } from './account.ts';
import type { Operation } from './fact.ts';
import { hashKey } from './journal.ts';
import { findOperation, findOperationByKey } from './query.ts';

export interface JournalHost {
  readonly sql: Sql;
  /** The brand that a request means. Refuses: INVALID_ARGUMENT, BRAND_NOT_FOUND. */
  brand(caller: Caller, brandId: number): Promise<number>;
  assetCode(operator: number, asset: number): string;
}

/** JournalService. */
export function journalService(host: JournalHost): Implementation<typeof JournalServiceService> {
  return {
    async findOperation(request, { caller }) {
      const operation = request.operationId !== ''
        ? await findOperation(host.sql, caller.operator, request.operationId)
        : await byKey(host, request, caller);
      if (operation === undefined) throw new Refusal('OPERATION_NOT_FOUND', 'nothing was done under this id or key');
      return operationMessage(operation, (asset) => host.assetCode(caller.operator, asset));
    },
  };
}

async function byKey(
  { sql, brand }: JournalHost, { operation, idempotencyKey, brandId, userId }: FindOperationRequest, caller: Caller,
): Promise<Operation | undefined> {
  if (idempotencyKey === '') throw invalid('operation_id', 'or an idempotency_key must be given');
  if (operation === '') throw invalid('operation', 'must tell what the idempotency_key was sent with');
  const find = (brandNo: number): Promise<Operation | undefined> => {
    const scope = { operator: caller.operator, brand: brandNo, operation, userId: userId || null };
    return findOperationByKey(sql, caller.operator, hashKey(scope, idempotencyKey));
  };
  // Changes of definitions, and transfers between the operator's own accounts, act for no brand.
  return await find(0) ?? find(await brand(caller, brandId));
}

function operationMessage({ id, time, caller, facts }: Operation, assetCode: (asset: number) => string): FindOperationResponse {
  return {
    operationId: id,
    time: new Date(time / 1000),
    caller,
    parts: facts.map(({ kind, transfers }) => ({
      kind: kind.name,
      transfers: transfers.map(({ from, to, amount }) => ({
        from: accountName(from), to: accountName(to), asset: assetCode(assetOfAccount(from)), amount: formatDecimal(amount),
      })),
    })),
  };
}

/** "player:12", "operator". */
function accountName(id: AccountId): string {
  const owner = ownerOfAccount(id);
  return owner === 0 ? kindOfAccount(id) : `${kindOfAccount(id)}:${owner}`;
}
