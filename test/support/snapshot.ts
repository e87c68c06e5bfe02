import type { Snapshot } from '../../src/journal/index.ts';

/** A table, with the row that it has at any number, or at each. */
export type RowsOfTable = readonly [table: unknown, row: object | ((id: number) => object)];

/** What a decision sees, without a database: rows of some tables at a time. No code is found. */
export function snapshotOf(now: number, ...tables: readonly RowsOfTable[]): Snapshot {
  const rows = new Map(tables);
  const row = (table: unknown, id: number): object => {
    const known = rows.get(table);
    if (known === undefined) throw new Error('there is no row of this table');
    return typeof known === 'function' ? (known as (id: number) => object)(id) : known;
  };
  const epoch = { number: 1, startedAt: 0 };
  return { now, row, epoch, tx: 1, find: () => undefined, has: () => true } as unknown as Snapshot;
}
