import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeAll, test } from 'vitest';
import { statusNumber, type Status } from '../../../src/catalogue/index.ts';
import { until } from '../../../src/db/index.ts';
import { configure } from '../../../src/engines/pots/config/configure.ts';
import { setCurrencies } from '../../../src/engines/pots/config/currencies.ts';
import { potsDirectory } from '../../../src/engines/pots/config/directory.ts';
import { ONE } from '../../../src/engines/pots/config/rates.ts';
import {
  addRoutes,
  assignJackpot,
  deleteRoutes,
  prioritise,
  type NewRoute,
  type RouteKey,
} from '../../../src/engines/pots/config/routes.ts';
import type { Caller } from '../../../src/kernel/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import { database, makeOperator } from '../../tenants/fixture.ts';

const db = database((one) => makeOperator(one, 'acme', 1001).then(() => makeOperator(one, 'other', 2001)));
/** Two servers of one database. */
const server = (): Platform => ({ orm: db.orm, reads: db.reads }) as unknown as Platform;
let here: Platform;
let there: Platform;
beforeAll(() => {
  [here, there] = [server(), server()];
});

const [OPERATOR, OTHER, BRAND] = [1, 2, 1001];
const caller = (operator: number): Caller => ({ operator, name: 'admin:1' }) as Caller;
const source = (code: string, brandId = 0): RouteKey => ({ kind: 'source', code, brandId });
const leading = (key: RouteKey, ...jackpots: [string, number][]): NewRoute => ({
  ...key,
  name: null,
  priority: 0,
  jackpots: jackpots.map(([instance, priority]) => ({ instance, priority })),
});
const added = (routes: NewRoute[], operator = OPERATOR) =>
  configure(here, caller(operator), (em, author) => addRoutes(em, author, routes));
const asked = (code: string, segments: string[] = [], brandId = BRAND, operator = OPERATOR) =>
  Promise.resolve(potsDirectory(here).candidates(operator, brandId, code, segments));
/** An instance: its row as creating one makes it. Returns its number. */
async function made(id: string, status: Status = 'active'): Promise<number> {
  const [{ no }] = await db.run('select coalesce(max(id), 0) + 1 as no from definition where operator_id = 1');
  await db.run('insert into definition (operator_id, id, code, status) values (1, $1, $2, $3)', [
    no,
    `jackpot/${id}`,
    statusNumber(status),
  ]);
  return no;
}

/** An instance with a game code. */
async function coded(gameCode: string, brandId = 0, status: Status = 'active'): Promise<string> {
  const id = randomUUID();
  const no = await made(id, status);
  await db.run(
    'insert into pots_listing (operator_id, id, kind, name, brand_id, game_code) values (1, $1, 2, $2, $3, $4)',
    [no, 'An instance', brandId, gameCode],
  );
  return id;
}

test('instances are tried by segments, then the source, then their game codes, the smallest number first', async () => {
  const segment = (code: string, priority: number, ...jackpots: [string, number][]): NewRoute => ({
    ...leading({ kind: 'segment', code, brandId: 0 }, ...jackpots),
    priority,
  });
  const [older, newer, newest] = [await coded('game'), await coded('game', BRAND), await coded('game')];
  for (const id of ['s1', 's2', 'v1', 'v2', 'w1']) await made(id);
  await coded('game', 2001);
  await coded('game', 0, 'archived');
  await added([
    leading(source('game'), ['s2', 2], ['s1', 1], ['v1', 3], [older, 4]),
    segment('vip', 1, ['v2', 9], ['v1', 0]),
    segment('whale', 0, ['w1', 5], ['s2', 6]),
  ]);
  assert.deepEqual(await asked('game'), ['s1', 's2', 'v1', older, newest, newer]);
  const all = ['w1', 's2', 'v1', 'v2', 's1', older, newest, newer];
  assert.deepEqual(await asked('game', ['vip', 'unknown', 'whale', 'vip']), all);
  // Now it is cached: no promise is made.
  assert.deepEqual(potsDirectory(here).candidates(OPERATOR, BRAND, 'game', ['vip', 'unknown', 'whale']), all);
  assert.deepEqual(await asked('nothing', ['unknown']), []);
  assert.deepEqual(await asked('nothing', ['vip']), ['v1', 'v2']);
});

test('instances that are not active are tried last', async () => {
  await made('m-first', 'paused');
  await made('m-third', 'archived');
  for (const id of ['m-second', 'm-segment']) await made(id);
  const pending = await coded('mixed', 0, 'draft');
  const coding = await coded('mixed');
  await added([
    leading(source('mixed'), ['m-first', 0], ['m-second', 1], ['m-third', 2]),
    leading({ kind: 'segment', code: 'mixed', brandId: 0 }, ['m-first', 0], ['m-segment', 1]),
  ]);
  assert.deepEqual(await asked('mixed'), ['m-second', coding, 'm-first', 'm-third', pending]);
  assert.deepEqual(await asked('mixed', ['mixed']), ['m-segment', 'm-second', coding, 'm-first', 'm-third', pending]);
});

test("a brand's own source hides its operator's, and another operator's is nobody's", async () => {
  await added([leading(source('both'), ['everybody', 0]), leading(source('both', BRAND), ['own', 0])]);
  await added([leading(source('both'), ['foreign', 0])], OTHER);
  assert.deepEqual(await asked('both'), ['own']);
  assert.deepEqual(await asked('both', [], 1002), ['everybody']);
  assert.deepEqual(await asked('both', [], 2001, OTHER), ['foreign']);
  assert.deepEqual(await asked('both', [], 2001, 3), []);
});

test('rates are those of the brand, otherwise of its operator', async () => {
  const sek = async (brandId: number, platform = here) =>
    (await potsDirectory(platform).rates(OPERATOR, brandId)).convert(1_000_000n, 'EUR', 'SEK');
  const set = (brandId: number, multiplier: bigint) =>
    configure(here, caller(OPERATOR), (em, author) =>
      setCurrencies(em, author, brandId, {
        base: 'EUR',
        multipliers: new Map([
          ['EUR', ONE],
          ['SEK', multiplier],
        ]),
      }),
    );
  assert.equal(await sek(BRAND), null);
  assert.equal(await sek(BRAND, there), null);
  await set(0, 11n * ONE);
  assert.equal(await sek(BRAND), 11_000_000n);
  await set(BRAND, 12n * ONE);
  assert.equal(await sek(BRAND), 12_000_000n);
  assert.equal(await sek(1002), 11_000_000n);
  // Another server hears of it within a second.
  assert.ok(await until(async () => (await sek(BRAND, there)) === 12_000_000n, 1500));
});

test('a change is seen at once here, and within a second on another server', async () => {
  await added([leading(source('seen'), ['first', 0])]);
  const elsewhere = () => Promise.resolve(potsDirectory(there).candidates(OPERATOR, BRAND, 'seen', []));
  assert.deepEqual([await asked('seen'), await elsewhere()], [['first'], ['first']]);
  await configure(here, caller(OPERATOR), (em, author) => assignJackpot(em, author, [source('seen')], 'second'));
  assert.deepEqual(await asked('seen'), ['first', 'second']);
  const start = performance.now();
  assert.ok(await until(async () => (await elsewhere()).length === 2, 1500));
  assert.ok(performance.now() - start < 1100);
  await configure(here, caller(OPERATOR), (em, author) =>
    prioritise(em, author, source('seen'), new Map([['first', 5]])),
  );
  assert.deepEqual(await asked('seen'), ['second', 'first']);
  await configure(here, caller(OPERATOR), (em, author) => deleteRoutes(em, author, [source('seen')]));
  assert.deepEqual(await asked('seen'), []);
});

test('concurrent changes of one source lose nothing, and each records its fact', async () => {
  await added([leading(source('busy'))]);
  const ids = Array.from({ length: 20 }, (_, i) => `i${i}`);
  await Promise.all(
    ids.map((id, i) =>
      configure(i % 2 === 0 ? here : there, caller(OPERATOR), (em, author) =>
        assignJackpot(em, author, [source('busy')], id),
      ),
    ),
  );
  assert.deepEqual([...(await asked('busy'))].sort(), ids.sort());
  const [{ facts }] = await db.run(
    'select count(*)::int as facts from journal j join pots_route r on r.route_id = j.aggregate_id ' +
      "where r.code = 'busy' and j.kind = 1611",
  );
  assert.equal(facts, 21);
});

test('the same source added twice at once is there once', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => added([leading(source('raced'), ['one', 0])])));
  assert.equal(all.flatMap(({ succeeded }) => succeeded).length, 1);
  assert.equal(all.flatMap(({ duplicated }) => duplicated).length, 4);
});

test('what fails leaves nothing, also of what came before it', async () => {
  await added([leading(source('whole'), ['one', 0])]);
  const both = [source('whole'), source('missing')];
  await assert.rejects(
    configure(here, caller(OPERATOR), (em, author) => assignJackpot(em, author, both, 'two')),
    { reason: 'SOURCE_NOT_FOUND' },
  );
  await assert.rejects(
    configure(here, caller(OPERATOR), async (em, author) => {
      await assignJackpot(em, author, [source('whole')], 'two');
      throw new Error('planned');
    }),
    /planned/,
  );
  assert.deepEqual(await asked('whole'), ['one']);
});
