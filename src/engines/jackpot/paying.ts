import type { JackpotContributedV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsInstance } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { PotClosed, PotPaid } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { recordOf, serverSeedHash, type Drawn } from '../../fairness/index.ts';
import {
  account,
  accountId,
  factsIn,
  factsOf,
  readRowsById,
  taskOptions,
  type AggregateFact,
  type Command,
  type Fact,
  type FactPlace,
  type Operation,
  type RowRequests,
  type Snapshot,
} from '../../journal/index.ts';
import { MICROS_MAX, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { player as players, publicHashOf } from '../../players/index.ts';
import type { Task } from '../../tasks/index.ts';
import { creditedByWallet, owingFor, type Owing } from '../../wallets/index.ts';
import { jackpot as heads, jackpotHits, pot as pots, potEnd, type PotEndRow } from './entities.ts';
import { findContribution, type FedAt } from './find-contribution.ts';
import { jackpotContributed } from './contributed.ts';
import { definitionOf, drawnPotEnd, seedOf } from './pot-end-record.ts';
import { sharesOf, sumOf } from './community/rules.ts';
import { payPrize, sharesOrder, type Prize } from './payouts.ts';
import { PAY_END, potClosed, potPaid, wonIn } from './pot-ends.ts';

/** The winner of a closed pot, found in the journal. */
interface Winner extends Pick<PotPaid, 'player' | 'playerHash' | 'contribution' | 'sumBefore' | 'sumAfter'> {
  readonly closed: PotClosed;
  readonly closedAt: bigint;
  /** Of the contribution that has won; empty: it is not known. */
  readonly country: string;
}

interface PayRequest {
  /** The number of the jackpot's row. */
  readonly jackpot: number;
  readonly winner: Winner;
  /** For the record of the draw: the version that was in force, and the seed, which is revealed. */
  readonly definition: Drawn['definition'];
  readonly seed: string;
  /** What the jackpot has as an instance; unset: it is none. */
  readonly instance: PotsInstance | undefined;
  /** Unset: the built-in ledger pays. */
  readonly owing: Owing | undefined;
}

/**
 * Pays the winner of a closed pot from escrow; what the balance cannot hold, or the instance withholds, remains there.
 * It is run with a key of its own, so it happens once.
 */
export const paying: Command<PayRequest, Operation> = {
  name: PAY_END,
  needs({ jackpot, winner: { closed, player } }, rows: RowRequests) {
    const [ending, asset] = [Number(closed.ending), Number(closed.asset)];
    rows.lock(heads, jackpot);
    rows.lock(pots, Number(closed.pot));
    rows.lock(jackpotHits, jackpot);
    rows.lock(potEnd, ending);
    rows.lock(account, accountId('escrow', ending, asset));
    rows.lock(account, accountId('player', Number(player), asset));
    rows.read(players, Number(player));
  },
  decide: (request, snapshot) => {
    const { jackpot, owing } = request;
    return creditedByWallet([paidFact(request, snapshot)], owing, { reason: 'time', jackpot }, snapshot);
  },
  answer: (operation) => operation,
};

function paidFact(request: PayRequest, snapshot: Snapshot): Fact<PotPaid> {
  const { jackpot, winner, definition, seed, instance } = request;
  const { closed, player } = winner;
  const [ending, asset] = [Number(closed.ending), Number(closed.asset)];
  const to = accountId('player', Number(player), asset);
  const shares = sharesOf(wonIn(closed), closed.community, Number(player));
  const amount = wonIn(closed) - sumOf(shares);
  const profile = snapshot.row(players, Number(player));
  const prize: Prize = {
    asset,
    amount,
    shares,
    from: accountId('escrow', ending, asset),
    player: Number(player),
    country: winner.country || profile.country,
    purse: { asset, worth: (micros) => micros },
    full: snapshot.row(account, to).balance + amount > MICROS_MAX,
    number: ending,
    escrow: ending,
    linked: '',
  };
  const { transfers, withheld, payouts } = payPrize(prize, instance);
  // A contribution that could win nothing itself does not say who made it.
  const playerHash = winner.playerHash || publicHashOf(profile);
  const { country: _, ...found } = winner;
  const data = { ...found, playerHash, withheld, payouts: instance === undefined ? undefined : payouts };
  const record = (place: FactPlace): string =>
    recordOf(place, drawnPotEnd(data, definition, seed), serverSeedHash(seed));
  const tasks = sharesOrder(payouts, snapshot.now);
  return { kind: potPaid, id: jackpot, data, transfers, tasks, record };
}

/** Finds the winner of a closed pot and pays; the first payment again, if it was paid before. */
export async function payEnd(platform: Platform, operator: OperatorNo, ending: number): Promise<Operation> {
  const { reads, journal, keys, versions } = platform;
  const [row] = await reads((em) => readRowsById(em, potEnd, operator, [ending]));
  const winner = await findWinner(platform, operator, row!);
  const options = taskOptions(operator, row!.jackpotId, { operation: PAY_END, of: ending });
  const { definition, instance } = await definitionOf(versions, operator, winner.closed);
  const seed = seedOf(keys, winner.closed);
  const owing = instance && (await owingFor(platform, operator));
  return journal.run(paying, { winner, definition, instance, seed, owing, jackpot: row!.jackpotId }, options);
}

/** Pays what was closed. Safe to run twice. */
export const payEndTask: Task = {
  name: PAY_END,
  async run(platform, { operator, id }) {
    await payEnd(platform, operator, id);
  },
};

type Fed = FedAt & Omit<Winner, 'closed' | 'closedAt'>;

/** The contribution that has brought the point that was drawn, by bisection over the running sums in the journal. */
async function findWinner(
  { reads, register }: Platform,
  operator: OperatorNo,
  { jackpotId: aggregate, closedBy }: PotEndRow,
): Promise<Winner> {
  const closes = { operator, aggregate, kinds: [potClosed.number] };
  const [close] = await reads((em) => factsIn(em, register, [closedBy], closes));
  const closed = close!.fact.data as PotClosed;
  const kinds = [jackpotContributed.number];
  const upTo = async (sequence: number): Promise<Fed | undefined> => {
    const page = { operator, aggregate, kinds, before: sequence + 1, limit: 1 };
    const [fact] = await reads((em) => factsOf(em, register, page));
    return fact === undefined ? undefined : fedBy(fact, closed.pot);
  };
  const fed = await findContribution(closed.point, Number(closed.cycleFrom), close!.sequence, upTo);
  if (fed === undefined) throw new Error(`nobody has brought point ${closed.point} of end ${closed.ending}`);
  const { sequence: _, sum: _sum, ...winner } = fed;
  return { ...winner, closed, closedAt: BigInt(close!.time) };
}

/** A contribution as the running sums of a pot place it. Those of windfall/1 have no sums: they are before all. */
function fedBy({ fact, sequence, id }: AggregateFact, pot: bigint): Fed {
  const { player, pots, draw, instance } = fact.data as JackpotContributedV2;
  const fed = fact.kind === jackpotContributed ? pots.find((one) => one.pot === pot)! : NOT_FED;
  const { sum, value, reserve } = fed;
  return {
    sequence,
    sum,
    player,
    playerHash: draw?.playerHash ?? '',
    country: instance?.country ?? '',
    contribution: id,
    sumBefore: sum - value - reserve,
    sumAfter: sum,
  };
}

const NOT_FED = { sum: 0n, value: 0n, reserve: 0n };
