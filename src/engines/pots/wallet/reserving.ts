import type { PotsWalletPart, PotsWalletReserved } from '../../../../gen/ts/windfall/facts/v1/pots_wallet.ts';
import type { Command, Fact, Snapshot } from '../../../journal/index.ts';
import { ApiError } from '../../../kernel/index.ts';
import { contributingNeeds } from '../contribution/needs.ts';
import { checkPart, NOTHING_TAKEN, takenFrom, type PotsRequest, type Taken } from '../contribution/part.ts';
import { WALLET_TASK, walletCall, walletState } from '../../../wallets/index.ts';
import { walletReserved } from './facts.ts';
import { reservedBy, type Reserved } from './reserved.ts';

/**
 * Reserves the payment of a contribution: all that can refuse it is checked, and nothing is drawn. What instances have
 * said now holds only for what is debited: they are asked again once it is.
 */
export function reservation(request: PotsRequest, snapshot: Snapshot): Fact<PotsWalletReserved> {
  const parts: PotsWalletPart[] = [];
  let before: Taken = NOTHING_TAKEN;
  for (const [place, { code: instance }] of request.instances.entries()) {
    try {
      const part = checkPart(request, place, before, snapshot);
      parts.push({ instance, amount: takenFrom(request, part.own), cause: '' });
      before = part;
    } catch (error) {
      if (place === 0 || !(error instanceof ApiError)) throw error;
      parts.push({ instance, amount: 0n, cause: error.message });
    }
  }
  const { noted, told, callback, wallet, playerHash, country, wager, currency, clientSeed } = request;
  const data: PotsWalletReserved = {
    ...noted,
    parts,
    playerHash,
    country,
    wager,
    currency,
    clientSeed,
    wallet: BigInt(wallet!.version!),
    player: BigInt(request.player),
    brand: BigInt(request.brand),
    asset: BigInt(request.asset),
    amount: parts.reduce((sum, { amount }) => sum + amount, 0n),
    jackpot: BigInt(request.instances[0]!.id),
    callbackUrl: callback?.url ?? '',
    winsOnly: callback?.winsOnly ?? false,
    metadata: callback?.metadata ?? '',
    source: told.source,
    eventMetadata: told.metadata,
  };
  const tasks = [{ task: WALLET_TASK, id: wallet!.row, at: snapshot.now + wallet!.resumeMs! * 1000 }];
  return { kind: walletReserved, id: wallet!.row, data, transfers: [], tasks };
}

/** When it looks after a cancellation or a credit, which the process that has decided it begins at once. */
export const SOON = 5_000_000;

/** Reserves again what was rejected; answers undefined if somebody else was faster. */
export const reservingAgain: Command<
  { readonly request: PotsRequest; readonly debitId: string },
  Reserved | undefined
> = {
  name: 'pots.reserve-again',
  needs({ request }, rows) {
    contributingNeeds(request, rows);
    rows.lock(walletCall, request.wallet!.row);
  },
  decide({ request, debitId }, snapshot) {
    const { state, debitId: last } = snapshot.row(walletCall, request.wallet!.row);
    return state === walletState.rejected && last === debitId ? [reservation(request, snapshot)] : [];
  },
  answer: reservedBy,
};
