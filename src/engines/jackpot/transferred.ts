import { PotEmptied, PotEndowed } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { leafOf, middleOf, readTerms } from '../../fairness/index.ts';
import { defineFact } from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';
import { phaseOf, type Pot } from './bound.ts';

import { advance, jackpot as heads, pot as pots, type PotRow } from './entities.ts';
import { begin } from './winning.ts';

/** The money of a pot of an ended jackpot went to a pot of another one. */
export const potEmptied = defineFact<PotEmptied>({
  name: 'jackpot.pot-emptied',
  number: 1111,
  version: 1,
  aggregate: heads,
  codec: PotEmptied,
  evolve(data, rows, at) {
    const row = rows.edit(pots, Number(data.pot));
    row.reserve -= data.reserve;
    row.surplus -= data.surplus;
    begin(row, data.start!, rows, at);
    advance(rows, at, data.leaf);
  },
});

/** A pot got the money of a pot of an ended jackpot. Nothing is drawn for it. */
export const potEndowed = defineFact<PotEndowed>({
  name: 'jackpot.pot-endowed',
  number: 1112,
  version: 1,
  aggregate: heads,
  codec: PotEndowed,
  evolve(data, rows, at) {
    const row = rows.edit(pots, Number(data.pot));
    row.value += data.value;
    row.reserve += data.reserve;
    row.surplus += data.surplus;
    row.drawnAt = data.valueAfter;
    advance(rows, at, data.leaf);
  },
});

/** The money of a pot. */
export type PotMoney = Pick<PotRow, 'value' | 'reserve' | 'surplus'>;

/**
 * What a pot that gets the money of another one adds to its own: of the value as much as it may hold, the rest to the
 * reserve. It may hold its cap, and halfway to the value at which it drops; what it has, if it is fixed or was won for
 * the last time.
 */
export function endowment(pot: Pot, row: Pick<PotRow, 'value' | 'terms' | 'starts'>, money: PotMoney): PotMoney {
  const { config } = pot;
  const { maxValue, mustDropValue } = row.terms === '' ? config.terms : readTerms(row.terms);
  const stays = config.fixed || phaseOf(pot, row.starts) === 2;
  const limits = [maxValue, middleOf(config.seed, mustDropValue), stays ? row.value : null];
  const value = limits.reduce<Micros>(
    (most, limit) => (limit === null ? most : least(most, limit - row.value)),
    money.value,
  );
  const added = value < 0n ? 0n : value;
  return { value: added, reserve: money.reserve + money.value - added, surplus: money.surplus };
}

const least = (a: Micros, b: Micros): Micros => (a < b ? a : b);

/** By what a transfer advances the chains of both jackpots. @param way whether the pot gave or got the money. */
export const transferLeaf = (way: 'from' | 'to', pot: string, { value, reserve, surplus }: PotMoney): Buffer =>
  leafOf(['windfall/transfer', way, pot, String(value), String(reserve), String(surplus)]);
