import { PotsPayoutRejected, PotsPayoutReleased } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import { noted, noteNeeds } from '../../catalogue/index.ts';
import { leafOf } from '../../fairness/index.ts';
import {
  account,
  accountId,
  defineFact,
  type AccountId,
  type Command,
  type Fact,
  type Snapshot,
} from '../../journal/index.ts';
import { ApiError, formatDecimal } from '../../kernel/index.ts';
import { creditedByWallet, type Owing } from '../../wallets/index.ts';
import {
  roundOf,
  advance,
  jackpot as heads,
  paymentOf,
  payout as payouts,
  payoutState,
  pot as pots,
  type Jackpot,
  type PayoutRow,
  type Pot,
} from '../jackpot/index.ts';

/** What was withheld is paid to the player. */
export const payoutReleased = defineFact<PotsPayoutReleased>({
  name: 'pots.payout-released',
  number: 1660,
  version: 1,
  aggregate: heads,
  codec: PotsPayoutReleased,
  players: ({ player }) => [Number(player)],
  evolve({ payout }, rows, at) {
    const row = rows.edit(payouts, Number(payout));
    row.state = payoutState.released;
    row.settledAt = at.time;
  },
});

/** What was withheld goes to the reserve of the pot that was won. */
export const payoutRejected = defineFact<PotsPayoutRejected>({
  name: 'pots.payout-rejected',
  number: 1661,
  version: 1,
  aggregate: heads,
  codec: PotsPayoutRejected,
  players: ({ player }) => [Number(player)],
  evolve({ payout, pot, amount, leaf }, rows, at) {
    const row = rows.edit(payouts, Number(payout));
    row.state = payoutState.rejected;
    row.settledAt = at.time;
    rows.edit(pots, Number(pot)).reserve += amount;
    advance(rows, at, leaf);
  },
});

export interface SettleRequest {
  readonly jackpot: Jackpot;
  /** As it was when the call was prepared: all but its state never changes. */
  readonly payout: PayoutRow;
  readonly pot: Pot;
  readonly reason: string;
}

export interface ReleaseRequest extends SettleRequest {
  /** Unset: the built-in ledger pays. */
  readonly owing: Owing | undefined;
}

export interface SettleAnswer {
  /** Microseconds since 1970. */
  readonly time: number;
}

const escrowOf = ({ payout, jackpot }: SettleRequest): AccountId => accountId('escrow', payout.escrowOf, jackpot.asset);

function needs(request: SettleRequest, rows: Parameters<Command<SettleRequest, SettleAnswer>['needs']>[1]): void {
  const { jackpot, payout } = request;
  noteNeeds(jackpot, rows);
  rows.lock(heads, jackpot.id);
  rows.lock(payouts, payout.id);
  rows.lock(account, escrowOf(request));
}

/** Pays what was withheld. Throws WITHHELD_WIN_SETTLED, BALANCE_OUT_OF_RANGE. */
export const releasing: Command<ReleaseRequest, SettleAnswer> = {
  name: 'pots.release-payout',
  needs(request, rows) {
    needs(request, rows);
    const { playerId, asset } = request.payout;
    rows.lock(account, accountId('player', playerId, asset));
  },
  decide(request, snapshot) {
    const { jackpot, payout, owing } = request;
    requireWithheld(payout, snapshot);
    const { playerId: player, asset, paid, amount } = payout;
    const payment = { player, amount, from: escrowOf(request), asset: jackpot.asset, gets: { asset, paid } };
    const data: PotsPayoutReleased = { payout: BigInt(payout.id), player: BigInt(player) };
    const facts = [
      { kind: payoutReleased, id: jackpot.id, data, transfers: paymentOf(payment) },
      entry(request, 'released', snapshot),
    ];
    const gameround = roundOf(payout.code);
    return creditedByWallet(facts, owing, { reason: 'released', jackpot: jackpot.id, gameround }, snapshot);
  },
  answer: ({ time }) => ({ time }),
};

/** Gives what was withheld to the pot's reserve. Throws WITHHELD_WIN_SETTLED, BALANCE_OUT_OF_RANGE. */
export const rejecting: Command<SettleRequest, SettleAnswer> = {
  name: 'pots.reject-payout',
  needs(request, rows) {
    needs(request, rows);
    rows.lock(pots, request.pot.id);
    rows.lock(account, request.jackpot.account);
  },
  decide(request, snapshot) {
    const { jackpot, payout, pot } = request;
    requireWithheld(payout, snapshot);
    const { amount } = payout;
    const data: PotsPayoutRejected = {
      amount,
      payout: BigInt(payout.id),
      player: BigInt(payout.playerId),
      pot: BigInt(pot.id),
      leaf: leafOf(['windfall/reject', pot.code, String(amount)]),
    };
    const transfers = [{ from: escrowOf(request), to: jackpot.account, amount }];
    return [{ kind: payoutRejected, id: jackpot.id, data, transfers }, entry(request, 'rejected', snapshot)];
  },
  answer: ({ time }) => ({ time }),
};

const STATES = new Map<number, string>(Object.entries(payoutState).map(([name, number]) => [number, name]));
/** The name of a payout's state. */
export const payoutStateName = (number: number): string => STATES.get(number)!;

function requireWithheld({ id, code }: PayoutRow, snapshot: Snapshot): void {
  const { state } = snapshot.row(payouts, id);
  if (state === payoutState.withheld) return;
  const status = payoutStateName(state);
  throw new ApiError('WITHHELD_WIN_SETTLED', `the win was ${status}`, { details: { id: code, status } });
}

/** The entry of the changelog. */
const entry = (
  { jackpot, payout, pot, reason }: SettleRequest,
  note: 'released' | 'rejected',
  snapshot: Snapshot,
): Fact =>
  noted(jackpot, note, reason, snapshot, {
    subject: `${pot.code} ${payout.code}`,
    before: '',
    after: formatDecimal(payout.amount),
  });
