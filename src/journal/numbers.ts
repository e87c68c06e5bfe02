import type { Sql } from '../db/index.ts';

/** Numbers taken at once: a round trip for 100 new rows. Those that a process does not use are lost. */
const BLOCK = 100;

/** Gives each new row of any state table a number that no other row has, in this or any other process. */
export function rowNumbers(sql: Sql): () => Promise<number> {
  let numbers: number[] = [];
  let refill: Promise<void> | null = null;
  const take = async (): Promise<void> => {
    const rows = await sql("select nextval('row_number_id_seq') from generate_series(1, $1)", [BLOCK]);
    numbers = rows.map(([number]) => Number(number)).reverse();
  };
  return async () => {
    while (numbers.length === 0) await (refill ??= take().finally(() => { refill = null; }));
    return numbers.pop()!;
  };
}
