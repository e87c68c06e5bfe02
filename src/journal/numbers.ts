import { sql } from 'kysely';
import type { Reads } from '../db/index.ts';

/** Numbers fetched at once, or more if more are asked for in one turn. Numbers that a process does not use are lost. */
const BLOCK = 100;

/** Returns a generator of numbers for new rows of all state tables, unique across all processes. */
export function rowNumbers(reads: Reads): () => Promise<number> {
  let numbers: number[] = [];
  let refill: Promise<void> | null = null;
  let waiting = 0;
  const take = async (): Promise<void> => {
    await Promise.resolve();
    const count = Math.max(BLOCK, waiting);
    const { rows } = await reads((em) =>
      sql<{ id: string }>`
      select nextval('row_number_id_seq') as id from generate_series(1, ${count}::int4)`.execute(em.getKysely()),
    );
    numbers = rows.map(({ id }) => Number(id)).reverse();
  };
  return async () => {
    waiting += 1;
    try {
      while (numbers.length === 0)
        await (refill ??= take().finally(() => {
          refill = null;
        }));
      return numbers.pop()!;
    } finally {
      waiting -= 1;
    }
  };
}
