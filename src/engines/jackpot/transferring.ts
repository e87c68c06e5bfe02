import type { PotEmptied, PotEndowed } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { lookAt, noted, noteNeeds, requireActive, requireOneOf, type Status } from '../../catalogue/index.ts';
import { account, outOfRange, type Command, type Fact, type Operation, type Snapshot } from '../../journal/index.ts';
import { ApiError, formatDecimal, MICROS_MAX, ONE, type Micros, type Reason } from '../../kernel/index.ts';
import type { Jackpot, Pot } from './bound.ts';
import { jackpots } from './definition.ts';
import { jackpot as heads, pot as pots } from './entities.ts';
import { startOf } from './rules.ts';
import { endowment, potEmptied, potEndowed, transferLeaf, type PotMoney } from './transferred.ts';

/** Where the money of a pot goes. */
export interface Move {
  readonly from: Pot;
  /** Each gets its part, in millionths, rounded down; the last one the rest. */
  readonly to: readonly { readonly pot: Pot; readonly part: bigint }[];
}

export interface TransferRequest {
  readonly from: Jackpot;
  readonly to: Jackpot;
  readonly moves: readonly Move[];
  /** What the giving jackpot must be, and how it is told that it is not. */
  readonly given: { readonly statuses: readonly Status[]; readonly reason: Reason };
  /** Whether there may be no money. */
  readonly mayBeEmpty?: boolean;
  /** For the changelogs of both; empty: they tell nothing. */
  readonly reason: string;
}

/**
 * Moves the money of pots to pots of an active jackpot. Throws the reason of `given`, JACKPOT_NOT_ACTIVE,
 * NOTHING_TO_DROP, BALANCE_OUT_OF_RANGE, and StaleVersionError if another version of one is in force.
 */
export const transferring: Command<TransferRequest, Operation & { readonly replayed: boolean }> = {
  name: 'jackpot.transfer-pot',
  needs({ from, to, moves, reason }, rows) {
    for (const jackpot of [from, to]) {
      if (reason === '') lookAt(jackpot, rows);
      else noteNeeds(jackpot, rows);
      rows.lock(heads, jackpot.id);
      rows.lock(account, jackpot.account);
    }
    for (const move of moves) for (const { id } of [move.from, ...move.to.map(({ pot }) => pot)]) rows.lock(pots, id);
  },
  decide(request, snapshot) {
    const { from, to, moves, given, mayBeEmpty, reason } = request;
    requireOneOf(from, given.statuses, given.reason, snapshot);
    requireActive(jackpots, to, snapshot);
    const full = moves.filter((move) => amountOf(snapshot.row(pots, move.from.id)) > 0n);
    if (full.length === 0 && !mayBeEmpty) {
      const details = { id: from.code, pot_id: moves.map((move) => move.from.code).join() };
      throw new ApiError('NOTHING_TO_DROP', 'there is no money to move', { details });
    }
    const amount = full.reduce((sum, move) => sum + amountOf(snapshot.row(pots, move.from.id)), 0n);
    if (snapshot.row(account, to.account).balance + amount + to.seeds > MICROS_MAX)
      throw outOfRange(to.account, () => to.assetCode);
    const got = new Map<number, Micros>();
    const facts: Fact[] = full.flatMap((move) => [
      emptied(request, move, snapshot),
      ...endowed(request, move, got, snapshot),
    ]);
    if (reason === '') return facts;
    const moved = { subject: `to ${to.code}`, before: '', after: formatDecimal(amount) };
    return [
      ...facts,
      noted(from, 'transferred', reason, snapshot, moved),
      noted(to, 'transferred', reason, snapshot, { ...moved, subject: `from ${from.code}` }),
    ];
  },
  answer: (operation, replayed) => ({ ...operation, replayed }),
};

const amountOf = ({ value, reserve, surplus }: PotMoney): Micros => value + reserve + surplus;

function emptied(
  { from, to }: TransferRequest,
  { from: pot, to: targets }: Move,
  snapshot: Snapshot,
): Fact<PotEmptied> {
  const { cycle, starts, value, reserve, surplus } = snapshot.row(pots, pot.id);
  const data: PotEmptied = {
    value,
    reserve,
    surplus,
    pot: BigInt(pot.id),
    cycle: BigInt(cycle),
    toPot: BigInt(targets.length === 1 ? targets[0]!.pot.id : 0),
    leaf: transferLeaf('from', pot.code, { value, reserve, surplus }),
    start: startOf(pot, 0n, starts, from.versionId, snapshot.now),
  };
  const transfers = [{ from: from.account, to: to.account, amount: value + reserve + surplus }];
  return { kind: potEmptied, id: from.id, data, transfers };
}

/** @param got what pots have got in this operation already, by their numbers. */
function endowed(
  { to }: TransferRequest,
  move: Move,
  got: Map<number, Micros>,
  snapshot: Snapshot,
): Fact<PotEndowed>[] {
  const left = { ...snapshot.row(pots, move.from.id) };
  const whole: PotMoney = { ...left };
  return move.to.map(({ pot, part }, i) => {
    const share = i === move.to.length - 1 ? left : partOf(whole, part);
    const money: PotMoney = { value: share.value, reserve: share.reserve, surplus: share.surplus };
    left.value -= money.value;
    left.reserve -= money.reserve;
    left.surplus -= money.surplus;
    const row = snapshot.row(pots, pot.id);
    const value = row.value + (got.get(pot.id) ?? 0n);
    const added = endowment(pot, { ...row, value }, money);
    got.set(pot.id, (got.get(pot.id) ?? 0n) + added.value);
    const data: PotEndowed = {
      ...added,
      pot: BigInt(pot.id),
      valueAfter: value + added.value,
      fromPot: BigInt(move.from.id),
      leaf: transferLeaf('to', pot.code, added),
    };
    return { kind: potEndowed, id: to.id, data, transfers: [] };
  });
}

const partOf = ({ value, reserve, surplus }: PotMoney, part: bigint): PotMoney => ({
  value: (value * part) / ONE,
  reserve: (reserve * part) / ONE,
  surplus: (surplus * part) / ONE,
});
