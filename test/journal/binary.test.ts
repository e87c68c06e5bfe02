import assert from 'node:assert/strict';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { bytesArray, int2Array, int8Array, textArray, timeArray, uuidArray } from '../../src/journal/binary.ts';
import { freshDatabase } from '../support/database.ts';

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: await freshDatabase() });
  // A file that runs alone stops its own database before this client.
  client.on('error', () => undefined);
  await client.connect();
});
afterAll(() => client.end());

/** What PostgreSQL reads in an array that was sent to it, as texts. */
async function read(type: string, array: Buffer, shown = 'v::text'): Promise<string[]> {
  const { rows } = await client.query(
    `select ${shown} as v from unnest($1::${type}[]) with ordinality as u(v, n) order by n`,
    [array],
  );
  return rows.map(({ v }) => v as string);
}

const RUNS = { numRuns: 60 };
const int8 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
);
const text = fc.string({ unit: 'grapheme', maxLength: 50 }).filter((value) => !value.includes('\0'));

test('PostgreSQL reads int8 arrays back unchanged', () =>
  fc.assert(
    fc.asyncProperty(fc.array(int8), async (values) => {
      assert.deepEqual(await read('int8', int8Array(values)), values.map(String));
    }),
    RUNS,
  ));

test('PostgreSQL reads int2 arrays back unchanged', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -32768, max: 32767 })), async (values) => {
      assert.deepEqual(await read('int2', int2Array(values)), values.map(String));
    }),
    RUNS,
  ));

test('PostgreSQL reads text arrays back unchanged', () =>
  fc.assert(
    fc.asyncProperty(fc.array(text), async (values) => {
      assert.deepEqual(await read('text', textArray(values)), values);
    }),
    RUNS,
  ));

test('PostgreSQL reads uuid arrays back unchanged', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.uuid()), async (values) => {
      assert.deepEqual(await read('uuid', uuidArray(values)), values);
    }),
    RUNS,
  ));

test('PostgreSQL reads bytea arrays back unchanged', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 })), async (values) => {
      assert.deepEqual(
        await read('bytea', bytesArray(values), "encode(v, 'hex')"),
        values.map((value) => Buffer.from(value).toString('hex')),
      );
    }),
    RUNS,
  ));

test('PostgreSQL reads times back unchanged', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4e15 })), async (values) => {
      assert.deepEqual(
        await read('timestamptz', timeArray(values), '((extract(epoch from v) * 1000000)::int8)::text'),
        values.map(String),
      );
    }),
    RUNS,
  ));
