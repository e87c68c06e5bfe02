import type { StateRow } from '../../gen/ts/windfall/facts/v1/facts.ts';
import type { Reads } from '../db/index.ts';
import { readRowsById, type FactMetadata, type Fact, type Snapshot, type Table } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { DefinitionKind, RowName, ShownRows } from './kind.ts';

/** Rows by table and number; any other row is blank. */
class KeptRows implements ShownRows {
  readonly #rows = new Map<Table<any>, Map<number, unknown>>();

  put<Row extends { readonly id: number }>(table: Table<Row>, row: Row): void {
    const rows = this.#rows.get(table) ?? new Map<number, unknown>();
    this.#rows.set(table, rows.set(row.id, row));
  }

  row<Row>(table: Table<Row>, id: number): Row {
    return (this.#rows.get(table)?.get(id) as Row | undefined) ?? table.blank(id);
  }

  all(): readonly object[] {
    const tables = [...this.#rows].sort(([a], [b]) => a.number - b.number);
    return tables.flatMap(([, rows]) => [...rows].sort(([a], [b]) => a - b).map(([, row]) => row as object));
  }
}

/** The current rows that definitions show, read for all of them together. */
export function readShownRows<Content>(
  reads: Reads,
  kind: DefinitionKind<Content>,
  operator: OperatorNo,
  contents: readonly Content[],
): Promise<ShownRows> {
  return readNamedRows(
    reads,
    operator,
    contents.flatMap((content) => kind.shows?.(content) ?? []),
  );
}

/** The current rows with some names. */
export function readNamedRows(reads: Reads, operator: OperatorNo, names: readonly RowName[]): Promise<ShownRows> {
  return reads(async (em) => {
    const kept = new KeptRows();
    // Each row is read at some moment between two operations.
    await Promise.all(
      [...Map.groupBy(names, ([table]) => table)].map(async ([table, ofTable]) => {
        for (const row of await readRowsById(
          em,
          table,
          operator,
          ofTable.map(([, id]) => id),
        ))
          kept.put(table, row);
      }),
    );
    return kept;
  });
}

/** The rows that a change shows, after the facts of an opening, for its own fact. */
export function rowsAfter(names: readonly RowName[], opening: readonly Fact[], snapshot: Snapshot): StateRow[] {
  const copies = new KeptRows();
  for (const [table, id] of names) copies.put(table, { ...snapshot.row(table, id) });
  for (const { kind, id, data } of opening) {
    const at: FactMetadata = { time: snapshot.now, tx: snapshot.tx, aggregate: id, operationId: '' };
    const row = copies.row.bind(copies);
    kind.evolve(data, { edit: row, create: row }, at);
  }
  return names.map(([table, id]) => ({
    table: BigInt(table.number),
    id: BigInt(id),
    values: table.toTexts(copies.row(table, id)),
  }));
}

/** The rows that a change showed, from its fact. */
export function rowsOf(names: readonly RowName[], rows: readonly StateRow[]): ShownRows {
  const kept = new KeptRows();
  for (const [table, id] of names) {
    const stored = rows.find((row) => Number(row.table) === table.number && Number(row.id) === id);
    if (stored !== undefined) kept.put(table, table.fromTexts(id, stored.values as ReadonlyMap<string, string>));
  }
  return kept;
}
