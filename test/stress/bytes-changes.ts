import pg from 'pg';
import { isExempt } from './bytes-exempt.ts';

interface Column {
  readonly name: string;
  /** Such as "int8". */
  readonly type: string;
  readonly isKey: boolean;
  readonly nullable: boolean;
}

interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** A change that was made, and how it is taken back. */
export interface Change {
  readonly table: string;
  /** Such as "update balance of {…}". */
  readonly what: string;
  undo(): Promise<void>;
}

/** How many changes are thought of before it is given up. */
const TRIES = 1000;

const TABLES = `select c.relname::text as table, a.attname::text as name, t.typname::text as type,
  not a.attnotnull as nullable, coalesce(a.attnum = any(k.conkey), false) as key
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1, a.attnum`;

/** Makes random changes in the rows of every table of the schema, one at a time. */
export class Changes {
  readonly #client: pg.Client;
  readonly #tables: readonly Table[];
  readonly #random: () => number;
  /** The tables that have no rows, or only blank ones. */
  readonly empty: readonly string[];

  private constructor(client: pg.Client, tables: readonly Table[], empty: readonly string[], random: () => number) {
    this.#client = client;
    this.#tables = tables;
    this.#random = random;
    this.empty = empty;
  }

  static async open(url: string, random: () => number): Promise<Changes> {
    const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' });
    await client.connect();
    await client.query('create schema kept');
    const { rows } = await client.query<Column & { table: string; key: boolean }>(TABLES);
    const found = Map.groupBy(rows, ({ table }) => table);
    const tables: Table[] = [];
    const empty: string[] = [];
    for (const [name, columns] of found) {
      if (isExempt(name)) continue;
      const table = { name, columns: columns.map((column) => ({ ...column, isKey: column.key })) };
      const stored = await client.query<{ shown: object }>(`select to_jsonb(t) as shown from ${name} t limit 1000`);
      if (stored.rows.every(({ shown }) => isBlank(table, shown as Record<string, unknown>))) empty.push(name);
      else tables.push(table);
    }
    return new Changes(client, tables, empty, random);
  }

  get tables(): readonly string[] {
    return this.#tables.map(({ name }) => name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.end();
  }

  /** Changes a random row of a table, in a way that its constraints permit. */
  async make(name: string): Promise<Change> {
    const table = this.#tables.find((one) => one.name === name)!;
    for (let tries = 0; tries < TRIES; tries++) {
      const made = await this.#try(table).catch((error: { code?: string }) => {
        // A constraint, or a value that the type does not have.
        if (/^(22|23)/.test(error.code ?? '')) return null;
        throw error;
      });
      if (made !== null) return made;
    }
    throw new Error(`${name}: no change of it was found that its constraints permit`);
  }

  async #try(table: Table): Promise<Change | null> {
    const { name } = table;
    const [row] = await this.#rows(`select ctid::text as place, to_jsonb(t)::text as shown from ${name} t
      order by md5(ctid::text || '${this.#random()}') limit 1`);
    const { place, shown } = row as { place: string; shown: string };
    if (isBlank(table, JSON.parse(shown) as Record<string, unknown>)) return null;
    const kind = this.#random();
    if (kind < 0.8) return this.#update(table, place, shown);
    if (kind < 0.9) return this.#delete(table, place, shown);
    return this.#copy(table, place, shown);
  }

  async #update(table: Table, place: string, shown: string): Promise<Change | null> {
    const columns = table.columns.filter(({ name }) => !isExempt(table.name, name));
    const column = columns[Math.floor(this.#random() * columns.length)]!;
    const [{ value }] = (await this.#rows(
      `select t.${column.name}::text as value from ${table.name} t where t.ctid = '${place}'`,
    )) as [{ value: string | null }];
    const to = this.#other(column, value);
    if (to === undefined) return null;
    const what = `update ${column.name} from ${value ?? 'null'} to ${to ?? 'null'} of ${shown}`;
    return this.#change(
      table,
      place,
      what,
      `update ${table.name} t set ${column.name} = $1 where t.ctid = '${place}'`,
      [to],
    );
  }

  #delete(table: Table, place: string, shown: string): Promise<Change> {
    return this.#change(table, place, `delete ${shown}`, `delete from ${table.name} t where t.ctid = '${place}'`, []);
  }

  async #copy(table: Table, place: string, shown: string): Promise<Change | null> {
    const keys = table.columns.filter(({ isKey }) => isKey);
    const key = keys[Math.floor(this.#random() * keys.length)]!;
    const shift: Readonly<Record<string, string>> = {
      int8: `t.${key.name} + 1000003`,
      int4: `t.${key.name} + 1000003`,
      int2: `t.${key.name} + 7`,
      text: `t.${key.name} || 'x'`,
      uuid: 'gen_random_uuid()',
      xid8: `(t.${key.name}::text::int8 + 1)::text::xid8`,
    };
    const values = table.columns.map(({ name }) => (name === key.name ? shift[key.type]! : `t.${name}`)).join();
    const insert = `insert into ${table.name} (${table.columns.map(({ name }) => name).join()})`;
    return this.#change(
      table,
      null,
      `copy with another ${key.name} of ${shown}`,
      `${insert} select ${values} from ${table.name} t where t.ctid = '${place}'`,
      [],
    );
  }

  /** @param place where the row is that is gone or changed afterwards; null: there is none. */
  async #change(table: Table, place: string | null, what: string, text: string, values: unknown[]): Promise<Change> {
    const { name } = table;
    if (place !== null)
      await this.#client.query(`create table kept.row as select * from ${name} where ctid = '${place}'`);
    try {
      const { rows } = await this.#client.query<{ place: string }>(
        `${text} returning t.ctid::text as place`.replace(/^(insert.*) returning t\./, '$1 returning '),
        values,
      );
      const [after] = text.startsWith('delete') ? [] : rows;
      return {
        table: name,
        what,
        undo: async () => {
          if (after !== undefined) await this.#client.query(`delete from ${name} where ctid = '${after.place}'`);
          if (place !== null) await this.#client.query(`insert into ${name} select * from kept.row`);
          await this.#client.query('drop table if exists kept.row');
        },
      };
    } catch (error) {
      await this.#client.query('drop table if exists kept.row');
      throw error;
    }
  }

  async #rows(text: string): Promise<unknown[]> {
    return (await this.#client.query(text)).rows;
  }

  /** Another value of a type, as text; undefined: there is none that says something else. */
  #other({ type, nullable }: Column, value: string | null): string | null | undefined {
    const random = this.#random();
    const step = random < 0.5 ? 1n : -1n;
    if (value !== null && nullable && random < 0.3) return null;
    switch (type) {
      case 'int2':
      case 'int4':
      case 'int8':
      case 'numeric':
        return String(BigInt(value ?? '1') + step);
      case 'xid8':
        return String(BigInt(value!) + step);
      case 'bool':
        return value === 'true' ? 'false' : 'true';
      case 'bytea':
        return value === '\\x' ? '\\x01' : this.#digit(value!, 2);
      case 'uuid':
        return this.#digit(value!, 0);
      case 'timestamptz':
        return microsecondLater(value);
      case 'text':
        return value === null || value === '' ? 'x' : this.#character(value);
      case 'jsonb':
      case '_text':
        return value === '{}' || value === '[]' ? (type === '_text' ? '{x}' : '{"x": "y"}') : this.#character(value!);
      case '_int8':
        return value === '{}' ? '{1,2,3}' : this.#digit(value!, 0, '0123456789');
      default:
        throw new Error(`a change of a ${type} is unknown`);
    }
  }

  /** Changes one digit. @param from where the digits begin. */
  #digit(text: string, from: number, digits = '0123456789abcdef'): string {
    const places = text.split('').flatMap((letter, i) => (i >= from && digits.includes(letter) ? [i] : []));
    const at = places[Math.floor(this.#random() * places.length)]!;
    const now = digits.indexOf(text[at]!);
    return text.slice(0, at) + digits[(now + 1) % digits.length]! + text.slice(at + 1);
  }

  /** Changes one letter or digit. */
  #character(text: string): string {
    const places = text.split('').flatMap((letter, i) => (/[A-Za-z0-9]/.test(letter) ? [i] : []));
    const at = places[Math.floor(this.#random() * places.length)] ?? 0;
    return text.slice(0, at) + (text[at] === 'q' ? '7' : 'q') + text.slice(at + 1);
  }
}

const microsecondLater = (value: string | null): string => {
  if (value === null) return '2026-01-01 00:00:00+00';
  const [, whole, fraction = ''] = /^([^.]*?)(?:\.(\d+))?\+00$/.exec(value)!;
  const micros = (Number(fraction.padEnd(6, '0')) + 1) % 1_000_000;
  return `${whole}.${String(micros).padStart(6, '0')}+00`;
};

/** Whether a row means the same as none: all but its key is blank; of a follower, that it has not begun. */
function isBlank({ columns }: Table, row: Readonly<Record<string, unknown>>): boolean {
  if (row['tx'] === '0' && columns.every(({ name }) => name !== 'fact')) return true;
  const blank = new Set(['null', '""', '0', 'false', '[]', '{}', '"\\\\x"', '"1970-01-01T00:00:00+00:00"']);
  return (
    columns.some(({ name }) => name === 'sequence') &&
    columns.every(({ name, isKey }) => isKey || blank.has(JSON.stringify(row[name])))
  );
}
