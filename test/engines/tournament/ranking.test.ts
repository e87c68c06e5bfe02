import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { entryCode } from '../../../src/engines/tournament/entities.ts';
import { countTied, readRanking, type Ranked } from '../../../src/engines/tournament/ranking.ts';
import { pointsAfter, type ScoreRule } from '../../../src/engines/tournament/rules.ts';
import type { Journal } from '../../../src/journal/index.ts';
import { journalOn, openJournal } from '../../journal/fixture.ts';
import { seeded } from '../../support/requests.ts';
import { runSql } from '../../support/sql.ts';
import { differences } from '../jackpot/fixture.ts';
import { platformOn } from '../jackpot/platform.ts';
import { join, makePlayers, makeTournament, otherView, score, terms } from './fixture.ts';

// The same scores again: SEED=… npx vitest run test/engines/tournament/ranking.test.ts
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
let url: string;
let faults: unknown[];
let journals: Journal[];
let platforms: ReturnType<typeof platformOn>[];
let players: number[];
beforeAll(async () => {
  const opened = await openJournal();
  ({ url, faults } = opened);
  journals = [opened.journal, journalOn(url, faults)];
  platforms = journals.map((journal) => platformOn(url, journal));
  players = await makePlayers(platforms[0]!.platform, 150);
});
afterAll(async () => {
  for (const { close } of platforms) await close();
  for (const journal of journals) await journal.close();
  assert.deepEqual(faults, []);
});

/** Points that meet often, lie close together, or far apart. */
function points(random: () => number): bigint {
  const kind = random();
  if (kind < 0.5) return BigInt(Math.floor(random() * 6)) * 1_000_000n;
  return kind < 0.8 ? BigInt(Math.floor(random() * 3000)) : BigInt(Math.floor(random() * 2 ** 49));
}

interface Expected {
  readonly player: number;
  readonly points: bigint;
  readonly reached: number;
}

/** What the ranking must be, by sorting all entries. The order of scores is that of the season's own count. */
async function sorted(seasonId: bigint, rule: ScoreRule): Promise<Expected[]> {
  const facts = await runSql(
    url,
    'select aggregate_sequence::int as n, fact from journal where aggregate_id = $1 and kind = 1404 order by 1',
    [seasonId],
  );
  const { TournamentScored } = await import('../../../gen/ts/windfall/facts/v1/tournament.ts');
  const entries = new Map<number, Expected>();
  for (const { n, fact } of facts) {
    const { player, scored } = TournamentScored.decode(fact as Buffer);
    const before = entries.get(Number(player));
    const after = pointsAfter(rule, before?.points ?? 0n, scored);
    if (before?.points !== after) entries.set(Number(player), { player: Number(player), points: after, reached: n });
  }
  return [...entries.values()].sort((a, b) =>
    a.points === b.points ? a.reached - b.reached : a.points > b.points ? -1 : 1,
  );
}

const told = ({ place, shared, player, points: made }: Ranked): unknown => ({ place, shared, player, points: made });

for (const [i, rule] of (['sum', 'best', 'latest'] as const).entries()) {
  test(`the ranking of any scores by ${rule} is that of a sort (SEED=${SEED})`, async () => {
    const random = seeded(SEED + i);
    const tournament = await makeTournament(platforms[0]!.platform, terms({ scoreRule: rule }));
    const views = [tournament, otherView(tournament)];
    const season = tournament.content.onlySeason;
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        Array.from({ length: 400 }, (_, n) => {
          const player = players[Math.floor(random() * (round + 1) * 37)]!;
          return score(platforms[n % 2]!.platform, views[n % 2]!, player, points(random));
        }),
      );
      const expected = (await sorted(season, rule)).map(({ player, points: made }, at, all) => ({
        player,
        points: made,
        place: at + 1,
        shared: all.findIndex((other) => other.points === made) + 1,
      }));
      const { platform } = platforms[round % 2]!;
      const read = (part: Parameters<typeof readRanking>[3]): Promise<Ranked[]> =>
        readRanking(platform, 1, Number(season), part);
      const all = await read({ limit: 500 });
      assert.deepEqual(all.map(told), expected);
      assert.deepEqual((await read({ limit: 7, offset: 3 })).map(told), expected.slice(3, 10));
      for (let n = 0; n < 40; n++) {
        const at = Math.floor(random() * all.length);
        const { player, points: made, early } = all[at]!;
        const around = await read({ above: 4, below: 5, code: entryCode(Number(season), player) });
        assert.deepEqual(around.map(told), expected.slice(Math.max(0, at - 4), at + 5));
        const after = await read({ limit: 6, points: made, early });
        assert.deepEqual(after.map(told), expected.slice(at + 1, at + 7));
      }
    }
    const [{ wrong }] = await runSql(
      url,
      'select count(*)::int as wrong from tournament_points p where id / 64 = $1 and total <> ' +
        '(select count(*) from tournament_entry e where season_id = $1 and early < 0 and bucket / 256 = p.id % 64)',
      [season],
    );
    assert.equal(wrong, 0);
  });
}

test('entries are tied with those that have scored as many points, not with those that have not scored', async () => {
  const { platform } = platforms[0]!;
  const tournament = await makeTournament(platform, terms());
  const season = Number(tournament.content.onlySeason);
  for (const player of players.slice(0, 2)) await score(platform, tournament, player, 0n);
  await join(platform, tournament, players[2]!);
  assert.equal(await countTied({ reads: platform.reads }, 1, season, 0n), 2);
});

test('verify folds the same rows from the journal', async () => {
  assert.deepEqual(await differences(url), []);
});

describe('the number of an entry', () => {
  test('is never given twice, though blocks run out in two processes', async () => {
    const tournament = await makeTournament(platforms[0]!.platform, terms());
    const season = tournament.content.onlySeason;
    const views = [tournament, otherView(tournament)];
    await score(platforms[0]!.platform, views[0]!, players[0]!, 1n);
    await score(platforms[1]!.platform, views[1]!, players[1]!, 1n);
    // As if the block was nearly used up.
    await runSql(url, 'update tournament_season set entries = 65535 where id = $1', [season]);
    const scores = players
      .slice(2, 40)
      .map((player, n) => score(platforms[n % 2]!.platform, views[n % 2]!, player, 5n));
    await Promise.all(scores);
    await runSql(url, 'update tournament_season set entries = 131071 where id = $1', [season]);
    const more = players.slice(40, 80).map((player, n) => score(platforms[n % 2]!.platform, views[n % 2]!, player, 5n));
    await Promise.all(more);
    const [row] = await runSql(
      url,
      'select count(*)::int as entries, count(distinct id / 65536)::int as blocks from tournament_entry ' +
        'where season_id = $1',
      [season],
    );
    assert.deepEqual(row, { entries: 80, blocks: 3 });
  });
});
