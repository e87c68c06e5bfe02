import { sql } from 'kysely';
import type { Reads } from '../db/index.ts';

/** Numbers fetched at once: one round trip for 100 new rows. Numbers that a process does not use are lost. */
const BLOCK = 100;

/** Returns a generator of numbers for new rows of all state tables, unique across all processes. */
export function rowNumbers(reads: Reads): () => Promise<number> {
  let numbers: number[] = [];
  let refill: Promise<void> | null = null;
  const take = async (): Promise<void> => {
    const { rows } = await reads((em) =>
      sql<{ id: string }>`
      select nextval('row_number_id_seq') as id from generate_series(1, ${BLOCK}::int4)`.execute(em.getKysely()),
    );
    numbers = rows.map(({ id }) => Number(id)).reverse();
  };
  return async () => {
    while (numbers.length === 0)
      await (refill ??= take().finally(() => {
        refill = null;
      }));
    return numbers.pop()!;
  };
}
