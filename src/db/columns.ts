import { p, Type } from '@mikro-orm/core';

/**
 * A point in time as microseconds since 1970. JavaScript's dates have milliseconds only, which is too coarse for a
 * journal.
 */
export class MicrosTime extends Type<number, string> {
  override convertToDatabaseValue(micros: number): string {
    const seconds = Math.floor(micros / 1_000_000);
    const rest = String(micros - seconds * 1_000_000).padStart(6, '0');
    return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${rest}+00`;
  }

  override convertToJSValue(text: string): number {
    return readTime(text);
  }

  override getColumnType(): string {
    return 'timestamptz(6)';
  }

  override get runtimeType(): 'number' {
    return 'number';
  }

  /** Without it MikroORM uses the column's type, and converts the text to a Date first. */
  override compareAsType(): string {
    return 'string';
  }
}

const TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00(?::00)?$/;

/** Converts PostgreSQL's text of a time in UTC to microseconds since 1970. */
export function readTime(text: string): number {
  const [, day, time, fraction = ''] = TIME.exec(text) ?? [];
  if (day === undefined) throw new Error(`no time of the database: ${text}`);
  return Date.parse(`${day}T${time}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}

/** The columns of state rows. The default of each is its blank value: a row that is not stored equals a blank one. */
export const column = {
  /** An integer up to 2⁵³: ids, counters, versions. */
  integer: () => p.bigint('number').defaultRaw('0'),
  /** An amount in micro-units. */
  micros: () => p.bigint().defaultRaw('0'),
  text: () => p.text().defaultRaw("''"),
  /** A text that rows are looked up and sorted by, in byte order. */
  code: () => p.text().collation('C').defaultRaw("''"),
  bytes: () => p.blob().defaultRaw("'\\x'"),
  time: () => p.type(MicrosTime).defaultRaw("'1970-01-01 00:00:00+00'"),
};

/** The first columns of every state row: its operator, its number, and how many facts have it as their aggregate. */
export const stateKey = {
  operatorId: p.bigint('number').primary(),
  id: p.bigint('number').primary(),
  sequence: p.bigint('number').defaultRaw('0'),
};

/** The unique index of a `code` column, by which rows are found from outside. */
export function uniqueCode(table: string) {
  return [{ name: `${table}_code_unique`, properties: ['operatorId', 'code'] as const, where: "code <> ''" }] as never;
}
