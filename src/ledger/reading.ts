import type { AssetBalance, ListTransfersRequest, ListTransfersResponse } from '../../gen/windfall/ledger/v1/ledger.ts';
import { accountId, factKind, type AccountKind } from '../journal/index.ts';
import { decodePageNumber, encodePageToken, formatDecimal, type Caller } from '../kernel/index.ts';
import type { Context } from '../rpc/index.ts';
import { balancesOf, linesOf, statementOf, trialBalance } from './queries.ts';
import type { LedgerHost } from './service.ts';

/** The reads of LedgerService. */
export function reading(host: LedgerHost) {
  const { sql, tenants, find } = host;
  return {
    async listBalances(request: { userId: string; brandId: number }, { caller }: Context) {
      const { player } = await find(request, caller);
      const tenant = await tenants.of(caller.operator);
      const balances = (await balancesOf(sql, caller.operator, player)).map(({ asset, balance }) => (
        { asset: tenant.assetCode(asset), balance: formatDecimal(balance) }));
      return { balances: balances.sort((a, b) => (a.asset < b.asset ? -1 : 1)) };
    },
    listTransfers: (request: ListTransfersRequest, { caller }: Context) => statement(host, request, caller),
    async getTrialBalance(_: object, { caller }: Context) {
      const tenant = await tenants.of(caller.operator);
      const sums = await trialBalance(sql, caller.operator);
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
    player: of('player'), escrow: of('escrow'), jackpot: of('jackpot'),
    operator: of('operator'), exchange: of('exchange'), external: of('external'),
    sum: formatDecimal([...kinds.values()].reduce((sum, amount) => sum + amount, 0n)),
  };
}

async function statement(
  { sql, tenants, find }: LedgerHost, request: ListTransfersRequest, caller: Caller,
): Promise<ListTransfersResponse> {
  const { operator } = caller;
  const tenant = await tenants.of(operator);
  const asset = tenant.assetNo(request.asset);
  const { player } = await find(request, caller);
  const account = accountId('player', player, asset);
  const size = request.pageSize || 50;
  const filter = `statement/${account}`;
  const before = request.pageToken === '' ? Number.MAX_SAFE_INTEGER : decodePageNumber(filter, request.pageToken);
  const lines = await statementOf(sql, operator, account, before, size);
  const last = lines.at(-1)?.sequence ?? 1;
  return {
    transfers: lines.map(({ sequence, operationId, kind, version, amount, balance, time }) => ({
      sequence: BigInt(sequence),
      operationId,
      kind: factKind(kind, version).name,
      amount: formatDecimal(amount),
      balanceAfter: formatDecimal(balance),
      time: new Date(time / 1000),
    })),
    // Sequences have no gaps and begin with 1, so the last line tells whether there is more.
    nextPageToken: last > 1 ? encodePageToken(filter, String(last)) : '',
    totalCount: BigInt(await linesOf(sql, operator, account)),
  };
}
