import { sql } from 'kysely';
import { WalletServiceService, type WalletCredit } from '../../../../gen/ts/windfall/pots/v1/wallet.ts';
import { readRows } from '../../../journal/index.ts';
import { toNumber, type Caller } from '../../../kernel/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { owedReason, walletCall, type WalletCallRow } from '../../../wallets/index.ts';
import { findInstance } from '../instance-found.ts';
import { roundOf } from '../../jackpot/index.ts';
import { isOfBrand, ownerName } from '../owner.ts';

const LIMIT = 50;

/** The words for reasons. */
const REASONS: Readonly<Record<number, string>> = {
  0: 'Contribution',
  [owedReason.trigger]: 'Trigger',
  [owedReason.time]: 'Draw',
  [owedReason.raffle]: 'Raffle',
  [owedReason.released]: 'Released',
  [owedReason.share]: 'Share',
};

/** Lists what HTTP wallets have credited, and are to credit. */
export const listWalletCredits = read(
  WalletServiceService.listWalletCredits,
  (platform) =>
    async ({ instanceId, status, page, limit }, { caller }) => {
      const { content, code } = await findInstance(platform, caller, instanceId);
      const filter = { status, page, jackpot: Number(content.jackpot), limit: limit || LIMIT };
      return { credits: await messagesOf(platform, caller, code, await findCredits(platform, caller, filter)) };
    },
);

interface Filter {
  readonly jackpot: number;
  readonly status: string;
  readonly page: number;
  readonly limit: number;
}

const findCredits = (
  { reads }: Platform,
  { operator, brand }: Caller,
  { jackpot, status, page, limit }: Filter,
): Promise<WalletCallRow[]> =>
  reads((em) =>
    readRows(em, walletCall, operator, (query) => {
      let narrowed = query.where('t.jackpot_id', '=', jackpot).where(sql<boolean>`t.credit <> 0`);
      if (status !== '') narrowed = narrowed.where('t.is_open', '=', status === 'Pending' ? 1 : 0);
      if (brand !== null) narrowed = narrowed.where(isOfBrand(brand));
      return narrowed
        .orderBy('t.id', 'desc')
        .limit(limit)
        .offset(page * limit);
    }),
  );

async function messagesOf(
  { tenants, players }: Platform,
  { operator }: Caller,
  instanceId: string,
  rows: readonly WalletCallRow[],
): Promise<WalletCredit[]> {
  const tenant = await tenants.of(operator);
  const known = await players.byId(operator, [...new Set(rows.map(({ playerId }) => playerId))]);
  return rows.map((row): WalletCredit => {
    const { userId, brandId } = known.get(row.playerId)!;
    const isPaid = row.owed === 0n;
    return {
      instanceId,
      transactionId: row.contributionId,
      gameroundId: row.gameround || roundOf(row.contributionId),
      debitTransactionId: row.debitId === '' ? undefined : row.debitId,
      brandId: ownerName(tenant, brandId),
      playerId: userId,
      currency: tenant.assetCode(row.asset),
      amount: toNumber(row.credit),
      // Of old rows without a debit it is not known: only triggered pots were owed so.
      reason: REASONS[row.reason === 0 && row.debitId === '' ? owedReason.trigger : row.reason]!,
      status: isPaid ? 'Paid' : 'Pending',
      refusal: isPaid || row.refusal === '' ? undefined : row.refusal,
      timestamp: Math.floor(row.reservedAt / 1000),
      paidTimestamp: isPaid ? Math.floor(row.creditedAt / 1000) : undefined,
    };
  });
}
