import type { Transferred } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import {
  LedgerServiceService,
  type Account,
  type CreateTransferRequest,
  type ReverseTransferRequest,
  type ReverseTransferResponse,
} from '../../../gen/ts/windfall/ledger/v1/ledger.ts';
import {
  accountId,
  callOptions,
  findOperation,
  hashNaturalKey,
  ownerOfAccount,
  type AccountId,
  type Transfer,
} from '../../journal/index.ts';
import { invalid, parseDecimal, ApiError, type Caller } from '../../kernel/index.ts';
import { createTransfer, reverseTransfer, transferred } from '../../ledger/index.ts';
import { batchOf, write, type Input, type Platform } from '../../platform/index.ts';
import type { Context, Implementation } from '../../rpc/index.ts';
import type { Tenant } from '../../tenants/index.ts';
import { mayKnow } from '../journal/brand.ts';
import { transferMessage, uuidBytes } from './mapping.ts';
import { reading } from './reading.ts';

/** Moves an amount between two accounts. */
const transfer = write({
  method: LedgerServiceService.createTransfer,
  command: () => createTransfer,
  prepare: (request: CreateTransferRequest, { platform, caller }) => prepareTransfer(platform, request, caller),
  respond: (answer, { platform: { tenants }, caller: { operator } }) => ({
    transfer: transferMessage(answer, (asset) => tenants.assetCode(operator, asset)),
    deduped: answer.replayed,
  }),
});
const batchTransfer = batchOf(LedgerServiceService.batchTransfer, transfer, 'created');

/** LedgerService. */
export function ledgerService(platform: Platform): Implementation<typeof LedgerServiceService> {
  return {
    ...reading(platform),
    createTransfer: transfer(platform),
    batchTransfer: batchTransfer(platform),
    reverseTransfer: (request, context) => reverse(platform, request, context),
  };
}

async function prepareTransfer(
  platform: Platform,
  request: CreateTransferRequest,
  caller: Caller,
): Promise<Input<Transfer>> {
  const tenant = await platform.tenants.of(caller.operator);
  const amount = parseDecimal(request.amount)!;
  if (amount === 0n) throw invalid('amount', 'must be more than 0');
  const from = await sideOf(platform, tenant, caller, request.source!, 'source', request.asset);
  const to = await sideOf(platform, tenant, caller, request.destination!, 'destination', request.asset);
  if (from.id === to.id) throw invalid('destination', 'must be another account than the source');
  return {
    request: { from: from.id, to: to.id, amount },
    route: to.player || from.player,
    brand: from.brandId || to.brandId,
  };
}

async function sideOf(
  { identify }: Platform,
  tenant: Tenant,
  caller: Caller,
  account: Account,
  field: string,
  asset: string,
): Promise<{ readonly id: AccountId; readonly brandId: number; readonly player: number }> {
  if (account.kind !== 'player') {
    if (account.userId !== '') throw invalid(`${field}.user_id`, 'must be empty unless the kind is player');
    return { id: accountId(account.kind as 'operator' | 'external', 0, tenant.assetNo(asset)), brandId: 0, player: 0 };
  }
  if (account.userId === '') throw invalid(`${field}.user_id`, 'must name a player');
  const { brandId, player } = await identify.ensure(account, caller);
  return { id: accountId('player', player, tenant.assetNo(asset)), brandId, player };
}

async function reverse(
  platform: Platform,
  request: ReverseTransferRequest,
  context: Context,
): Promise<ReverseTransferResponse> {
  const { reads, register, tenants, journal, requestHash } = platform;
  const { operator } = context.caller;
  const { transferId } = request;
  const details = { transfer_id: transferId };
  const tenant: Tenant = await tenants.of(operator);
  const operation = await reads((em) => findOperation(em, register, operator, transferId.toLowerCase()));
  if (operation === undefined || !(await mayKnow(platform, operation, context.caller)))
    throw new ApiError('TRANSFER_NOT_FOUND', 'no such transfer', { details });
  const [fact] = operation.facts;
  if (fact!.kind !== transferred || (fact!.data as Transferred).reverses.length > 0) {
    throw new ApiError('NOT_REVERSIBLE', 'the operation is no transfer, or is a reversal itself', { details });
  }
  const { from, to, amount } = fact!.transfers[0]!;
  const hash = requestHash(LedgerServiceService.reverseTransfer.path);
  const options = callOptions(context, {
    operation: reverseTransfer.name,
    brand: 0,
    key: request.idempotencyKey,
    hash: () => '',
    route: ownerOfAccount(to),
  });
  // The transfer's id is also a key: it is reversed once, whatever the caller and the idempotency key.
  const once = hashNaturalKey({ operator, brand: 0, operation: reverseTransfer.name }, { of: 0, key: operation.id });
  const answer = await journal.run(
    reverseTransfer,
    {
      from: to,
      to: from,
      amount,
      reverses: uuidBytes(operation.id),
    },
    { ...options, keys: [...options.keys, once], requestHash: hash(request) },
    () => context.markReplayed(),
  );
  return { transfer: transferMessage(answer, (asset) => tenant.assetCode(asset)), deduped: answer.replayed };
}
