import type { PotsWalletOwed } from '../../../../gen/ts/windfall/facts/v1/pots_wallet.ts';
import { accountId, type AssetNo, type Fact, type Snapshot } from '../../../journal/index.ts';
import { chain, type OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { potsDirectory } from '../config/directory.ts';
import { walletOwed } from './facts.ts';
import { gained } from './finishing.ts';
import { WALLET_TASK } from './reserving.ts';

/** The HTTP wallet that wins are credited to. */
export interface Payout {
  /** The number of the new row of `walletCall`. */
  readonly row: number;
  readonly version: number;
}

/** Where wins of an operator's players go; undefined: to the built-in ledger. */
export const payoutFor = (platform: Platform, operator: OperatorNo): Payout | undefined | Promise<Payout | undefined> =>
  chain(potsDirectory(platform).wallet(operator), (version): undefined | Promise<Payout> =>
    version === undefined ? undefined : platform.newId().then((row) => ({ row, version })),
  );

/** Who gets what facts pay. */
interface Winner {
  readonly player: number;
  readonly asset: AssetNo;
  /** The number of the jackpot's row. */
  readonly jackpot: number;
}

/** Facts that pay a player, with the one by which the wallet is to credit it. */
export function creditedByWallet(
  facts: readonly Fact[],
  payout: Payout | undefined,
  { player, asset, jackpot }: Winner,
  { now }: Snapshot,
): readonly Fact[] {
  if (payout === undefined) return facts;
  const { row: id, version } = payout;
  const purse = accountId('player', player, asset);
  const owed = gained(
    facts.flatMap((fact) => fact.transfers),
    purse,
  );
  if (owed === 0n) return facts;
  const data: PotsWalletOwed = {
    owed,
    wallet: BigInt(version),
    player: BigInt(player),
    asset: BigInt(asset),
    jackpot: BigInt(jackpot),
  };
  const transfers = [{ from: purse, to: accountId('payable', 0, asset), amount: owed }];
  const tasks = [{ task: WALLET_TASK, id, at: now }];
  return [...facts, { kind: walletOwed, id, creates: true, data, transfers, tasks }];
}
