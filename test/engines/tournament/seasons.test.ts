import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import { currentSeason, findSeason, withRules } from '../../../src/engines/tournament/current.ts';
import { season as seasons } from '../../../src/engines/tournament/entities.ts';
import { openSeasonTask } from '../../../src/engines/tournament/open-season.ts';
import { cancelling } from '../../../src/engines/tournament/operations/cancel-tournament.ts';
import { closeTask } from '../../../src/engines/tournament/operations/close-tournament.ts';
import { readRanking } from '../../../src/engines/tournament/ranking.ts';
import { settling } from '../../../src/engines/tournament/settling.ts';
import { accountId, readRowsById, type Journal } from '../../../src/journal/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import { journalOn, openJournal, options, reasonOf } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { platformOn } from '../jackpot/platform.ts';
import { ASSET, join, makePlayers, makeTournament, otherView, score, terms, UNIT } from './fixture.ts';

const MICROS = 1_000_000;
let url: string;
let faults: unknown[];
let journals: Journal[];
let served: ReturnType<typeof platformOn>[];
let platforms: Platform[];
beforeAll(async () => {
  const opened = await openJournal();
  ({ url, faults } = opened);
  await runSql(url, "insert into asset (operator_id, asset_no, code, kind) values (1, 1, 'WINZ', 'currency')");
  journals = [opened.journal, journalOn(url, faults)];
  served = journals.map((journal) => platformOn(url, journal));
  platforms = served.map(({ platform }) => platform);
});
afterAll(async () => {
  for (const { close } of served) await close();
  for (const journal of journals) await journal.close();
  assert.deepEqual(faults, []);
});

const seasonsOf = (id: number): Promise<any[]> =>
  runSql(
    url,
    'select id::int, number::int, status::int, extract(epoch from start_at)::int as starts, ' +
      'extract(epoch from end_at)::int as ends from tournament_season where tournament_id = $1 order by number',
    [id],
  );

/** Runs a task as both servers may, several times at once. */
const runTwice = (run: (platform: Platform) => Promise<void>): Promise<unknown> =>
  Promise.all([0, 1, 0, 1].map((n) => run(platforms[n]!)));

test('seasons open and close once, at two servers, and scores follow to the current one', async () => {
  const content = terms({ cron: '* * * * *', zone: 'Europe/Malta', durationSeconds: 0n });
  const tournament = await makeTournament(platforms[0]!, content);
  const views = [tournament, otherView(tournament)];
  const [player] = (await makePlayers(platforms[0]!, 1)) as [number];
  assert.equal(await reasonOf(score(platforms[0]!, views[0]!, player, 1n)), 'TOURNAMENT_NOT_OPEN');
  // As if the first season had been due three minutes ago, and no server had run since.
  const turn = async (minutesAgo: number): Promise<void> => {
    const [{ at }] = await runSql(
      url,
      "update tournament set next_at = date_trunc('minute', now()) - $2 * interval '1 minute' where id = $1 " +
        'returning (extract(epoch from next_at) * 1000000)::int8::text as at',
      [tournament.id, minutesAgo],
    );
    await runTwice((platform) => openSeasonTask.run(platform, { operator: 1, id: tournament.id, at: Number(at) }));
  };
  await turn(3);
  const [first, ...none] = await seasonsOf(tournament.id);
  assert.deepEqual([none, first.number, first.status], [[], 1, 1]);
  assert.ok(first.ends * MICROS > Date.now() * 1000, 'a season that is over was opened');
  await score(platforms[0]!, views[0]!, player, 5n);
  await score(platforms[1]!, views[1]!, player, 5n);
  await turn(0);
  assert.deepEqual(
    (await seasonsOf(tournament.id)).map(({ number }) => number),
    [1, 2],
  );
  // Both servers remember the first season: they read again.
  const answers = [
    await score(platforms[0]!, views[0]!, player, 7n),
    await score(platforms[1]!, views[1]!, player, 7n),
  ];
  assert.deepEqual(
    answers.map(({ scored }) => [scored.season, scored.points]),
    [
      [2n, 7n],
      [2n, 14n],
    ],
  );
  await runSql(url, "update tournament_season set end_at = now() - interval '1 second' where id = $1", [first.id]);
  await runTwice((platform) => closeTask.run(platform, { operator: 1, id: first.id, at: Date.now() * 1000 }));
  assert.deepEqual(
    (await seasonsOf(tournament.id)).map(({ status }) => status),
    [2, 1],
  );
  const closed = await runSql(url, 'select count(*)::int as n from journal where kind = 1405');
  assert.equal(closed[0].n, 1);
  const [place] = await readRanking(platforms[0]!, 1, first.id, { limit: 9 });
  assert.deepEqual([place!.place, place!.points], [1, 10n]);
});

test('a paused tournament opens no season, and goes on where it is active again', async () => {
  const content = terms({ cron: '0 0 1 1 *', zone: 'UTC', durationSeconds: 60n });
  const tournament = await makeTournament(platforms[0]!, content);
  await runSql(url, "update tournament set next_at = '2020-01-01' where id = $1", [tournament.id]);
  await runSql(url, 'update definition set status = 3 where id = $1', [tournament.definitionId]);
  const order = { operator: 1, id: tournament.id, at: Date.parse('2020-01-01T00:00Z') * 1000 };
  await openSeasonTask.run(platforms[0]!, order);
  assert.deepEqual(await seasonsOf(tournament.id), []);
  await runSql(url, 'update definition set status = 2 where id = $1', [tournament.definitionId]);
  await openSeasonTask.run(platforms[0]!, order);
  // The season of 2020 and those since are over: the next one is opened ahead of its time, and takes scores from then.
  const [season] = await seasonsOf(tournament.id);
  assert.ok(season.starts * MICROS > Date.now() * 1000);
  const [player] = (await makePlayers(platforms[0]!, 1)) as [number];
  assert.equal(await reasonOf(score(platforms[0]!, otherView(tournament), player, 1n)), 'TOURNAMENT_NOT_OPEN');
});

test('only a season that is read to be entered takes a row number', async () => {
  const tournament = await makeTournament(platforms[0]!, terms());
  let taken = 0;
  const platform: Platform = { ...platforms[0]!, newId: async () => 900_000_000 + ++taken };
  const [row] = await platform.reads((em) => readRowsById(em, seasons, 1, [Number(tournament.content.onlySeason)]));
  assert.equal((await withRules(platform, 1, row!)).rules.name, 'a tournament');
  assert.equal(taken, 0);
  assert.equal((await currentSeason(platform, 1, otherView(tournament)))!.spare, 900_000_001);
});

test('a cancelled season gives back its own buy-ins, and a season is found by its number', async () => {
  const platform = platforms[0]!;
  const [one, other] = [
    await makeTournament(platform, terms({ buyIn: 3n * UNIT })),
    await makeTournament(platform, terms({ buyIn: 5n * UNIT })),
  ];
  const [first, second] = (await makePlayers(platform, 2, 10n * UNIT)) as [number, number];
  await join(platform, one, first);
  await join(platform, other, second);
  const season = await withRules(platform, 1, await findSeason(platform, 1, one, 1));
  await platform.journal.run(cancelling, { tournament: one, season, brand: null, at: 0 }, options());
  const { paid, finishedAt } = await settling.begin(platform, 1, season.row.id);
  assert.deepEqual([paid, finishedAt > 0], [1, true]);
  const balances = await runSql(url, 'select balance::text from account where id = any($1) order by id', [
    [first, second].map((player) => accountId('player', player, ASSET)),
  ]);
  assert.deepEqual(
    balances.map(({ balance }) => balance as string),
    ['10000000', '5000000'],
  );
  assert.equal(await reasonOf(findSeason(platform, 1, one, 2)), 'SEASON_NOT_FOUND');
});
