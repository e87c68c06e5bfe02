import { PotsWalletOwed } from '../../gen/ts/windfall/facts/v1/pots_wallet.ts';
import {
  accountId,
  assetOfAccount,
  defineFact,
  isPlayers,
  ownerOfAccount,
  type AccountId,
  type Fact,
  type Snapshot,
  type Transfer,
} from '../journal/index.ts';
import { chain, type Micros, type OperatorNo } from '../kernel/index.ts';
import type { Platform } from '../platform/index.ts';
import { chosenWallets } from './chosen.ts';
import { owedReason, walletCall, walletState } from './entities.ts';

/** The task that has wallets finish what is open, by the number of its row. */
export const WALLET_TASK = 'pots.wallet';

/** Something is owed to a player without a debit of the same operation. */
export const walletOwed = defineFact<PotsWalletOwed>({
  name: 'pots.wallet-owed',
  number: 1646,
  version: 1,
  aggregate: walletCall,
  codec: PotsWalletOwed,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const row = rows.edit(walletCall, at.aggregate);
    row.playerId = Number(data.player);
    row.jackpotId = Number(data.jackpot);
    row.asset = Number(data.asset);
    row.wallet = Number(data.wallet);
    row.owed = row.credit = data.owed;
    row.reason = data.reason;
    row.state = walletState.contributed;
    row.isOpen = 1;
    row.contributionId = data.place === 0 ? at.operationId : `${at.operationId}.${data.place}`;
    row.gameround = data.gameround;
    row.reservedAt = at.time;
  },
});

/** The HTTP wallet that players are paid by. */
export interface Owing {
  readonly version: number;
  /** Numbers of new rows of `walletCall`, one for each player who may be paid. */
  readonly rows: readonly number[];
}

/**
 * The HTTP wallet that pays an operator's players now; undefined: the built-in ledger does. @param players who are paid
 * at most, each in one asset.
 */
export const owingFor = (
  platform: Platform,
  operator: OperatorNo,
  players = 1,
): Owing | undefined | Promise<Owing | undefined> =>
  chain(chosenWallets(platform).get(operator), (version): undefined | Promise<Owing> =>
    version === undefined
      ? undefined
      : Promise.all(Array.from({ length: players }, () => platform.newId())).then((rows) => ({ version, rows })),
  );

/** What is owed. */
interface Owed {
  readonly reason: keyof typeof owedReason;
  /** The number of the jackpot's row. */
  readonly jackpot: number;
  /** Of the win that is paid; unset: the operation itself has won it. */
  readonly gameround?: string;
}

/**
 * Facts that pay players, with those by which the wallet is to credit each of them: their money leaves the built-in
 * ledger's accounts as it comes, so it is nowhere twice.
 */
export function creditedByWallet(
  facts: readonly Fact[],
  owing: Owing | undefined,
  { reason, jackpot, gameround = '' }: Owed,
  { now }: Snapshot,
): readonly Fact[] {
  if (owing === undefined) return facts;
  const sums = new Map<AccountId, Micros>();
  for (const { transfers } of facts)
    for (const { to, amount } of transfers) if (isPlayers(to)) sums.set(to, (sums.get(to) ?? 0n) + amount);
  const owed = [...sums].map(([purse, amount], place): Fact<PotsWalletOwed> => {
    const [id, asset] = [owing.rows[place]!, assetOfAccount(purse)];
    const data: PotsWalletOwed = {
      wallet: BigInt(owing.version),
      player: BigInt(ownerOfAccount(purse)),
      asset: BigInt(asset),
      jackpot: BigInt(jackpot),
      owed: amount,
      reason: owedReason[reason],
      place,
      gameround,
    };
    const paid = [{ from: purse, to: accountId('payable', 0, asset), amount }];
    return { kind: walletOwed, id, creates: true, data, transfers: paid, tasks: [{ task: WALLET_TASK, id, at: now }] };
  });
  return [...facts, ...owed];
}

/** What transfers bring to an account. */
export function gained(transfers: readonly Transfer[], purse: AccountId): Micros {
  let sum = 0n;
  for (const { to, amount } of transfers) if (to === purse) sum += amount;
  return sum;
}
