import type pg from 'pg';

/** Runs a statement; each value is a text. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly (readonly string[])[]>;

/** Runs statements on a client. */
export const textQuery =
  (client: pg.ClientBase): Query =>
  async (text, values = []) =>
    (
      await client.query({
        text,
        values: [...values],
        rowMode: 'array',
        types: { getTypeParser: () => (value: string) => value },
      })
    ).rows as string[][];

const PAGE = 5000;

/** The rows of a select, by pages of a cursor. @param size how many rows a page has. */
export async function* pages(
  query: Query,
  name: string,
  text: string,
  values: readonly unknown[],
  size = PAGE,
): AsyncGenerator<readonly string[]> {
  await query(`declare ${name} no scroll cursor for ${text}`, values);
  for (;;) {
    const rows = await query(`fetch ${size} from ${name}`);
    yield* rows;
    if (rows.length < size) break;
  }
  await query(`close ${name}`);
}
