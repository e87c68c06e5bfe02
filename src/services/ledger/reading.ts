import type {
  AssetBalance,
  LedgerServiceService,
  ListTransfersRequest,
  ListTransfersResponse,
} from '../../../gen/ts/windfall/ledger/v1/ledger.ts';
import {
  account,
  accountId,
  balancesOf,
  readRowsById,
  statementOf,
  trialBalance,
  type AccountKind,
} from '../../journal/index.ts';
import { formatDecimal, pageOf, positionNumber, type Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';

type Reading = Pick<Implementation<typeof LedgerServiceService>, 'listBalances' | 'listTransfers' | 'getTrialBalance'>;

/** The reads of LedgerService. */
export function reading(platform: Platform): Reading {
  const { reads, tenants, identify } = platform;
  return {
    async listBalances(request, { caller }) {
      const { player } = await identify.find(request, caller);
      const tenant = await tenants.of(caller.operator);
      const balances = (await reads((em) => balancesOf(em, caller.operator, player))).map(({ asset, balance }) => ({
        asset: tenant.assetCode(asset),
        amount: formatDecimal(balance),
      }));
      return { balances: balances.sort((a, b) => (a.asset < b.asset ? -1 : 1)) };
    },
    listTransfers: (request, { caller }) => statement(platform, request, caller),
    async getTrialBalance(_, { caller: { operator } }) {
      const tenant = await tenants.of(operator);
      const sums = await reads((em) => trialBalance(em, operator));
      const assets = [...sums].map(([asset, kinds]) => assetBalance(tenant.assetCode(asset), kinds));
      return {
        balanced: assets.every(({ sum }) => sum === '0'),
        assets: assets.sort((a, b) => (a.asset < b.asset ? -1 : 1)),
      };
    },
  };
}

function assetBalance(asset: string, kinds: ReadonlyMap<AccountKind, bigint>): AssetBalance {
  const of = (kind: AccountKind): string => formatDecimal(kinds.get(kind) ?? 0n);
  return {
    asset,
    player: of('player'),
    escrow: of('escrow'),
    jackpot: of('jackpot'),
    operatorFunds: of('operator'),
    exchange: of('exchange'),
    external: of('external'),
    wallet: of('wallet'),
    payable: of('payable'),
    sum: formatDecimal([...kinds.values()].reduce((sum, amount) => sum + amount, 0n)),
  };
}

async function statement(
  { reads, tenants, identify, register }: Platform,
  request: ListTransfersRequest,
  caller: Caller,
): Promise<ListTransfersResponse> {
  const { operator } = caller;
  const tenant = await tenants.of(operator);
  const asset = tenant.assetNo(request.asset);
  const { player } = await identify.find(request, caller);
  const id = accountId('player', player, asset);
  const { items, nextPageToken } = await pageOf(request, {
    name: `statement/${id}`,
    read: (before, limit) =>
      reads((em) => statementOf(em, operator, id, positionNumber(before, Number.MAX_SAFE_INTEGER), limit)),
    position: ({ sequence }) => sequence,
  });
  const [row] = await reads((em) => readRowsById(em, account, operator, [id]));
  return {
    transfers: items.map(({ sequence, operationId, kind, version, amount, balance, time }) => ({
      sequence: BigInt(sequence),
      operationId,
      kind: register.fact(kind, version).name,
      amount: formatDecimal(amount),
      balanceAfter: formatDecimal(balance),
      time: new Date(time / 1000),
    })),
    nextPageToken,
    totalCount: BigInt(row?.lines ?? 0),
  };
}
