import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { StockWon, type PlayTable, type StockTaken } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import type { RowName } from '../catalogue/index.ts';
import { column, stateKey } from '../db/index.ts';
import { stateTable, type RowOf } from '../journal/index.ts';

/**
 * What was ever won of a definition's prizes with stock, in all versions. One row for all of them: each play could win
 * any, so it would have to lock the rows of all.
 */
export const PrizeStockSchema = defineEntity({
  name: 'PrizeStock',
  tableName: 'prize_stock',
  properties: {
    ...stateKey,
    /** A `StockWon`. */
    won: column.bytes(),
  },
});
export const prizeStock = stateTable(PrizeStockSchema, { number: 602, rank: 1 });
type StockRow = RowOf<InferEntity<typeof PrizeStockSchema>>;

/** What was won so far, by label. */
export const wonOf = ({ won }: StockRow): Map<string, number> =>
  new Map(StockWon.decode(won).prizes.map(({ label, count }) => [label, Number(count)]));

/** Counts what a play has won. */
export function takeStock(row: StockRow, taken: readonly StockTaken[]): void {
  const won = wonOf(row);
  for (const { label, count } of taken) won.set(label, (won.get(label) ?? 0) + Number(count));
  const prizes = [...won]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, count]) => ({ label, count: BigInt(count) }));
  row.won = StockWon.encode({ prizes }).finish();
}

/** The stock that several plays draw on, one after the other. */
export class Stock {
  readonly #won: ReadonlyMap<string, number>;
  readonly #taken = new Map<string, number>();

  constructor(won: ReadonlyMap<string, number>) {
    this.#won = won;
  }

  /** Takes one, if there is one left. */
  take(label: string, stock: number): boolean {
    const taken = this.#taken.get(label) ?? 0;
    if ((this.#won.get(label) ?? 0) + taken >= stock) return false;
    this.#taken.set(label, taken + 1);
    return true;
  }

  /** What was taken, each label once. */
  get taken(): StockTaken[] {
    return [...this.#taken].map(([label, count]) => ({ label, count: BigInt(count) }));
  }
}

/** The rows that plays of a table lock, and that are shown with it. */
export const stockRowsOf = ({ stockRow }: PlayTable): readonly RowName[] =>
  stockRow === 0n ? [] : [[prizeStock, Number(stockRow)]];

/** How many are left of each prize with stock. A stock that was lowered below what was won leaves none. */
export function remainingOf({ prizes }: PlayTable, won: ReadonlyMap<string, number>): (number | undefined)[] {
  return prizes.map(({ label, stock }) =>
    stock === undefined ? undefined : Math.max(0, Number(stock) - (won.get(label) ?? 0)),
  );
}
