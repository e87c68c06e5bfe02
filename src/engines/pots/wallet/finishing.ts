import type { PotsWalletRefused, PotsWalletRejected } from '../../../../gen/ts/windfall/facts/v1/pots_wallet.ts';
import { SeedSecrets, type MasterKeys } from '../../../fairness/index.ts';
import { accountId, type Command, type Fact, type Snapshot } from '../../../journal/index.ts';
import { ApiError } from '../../../kernel/index.ts';
import { jackpot as heads } from '../../jackpot/index.ts';
import { calledBack } from '../contribution/callback.ts';
import { answerOf, contributed, toldOf } from '../contribution/contributing.ts';
import { contributingNeeds } from '../contribution/needs.ts';
import type { PotsAnswer } from '../contribution/outcome.ts';
import { takenFrom, type PotsRequest } from '../contribution/part.ts';
import { gained, WALLET_TASK, walletCall, walletState, type WalletCallRow } from '../../../wallets/index.ts';
import {
  walletCancelled,
  walletContributed,
  walletCredited,
  walletDebited,
  walletRefused,
  walletRejected,
} from './facts.ts';
import type { Reserved } from './reserved.ts';
import { SOON } from './reserving.ts';

/** What became of a reservation. */
export type Finished =
  | { readonly is: 'contributed'; readonly answer: PotsAnswer }
  | { readonly is: 'rejected'; readonly cause: string }
  /** It was finished before. */
  | { readonly is: 'known' };

interface Finishing {
  readonly reserved: Reserved;
}

/** Whether a reservation is still what it was, and nothing has become of it. */
const isReserved = ({ state, debitId }: Readonly<WalletCallRow>, reserved: Reserved): boolean =>
  state === walletState.reserved && debitId === reserved.debitId;

/**
 * Makes a contribution that the wallet was debited for; or, if it is rejected now, has the debit cancelled. Decides
 * nothing if the reservation is finished.
 */
export function applying(keys: MasterKeys): Command<Finishing & { readonly request: PotsRequest }, Finished> {
  const secrets = new SeedSecrets(keys);
  return {
    name: 'pots.apply-wallet',
    active: ({ request }) => request.player,
    needs({ request, reserved }, rows) {
      contributingNeeds(request, rows);
      rows.lock(walletCall, reserved.row);
    },
    decide({ request, reserved }, snapshot) {
      if (!isReserved(snapshot.row(walletCall, reserved.row), reserved)) return [];
      try {
        return paidFacts(request, reserved, secrets, snapshot);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return rejection({ reserved, cause: error.message, cancels: reserved.data.amount > 0n }, snapshot);
      }
    },
    answer(operation, replayed) {
      const { facts } = operation;
      if (facts.length === 0) return { is: 'known' };
      const fact = facts.find(({ kind }) => kind.number === walletRejected.number);
      if (fact !== undefined) return { is: 'rejected', cause: (fact.data as PotsWalletRejected).cause };
      return { is: 'contributed', answer: answerOf(operation, replayed) };
    },
  };
}

/**
 * The debit becomes the player's money, the contribution is made as from the built-in ledger, and what the player then
 * has more is owed: the wins, and what was debited for instances that reject it now.
 */
function paidFacts(
  request: PotsRequest,
  { row, data: { amount } }: Reserved,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): Fact[] {
  const { player, asset } = request;
  const purse = accountId('player', player, asset);
  const facts = contributed(request, secrets, snapshot);
  const transfers = facts.flatMap((fact) => fact.transfers);
  const owed = amount - takenFrom(request, transfers) + gained(transfers, purse);
  const wallet = accountId('wallet', 0, asset);
  const debit = amount === 0n ? [] : [{ from: wallet, to: purse, amount }];
  const rest = owed === 0n ? [] : [{ from: purse, to: accountId('payable', 0, asset), amount: owed }];
  const tasks = owed === 0n ? [] : [{ task: WALLET_TASK, id: row, at: snapshot.now + SOON }];
  return [
    { kind: walletDebited, id: row, data: {}, transfers: debit },
    ...facts,
    { kind: walletContributed, id: row, data: { owed }, transfers: rest, tasks },
    ...toldOf(request, facts),
  ];
}

/** Why a reservation is given up. */
export interface Rejection extends Finishing {
  readonly cause: string;
  /** Whether the debit may have been made. */
  readonly cancels: boolean;
  /** The wallet has made the debit after it had acknowledged the cancellation. */
  readonly late?: boolean;
}

/** Gives up a reservation. Decides nothing if it is finished. */
export const rejecting: Command<Rejection, Finished> = {
  name: 'pots.reject-wallet',
  needs({ reserved: { row, data } }, rows) {
    if (data.callbackUrl !== '') rows.lock(heads, Number(data.jackpot));
    rows.lock(walletCall, row);
  },
  decide(request, snapshot) {
    const { reserved, late = false } = request;
    const row = snapshot.row(walletCall, reserved.row);
    if (late)
      return row.state === walletState.rejected && row.debitId === reserved.debitId ? rejection(request, snapshot) : [];
    return isReserved(row, reserved) ? rejection(request, snapshot) : [];
  },
  answer: ({ facts }) =>
    facts.length === 0 ? { is: 'known' } : { is: 'rejected', cause: (facts[0]!.data as PotsWalletRejected).cause },
};

function rejection({ reserved: { row, data }, cause, cancels, late = false }: Rejection, snapshot: Snapshot): Fact[] {
  const { callbackUrl: url, winsOnly, metadata } = data;
  const tasks = cancels ? [{ task: WALLET_TASK, id: row, at: snapshot.now + SOON }] : [];
  const told = url === '' || late ? [] : calledBack({ url, winsOnly, metadata }, Number(data.jackpot), { cause });
  return [{ kind: walletRejected, id: row, data: { cause, cancels }, transfers: [], tasks }, ...told];
}

/** What the wallet has acknowledged. */
interface Acknowledged {
  readonly row: number;
  readonly debitId: string;
}

/** The debit is cancelled. */
export const cancelled: Command<Acknowledged, void> = {
  name: 'pots.cancelled-wallet',
  needs: ({ row }, rows) => rows.lock(walletCall, row),
  decide({ row, debitId }, snapshot) {
    const { state, debitId: last } = snapshot.row(walletCall, row);
    if (state !== walletState.cancelling || last !== debitId) return [];
    return [{ kind: walletCancelled, id: row, data: {}, transfers: [] }];
  },
  answer: () => undefined,
};

/** What was owed is credited. */
export const credited: Command<Acknowledged, void> = {
  name: 'pots.credited-wallet',
  needs: ({ row }, rows) => rows.lock(walletCall, row),
  decide({ row, debitId }, snapshot) {
    const { debitId: last, owed: amount, asset } = snapshot.row(walletCall, row);
    if (amount === 0n || last !== debitId) return [];
    const transfers = [{ from: accountId('payable', 0, asset), to: accountId('wallet', 0, asset), amount }];
    return [{ kind: walletCredited, id: row, data: {}, transfers }];
  },
  answer: () => undefined,
};

/** What the wallet says that it will not do. */
interface Refused {
  readonly row: number;
  readonly cause: string;
}

/** The wallet has refused what is owed: that is told once. */
export const refused: Command<Refused, void> = {
  name: 'pots.refused-wallet',
  needs: ({ row }, rows) => rows.lock(walletCall, row),
  decide({ row: id, cause }, snapshot) {
    const row = snapshot.row(walletCall, id);
    if (row.owed === 0n || row.refusal !== '') return [];
    const data: PotsWalletRefused = {
      cause,
      player: BigInt(row.playerId),
      asset: BigInt(row.asset),
      jackpot: BigInt(row.jackpotId),
      owed: row.owed,
      reason: row.reason,
      credit: row.contributionId,
      gameround: row.gameround,
    };
    return [{ kind: walletRefused, id, data, transfers: [] }];
  },
  answer: () => undefined,
};
