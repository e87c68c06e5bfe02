import { PotsSharesPaid, type PotsSettledShare } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { findHead, idOfCode } from '../../../catalogue/index.ts';
import {
  account,
  accountId,
  defineFact,
  readRows,
  readRowsById,
  runOne,
  taskOptions,
  type Command,
  type Fact,
  type Snapshot,
  type Transfer,
} from '../../../journal/index.ts';
import type { OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { fitting } from '../../../rewards/index.ts';
import type { Task } from '../../../tasks/index.ts';
import { creditedByWallet, owingFor, type Owing } from '../../../wallets/index.ts';
import {
  jackpot as heads,
  PAY_SHARES,
  payout as payouts,
  payoutCause,
  payoutState,
  PLACES,
  roundOf,
  type Jackpot,
  type PayoutRow,
} from '../../jackpot/index.ts';
import { instances } from '../instances.ts';

/** Players besides the winner are paid their shares of a win. */
export const sharesPaid = defineFact<PotsSharesPaid>({
  name: 'pots.shares-paid',
  number: 1690,
  version: 1,
  aggregate: heads,
  codec: PotsSharesPaid,
  players: ({ shares }) => shares.map(({ player }) => Number(player)),
  evolve({ shares }, rows, at) {
    for (const { payout, withheld } of shares) {
      const row = rows.edit(payouts, Number(payout));
      row.state = withheld ? payoutState.withheld : payoutState.paid;
      if (withheld) row.cause = payoutCause.balance;
      else row.settledAt = at.time;
    }
  },
});

interface SharesRequest {
  readonly jackpot: Jackpot;
  /** As they were when the task began: all but their states never change. */
  readonly shares: readonly PayoutRow[];
  /** Unset: the built-in ledger pays. */
  readonly owing: Owing | undefined;
}

/** Pays the shares of a win that are due; what a balance cannot hold remains in escrow. Decides nothing if none are. */
const payingShares: Command<SharesRequest, void> = {
  name: PAY_SHARES,
  needs({ jackpot, shares }, rows) {
    rows.lock(heads, jackpot.id);
    for (const { id, playerId, escrowOf } of shares) {
      rows.lock(payouts, id);
      rows.lock(account, accountId('player', playerId, jackpot.asset));
      rows.lock(account, accountId('escrow', escrowOf, jackpot.asset));
    }
  },
  decide(request, snapshot) {
    const { jackpot, shares, owing } = request;
    const due = shares.filter(({ id }) => snapshot.row(payouts, id).state === payoutState.due);
    if (due.length === 0) return [];
    const paid = paidFact(jackpot, due, snapshot);
    const { gameround } = paid.data;
    return creditedByWallet([paid], owing, { reason: 'share', jackpot: jackpot.id, gameround }, snapshot);
  },
  answer: () => undefined,
};

function paidFact(jackpot: Jackpot, due: readonly PayoutRow[], snapshot: Snapshot): Fact<PotsSharesPaid> {
  const { asset } = jackpot;
  const transfers: Transfer[] = [];
  const fits = fitting(snapshot);
  const shares = due.map(({ id, playerId, escrowOf, amount }): PotsSettledShare => {
    const to = accountId('player', playerId, asset);
    const withheld = !fits(to, amount);
    if (!withheld) transfers.push({ from: accountId('escrow', escrowOf, asset), to, amount });
    return { amount, withheld, payout: BigInt(id), player: BigInt(playerId) };
  });
  const gameround = roundOf(due[0]!.code);
  const data: PotsSharesPaid = { gameround, shares, versionId: BigInt(jackpot.versionId) };
  return { kind: sharesPaid, id: jackpot.id, data, transfers };
}

/** The shares of a win, by the number of its payouts. */
const sharesOf = ({ reads }: Platform, operator: OperatorNo, number: number): Promise<PayoutRow[]> =>
  reads((em) =>
    readRows(em, payouts, operator, (query) =>
      query
        .where('t.id', '>', number * PLACES)
        .where('t.id', '<', (number + 1) * PLACES)
        .orderBy('t.id'),
    ),
  );

/** Pays the shares of a win. Safe to run twice. */
export const paySharesTask: Task = {
  name: PAY_SHARES,
  async run(platform, { operator, id }) {
    const { reads, journal, definitions } = platform;
    const shares = await sharesOf(platform, operator, id);
    const [head] = await reads((em) => readRowsById(em, heads, operator, [shares[0]!.jackpotId]));
    const code = idOfCode((await findHead(reads, operator, head!.definitionId))!.code);
    await runOne(
      {
        journal,
        command: payingShares,
        async prepare(_: null, fresh) {
          const jackpot = await definitions.get(instances, operator, code, fresh);
          const owing = await owingFor(platform, operator, shares.length);
          return { request: { jackpot, shares, owing }, options: taskOptions(operator, jackpot.id) };
        },
      },
      null,
    );
  },
};
