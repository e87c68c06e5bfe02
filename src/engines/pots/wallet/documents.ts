import { formatDecimal, type OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import type { WalletCallRow } from '../../../wallets/index.ts';

type Document = Readonly<Record<string, string>>;

/** The bodies of calls about one contribution. A repeated call has the same body, but perhaps another token. */
export interface Documents {
  authenticate(token: string): Document;
  debit(token: string): Document;
  readonly cancel: Document;
  readonly credit: Document;
}

/** The fields of a call that its answer must repeat. */
export const ECHOES = {
  authenticate: ['player_id'],
  debit: ['transaction_id', 'currency', 'amount'],
  cancel: ['transaction_id'],
  credit: ['transaction_id', 'currency', 'amount'],
} as const;

/** What a body tells of a row. */
type Told = Pick<WalletCallRow, 'playerId' | 'asset' | 'amount' | 'owed' | 'debitId' | 'contributionId'>;

/** The bodies of calls about a contribution. */
export async function documentsOf(
  { players, tenants }: Pick<Platform, 'players' | 'tenants'>,
  operator: OperatorNo,
  { playerId, asset, amount, owed, debitId, contributionId }: Told,
): Promise<Documents> {
  const tenant = await tenants.of(operator);
  const player = (await players.byId(operator, [playerId])).get(playerId)!;
  const common = {
    operator_id: tenant.name,
    brand_id: tenant.brandName(player.brandId),
    player_id: player.userId,
    currency: tenant.assetCode(asset),
  };
  const debited = { ...common, transaction_id: debitId, amount: formatDecimal(amount) };
  return {
    authenticate: (token) => ({ ...common, token }),
    debit: (token) => ({ ...debited, token }),
    cancel: debited,
    credit: {
      ...common,
      transaction_id: contributionId,
      debit_transaction_id: debitId,
      amount: formatDecimal(owed),
    },
  };
}
