import {
  PotsWalletCancelled,
  PotsWalletContributed,
  PotsWalletCredited,
  PotsWalletDebited,
  PotsWalletRefused,
  PotsWalletRejected,
  PotsWalletReserved,
} from '../../../../gen/ts/windfall/facts/v1/pots_wallet.ts';
import { defineFact } from '../../../journal/index.ts';
import { walletCall, walletOwed, walletState } from '../../../wallets/index.ts';

/** A contribution was checked, and its payment is to be debited. A rejected one may be reserved again. */
export const walletReserved = defineFact<PotsWalletReserved>({
  name: 'pots.wallet-reserved',
  number: 1640,
  version: 1,
  aggregate: walletCall,
  codec: PotsWalletReserved,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const row = rows.edit(walletCall, at.aggregate);
    row.playerId = Number(data.player);
    row.jackpotId = Number(data.jackpot);
    row.asset = Number(data.asset);
    row.wallet = Number(data.wallet);
    row.amount = data.amount;
    row.state = walletState.reserved;
    row.isOpen = 1;
    row.isCallback = data.callbackUrl === '' ? 0 : 1;
    row.debitId = at.operationId;
    row.reservedAt = at.time;
  },
});

/** The debit was made: it pays for the contribution of the same operation. */
export const walletDebited = defineFact<PotsWalletDebited>({
  name: 'pots.wallet-debited',
  number: 1641,
  version: 1,
  aggregate: walletCall,
  codec: PotsWalletDebited,
  evolve: () => undefined,
});

/** The contribution was made. */
export const walletContributed = defineFact<PotsWalletContributed>({
  name: 'pots.wallet-contributed',
  number: 1642,
  version: 1,
  aggregate: walletCall,
  codec: PotsWalletContributed,
  evolve({ owed }, rows, at) {
    const row = rows.edit(walletCall, at.aggregate);
    row.state = walletState.contributed;
    row.owed = row.credit = owed;
    row.isOpen = owed === 0n ? 0 : 1;
    row.contributionId = at.operationId;
  },
});

/** There will be no contribution. */
export const walletRejected = defineFact<PotsWalletRejected>({
  name: 'pots.wallet-rejected',
  number: 1643,
  version: 1,
  aggregate: walletCall,
  codec: PotsWalletRejected,
  evolve({ cancels }, rows, at) {
    const row = rows.edit(walletCall, at.aggregate);
    row.state = cancels ? walletState.cancelling : walletState.rejected;
    row.isOpen = cancels ? 1 : 0;
  },
});

/** The wallet has acknowledged that the debit is cancelled. */
export const walletCancelled = defineFact<PotsWalletCancelled>({
  name: 'pots.wallet-cancelled',
  number: 1644,
  version: 1,
  aggregate: walletCall,
  codec: PotsWalletCancelled,
  evolve(_, rows, at) {
    const row = rows.edit(walletCall, at.aggregate);
    row.state = walletState.rejected;
    row.isOpen = 0;
  },
});

/** The wallet has acknowledged the credit. */
export const walletCredited = defineFact<PotsWalletCredited>({
  name: 'pots.wallet-credited',
  number: 1645,
  version: 1,
  aggregate: walletCall,
  codec: PotsWalletCredited,
  evolve(_, rows, at) {
    const row = rows.edit(walletCall, at.aggregate);
    row.owed = 0n;
    row.isOpen = 0;
    row.creditedAt = at.time;
  },
});

/** The wallet has refused a credit, for the first time: it is asked again all the same. */
export const walletRefused = defineFact<PotsWalletRefused>({
  name: 'pots.wallet-refused',
  number: 1647,
  version: 1,
  aggregate: walletCall,
  codec: PotsWalletRefused,
  players: ({ player }) => [Number(player)],
  evolve({ cause }, rows, at) {
    rows.edit(walletCall, at.aggregate).refusal = cause;
  },
});

export const walletFacts = [
  walletReserved,
  walletDebited,
  walletContributed,
  walletRejected,
  walletCancelled,
  walletCredited,
  walletOwed,
  walletRefused,
];
