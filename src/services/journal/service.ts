import type {
  FindOperationRequest,
  FindOperationResponse,
  JournalServiceService,
  OperationAccount,
} from '../../../gen/ts/windfall/journal/v1/journal.ts';
import { definition, definitionCode } from '../../catalogue/index.ts';
import {
  assetOfAccount,
  findOperation,
  findOperationByKey,
  findRow,
  hashKey,
  hashNaturalKey,
  type AccountId,
  type Operation,
} from '../../journal/index.ts';
import { formatDecimal, invalid, ApiError, type Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import { accountNames, type AccountOwners } from './accounts.ts';
import { mayKnow } from './brand.ts';

/** JournalService. */
export function journalService(
  platform: Platform,
  owners: AccountOwners,
): Implementation<typeof JournalServiceService> {
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
      const accountOf = await accountNames(platform, operator, operation, owners);
      return operationMessage(operation, accountOf, (asset) => tenants.assetCode(operator, asset));
    },
  };
}

async function byKey(
  platform: Platform,
  request: FindOperationRequest,
  caller: Caller,
): Promise<Operation | undefined> {
  const { operation, idempotencyKey, naturalKey, brandId } = request;
  if (idempotencyKey === '' && naturalKey === '') throw invalid('operation_id', 'or a key must be given');
  if (idempotencyKey !== '' && naturalKey !== '') throw invalid('natural_key', 'cannot be set beside idempotency_key');
  if (operation === '') throw invalid('operation', 'must name the kind of call that the key was sent with');
  const { reads, register, tenants } = platform;
  const { operator } = caller;
  const hash = naturalKey === '' ? clientKey(request, caller) : await naturalHash(platform, request, caller);
  const find = (brand: number): Promise<Operation | undefined> =>
    reads((em) => findOperationByKey(em, register, operator, hash(brand)));
  // Changes of definitions, and transfers between the operator's own accounts, have no brand.
  return (await find(0)) ?? find((await tenants.of(operator)).brand(caller, brandId));
}

/** The hash of a key, for a brand. */
type Hash = (brand: number) => string;

const clientKey =
  ({ operation, idempotencyKey, userId }: FindOperationRequest, { operator }: Caller): Hash =>
  (brand) =>
    hashKey({ operator, brand, operation, userId: userId || null }, idempotencyKey);

async function naturalHash(
  { reads }: Platform,
  { operation, naturalKey, definitionId }: FindOperationRequest,
  { operator }: Caller,
): Promise<Hash> {
  const code = definitionCode(operation.split('.', 1)[0]!, definitionId);
  const head = definitionId === '' ? undefined : await reads((em) => findRow(em, definition, operator, code));
  // A definition that does not exist has no keys; the number 0 has the keys that belong to no definition.
  const of = definitionId === '' ? 0 : (head?.id ?? -1);
  return (brand) => hashNaturalKey({ operator, brand, operation }, { of, key: naturalKey });
}

function operationMessage(
  { id, time, caller, facts }: Operation,
  accountOf: (id: AccountId) => OperationAccount,
  assetCode: (asset: number) => string,
): FindOperationResponse {
  return {
    operationId: id,
    time: new Date(time / 1000),
    caller,
    parts: facts.map(({ kind, transfers }) => ({
      kind: kind.name,
      transfers: transfers.map(({ from, to, amount }) => ({
        source: accountOf(from),
        destination: accountOf(to),
        asset: assetCode(assetOfAccount(from)),
        amount: formatDecimal(amount),
      })),
    })),
  };
}
