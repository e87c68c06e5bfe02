import type { PotClosed, PotPaid } from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { accountId } from '../../src/journal/index.ts';
import type { JackpotModel, PotModel } from './jackpot-model.ts';
import type { Known, Row } from './jackpot-replay.ts';

interface End {
  readonly pot: PotModel;
  readonly winner: string;
  readonly amount: bigint;
}

type Same = (row: Row, what: string, is: unknown, should: unknown) => void;

/** Follows the ends of cycles by time: the close, which draws a point, and the payment of who has fed the pot there. */
export class EndsReplay {
  readonly #model: JackpotModel;
  readonly #known: Known;
  readonly #account: number;
  readonly #same: Same;
  /** The ends that are not paid yet, by their numbers. */
  readonly #open = new Map<bigint, End>();

  constructor(model: JackpotModel, known: Known, id: number, same: Same) {
    this.#model = model;
    this.#known = known;
    this.#account = accountId('jackpot', id, known.asset);
    this.#same = same;
  }

  closed(row: Row, data: PotClosed): void {
    const pot = this.#model.pot(data.potCode);
    this.#same(row, 'caller', row.caller, 'task');
    this.#same(row, 'sum', data.sum, pot.sum);
    const winner = pot.feederAt(data.point);
    const { amount, opening, fromReserve, fromSurplus, deficit, cycle } = pot.close(winner);
    this.#same(row, 'cycle', Number(data.cycle), cycle);
    const stated = [data.value, data.reserve, data.start!.value, data.fromReserve, data.fromSurplus, data.deficit];
    this.#same(row, 'end', stated.join(), [amount, 0n, opening, fromReserve, fromSurplus, deficit].join());
    const escrow = accountId('escrow', Number(data.ending), this.#known.asset);
    const operator = accountId('operator', 0, this.#known.asset);
    const added = deficit > 0n ? [operator, this.#account, deficit] : [];
    this.#same(row, 'transfers', row.transfers, `{${[this.#account, escrow, amount, ...added].join()}}`);
    this.#open.set(data.ending, { pot, winner, amount });
  }

  paid(row: Row, { closed, player, withheld }: PotPaid): void {
    const end = this.#open.get(closed!.ending);
    this.#same(row, 'an end that is open', end !== undefined, true);
    if (end === undefined) return;
    this.#open.delete(closed!.ending);
    const { numbers, balances, asset } = this.#known;
    const number = numbers.get(end.winner) ?? -1;
    this.#same(row, 'winner', Number(player), number);
    this.#same(row, 'withheld', withheld, false);
    end.pot.settle(end.amount);
    balances.set(end.winner, (balances.get(end.winner) ?? 0n) + end.amount);
    const paid = [accountId('escrow', Number(closed!.ending), asset), accountId('player', number, asset), end.amount];
    this.#same(row, 'transfers', row.transfers, `{${paid.join()}}`);
  }
}
