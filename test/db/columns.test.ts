import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createOrm, migrate, readTime } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { readRows, readRowsById } from '../../src/journal/index.ts';
import { int8Array, textArray } from '../../src/journal/binary.ts';
import { connect, statement, type Connection } from '../../src/journal/connection.ts';
import { player, PlayerSchema, type PlayerRow } from '../../src/players/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

type Orm = ReturnType<typeof createOrm>;
const ormOf = (databaseUrl: string): Orm => createOrm({ databaseUrl, databasePool: 2 }, entitiesOf(engines));

describe('a time', () => {
  /** The epoch and its neighbour, fractions that end or begin with zeros, and days with odd microseconds. */
  const TIMES = [
    0, 1, 999_999, 1_000_000, 1_700_000_000_120_000, 1_700_000_000_000_457, 1_764_201_600_123_457,
    4_102_444_799_999_999,
  ];
  const IDS = TIMES.map((_, i) => i + 1);
  const rowOf = (createdAt: number, i: number): PlayerRow => ({
    ...player.blank(i + 1),
    code: `1/u${i}`,
    userId: `u${i}`,
    createdAt,
  });
  let url: string;
  let orm: Orm;
  let lane: Connection;
  beforeAll(async () => {
    url = await freshDatabase();
    // A database of people who are not in Greenwich.
    await runSql(url, `alter database "${new URL(url).pathname.slice(1)}" set timezone = 'Asia/Kathmandu'`);
    orm = ormOf(url);
    lane = await connect(url);
    await runSql(url, "insert into operator (name) values ('lanes'), ('administration')");
    // Operator 1's rows are written as lanes do, operator 2's as administration does.
    await lane.run(statement('make', player.sql.make), [1, int8Array(IDS)]);
    await lane.run(statement('update', player.sql.update), [1, ...player.write(TIMES.map(rowOf))]);
    const em = orm.em.fork();
    for (const [i, time] of TIMES.entries()) em.create(PlayerSchema, { ...rowOf(time, i), operatorId: 2 });
    await em.flush();
  });
  afterAll(async () => {
    await lane.end();
    await orm.close();
  });

  for (const [operatorId, writer] of [
    [1, 'a lane'],
    [2, 'administration'],
  ] as const) {
    test(`that ${writer} has written is what it was to the database`, async () => {
      const rows = await runSql(
        url,
        'select (extract(epoch from created_at) * 1000000)::int8 as time from player ' +
          'where operator_id = $1 order by id',
        [operatorId],
      );
      assert.deepEqual(
        rows.map(({ time }) => Number(time)),
        TIMES,
      );
    });

    test(`that ${writer} has written keeps its microseconds in entities, and finds them`, async () => {
      const found = await orm.em.fork().find(PlayerSchema, { operatorId }, { orderBy: { id: 'asc' } });
      assert.deepEqual(
        found.map(({ createdAt }) => createdAt),
        TIMES,
      );
      for (const createdAt of TIMES) {
        assert.equal(await orm.em.fork().count(PlayerSchema, { operatorId, createdAt }), 1);
      }
    });

    test(`that ${writer} has written keeps its microseconds in reads of rows`, async () => {
      const rows = await readRows(orm.em.fork(), player, operatorId, (query) => query.orderBy('t.id'));
      assert.deepEqual(rows, TIMES.map(rowOf));
      assert.deepEqual(await readRowsById(orm.em.fork(), player, operatorId, [7]), [rowOf(TIMES[6]!, 6)]);
    });

    test(`that ${writer} has written keeps its microseconds in rows of lanes`, async () => {
      const select = statement('select', `${player.sql.select} order by t.id`);
      const { rows } = await lane.run(select, [operatorId, int8Array(IDS)]);
      assert.deepEqual(
        rows.map((values) => player.read(values).createdAt),
        TIMES,
      );
    });
  }

  test('is written by administration only where it was changed', async () => {
    const em = orm.em.fork();
    const found = await em.find(PlayerSchema, { operatorId: 2 }, { orderBy: { id: 'asc' } });
    const versions = async (): Promise<string[]> => {
      const rows = await runSql(url, 'select xmin::text as version from player where operator_id = 2 order by id');
      return rows.map(({ version }) => version as string);
    };
    const flush = async (): Promise<number[]> => {
      const before = await versions();
      await em.flush();
      return (await versions()).flatMap((version, i) => (version === before[i] ? [] : [i]));
    };
    assert.deepEqual(await flush(), []);
    for (const change of [1, -1]) {
      found[6]!.createdAt += change;
      assert.deepEqual(await flush(), [6]);
    }
    assert.equal((await orm.em.fork().findOneOrFail(PlayerSchema, { operatorId: 2, id: 7 })).createdAt, TIMES[6]);
  });

  test("is read of the database's text in UTC alone", () => {
    assert.equal(readTime('2025-11-27 00:00:00.123457+00'), 1_764_201_600_123_457);
    assert.equal(readTime('2025-11-27 00:00:00.12+00'), 1_764_201_600_120_000);
    assert.equal(readTime('1970-01-01 00:00:00+00'), 0);
    const others = ['2025-11-27 05:45:00+05:45', '2025-11-27 00:00:00', '2025-11-27T00:00:00.000Z', 'infinity', ''];
    for (const text of others) {
      assert.throws(() => readTime(text), /no time of the database/);
    }
  });
});

describe('a code', () => {
  const CODES = ['1/ä', '1/a', '1/Z', '1/_', '1/é', '1/z', '1/B', '10/a', '1/😀', '1/\uffee'];
  const sorted = [...CODES].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  let orm: Orm;
  let url: string;
  beforeAll(async () => {
    const beside = await freshDatabase();
    const name = `${new URL(beside).pathname.slice(1)}_english`;
    await runSql(beside, `create database ${name} template template0 locale_provider icu icu_locale 'en'`);
    url = beside.replace(/[^/]+$/, name);
    orm = ormOf(url);
    await migrate(orm);
    await runSql(
      url,
      'insert into player (operator_id, id, code) ' +
        'select 1, n, code from unnest($1::text[]) with ordinality as u(code, n)',
      [CODES],
    );
  });
  afterAll(() => orm.close());

  test('is in the order of its bytes, whatever the order of the database', async () => {
    const english = await runSql(url, 'select code from player order by code collate "default"');
    assert.notDeepEqual(
      english.map(({ code }) => code),
      sorted,
      'the control',
    );
    const found = await orm.em.fork().find(PlayerSchema, {}, { orderBy: { code: 'asc' } });
    assert.deepEqual(
      found.map(({ code }) => code),
      sorted,
    );
    const rows = await readRows(orm.em.fork(), player, 1, (query) => query.orderBy('t.code'));
    assert.deepEqual(
      rows.map(({ code }) => code),
      sorted,
    );
  });

  test('lies in the ranges of its bytes', async () => {
    const between = async (from: string, to: string): Promise<string[]> => {
      const rows = await readRows(orm.em.fork(), player, 1, (query) =>
        query.where('t.code', '>', from).where('t.code', '<', to).orderBy('t.code'),
      );
      return rows.map(({ code }) => code);
    };
    // "0" is the character after "/".
    assert.deepEqual(
      await between('1/', '10'),
      sorted.filter((code) => code.startsWith('1/')),
    );
    assert.deepEqual(await between('1/Z', '1/a'), ['1/_']);
  });

  test('is found only by the same bytes', async () => {
    const lane = await connect(url);
    const codes = textArray(['1/A', '1/a', '1/a\u0308', '1/ä']);
    const { rows } = await lane.run(statement('find', player.sql.find), [1, codes]);
    await lane.end();
    assert.deepEqual(rows.map(([, code]) => code as string).sort(), ['1/a', '1/ä']);
  });
});
