import type {
  Account, BatchTransferResult, CreateTransferRequest, CreateTransferResponse, LedgerServiceService, ReverseTransferRequest,
  ReverseTransferResponse,
} from '../../gen/windfall/ledger/v1/ledger.ts';
import type { Sql } from '../db/index.ts';
import {
  accountId, callOptions, findOperation, hashKey, runInOrder, runOne,
  type AccountId, type Journal, type Transfer, type Work,
} from '../journal/index.ts';
import { failureOf, invalid, parseDecimal, Refusal, type Caller } from '../kernel/index.ts';
import type { Context, Implementation } from '../rpc/index.ts';
import type { Directory, Tenant } from '../tenants/index.ts';
import { createTransfer, reverseTransfer, transferred, type TransferAnswer } from './commands/transfer.ts';
import { transferMessage, uuidBytes } from './mapping.ts';
import { reading } from './reading.ts';
import type { Transferred } from '../../gen/windfall/facts/v1/facts.ts';

type Named = { readonly userId: string; readonly brandId: number };
type Identified = { readonly brandId: number; readonly player: number };

export interface LedgerHost {
  readonly sql: Sql;
  readonly journal: Journal;
  readonly tenants: Directory;
  /** The player that a write names; made if unknown. */
  identify(request: Named, caller: Caller): Identified | Promise<Identified>;
  /** The player that a read names. Refuses: PLAYER_NOT_FOUND. */
  find(request: Named, caller: Caller): Identified | Promise<Identified>;
  requestHash(messageType: string): (request: unknown) => string;
}

/** LedgerService. */
export function ledgerService(host: LedgerHost): Implementation<typeof LedgerServiceService> {
  const hash = host.requestHash('windfall.ledger.v1.CreateTransferRequest');
  const created = (answer: TransferAnswer, { caller: { operator } }: Context): CreateTransferResponse => (
    { transfer: transferMessage(answer, (asset) => host.tenants.assetCode(operator, asset)), deduped: answer.replayed });
  return {
    ...reading(host),
    createTransfer: async (request, context) => created(await runOne(moving(host, hash, context), request), context),
    async batchTransfer({ items }, context) {
      const outcomes = await runInOrder(moving(host, hash, context), items);
      return { results: outcomes.map((outcome): BatchTransferResult => (outcome.status === 'fulfilled'
        ? { created: created(outcome.value, context), failure: undefined }
        : { created: undefined, failure: failureOf(outcome.reason) })) };
    },
    reverseTransfer: (request, context) => reverse(host, request, context),
  };
}

function moving(
  host: LedgerHost, hash: (request: unknown) => string, context: Context,
): Work<CreateTransferRequest, Transfer, TransferAnswer> {
  const { tenants, journal } = host;
  return {
    journal,
    command: createTransfer,
    async prepare(request) {
      const tenant = await tenants.of(context.caller.operator);
      const amount = parseDecimal(request.amount)!;
      if (amount === 0n) throw invalid('amount', 'must be more than 0');
      const from = await sideOf(host, tenant, context, request.from!, 'from', request.asset);
      const to = await sideOf(host, tenant, context, request.to!, 'to', request.asset);
      if (from.id === to.id) throw invalid('to', 'must be another account than from');
      const options = callOptions(context, {
        operation: createTransfer.name, brand: from.brandId || to.brandId, key: request.idempotencyKey,
        hash: () => hash(request), route: to.player || from.player,
      });
      return { options, request: { from: from.id, to: to.id, amount } };
    },
  };
}

async function sideOf(
  { identify }: LedgerHost, tenant: Tenant, { caller }: Context, account: Account, field: string, asset: string,
) {
  if (account.kind !== 'player') {
    if (account.userId !== '') throw invalid(`${field}.user_id`, 'must be empty unless the kind is player');
    return { id: accountId(account.kind as 'operator' | 'external', 0, tenant.assetNo(asset)), brandId: 0, player: 0 };
  }
  if (account.userId === '') throw invalid(`${field}.user_id`, 'must name a player');
  const { brandId, player } = await identify(account, caller);
  return { id: accountId('player', player, tenant.assetNo(asset)) as AccountId, brandId, player };
}

async function reverse(
  host: LedgerHost, request: ReverseTransferRequest, context: Context,
): Promise<ReverseTransferResponse> {
  const { operator } = context.caller;
  const { transferId } = request;
  const details = { transfer_id: transferId };
  const tenant: Tenant = await host.tenants.of(operator);
  const operation = await findOperation(host.sql, operator, transferId.toLowerCase());
  if (operation === undefined) throw new Refusal('TRANSFER_NOT_FOUND', 'no such transfer', { details });
  const [fact] = operation.facts;
  if (fact!.kind !== transferred || (fact!.data as Transferred).reverses.length > 0) {
    throw new Refusal('NOT_REVERSIBLE', 'the operation is no transfer, or is a reversal itself', { details });
  }
  const { from, to, amount } = fact!.transfers[0]!;
  const hash = host.requestHash('windfall.ledger.v1.ReverseTransferRequest');
  const options = callOptions(context, {
    operation: reverseTransfer.name, brand: 0, key: request.idempotencyKey, hash: () => '', route: Math.floor(to / 4096),
  });
  // The transfer's own id is a key too: whoever reverses it, and with whatever key, it is reversed once.
  const once = hashKey({ operator, brand: 0, operation: 'ledger.reverse/transfer', userId: null }, operation.id);
  const answer = await host.journal.run(reverseTransfer, {
    from: to, to: from, amount, reverses: uuidBytes(operation.id),
  }, { ...options, keys: [...options.keys, once], requestHash: hash(request) });
  return { transfer: transferMessage(answer, (asset) => tenant.assetCode(asset)), deduped: answer.replayed };
}
