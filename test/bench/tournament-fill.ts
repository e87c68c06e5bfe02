import { runSql } from '../support/sql.ts';
import { playerName } from './template.ts';

const OPERATOR = 1;
/** Numbers of rows that the sequence of row numbers does not reach in a bench. */
const [FIRST_PLAYER, FIRST_BLOCK, BLOCK] = [100_000_000, 200_000_000, 65_536];

/** How many players the requests name: the others only fill the ranking. */
export const NAMED = 40_000;

/**
 * Players by SQL: `NAMED` with the names of the bench, the others with their numbers. They have no streams of seeds and
 * no facts: scores need none, and verify would tell.
 */
export async function fillPlayers(url: string, count: number): Promise<void> {
  const [{ brand }] = await runSql(
    url,
    "select split_part(code, '/', 1) as brand from player where code <> '' limit 1",
  );
  await runSql(
    url,
    'insert into player (operator_id, id, code, brand_id, user_id, public_hash) ' +
      "select $1::int8, $2::int8 + n, $3 || '/' || name, $3::int8, name, md5(name) from (" +
      `select n, case when n < ${NAMED} then '${playerName(0).slice(0, -5)}' || lpad(n::text, 5, '0') ` +
      "else 'other-' || n end as name from generate_series(0, $4::int - 1) as n) named",
    [OPERATOR, FIRST_PLAYER, brand, count],
  );
}

const POINTS: Readonly<Record<'spread' | 'ties', string>> = {
  // From a thousandth of a point to some millions, most of them in three octaves.
  spread: '(1000000 * exp(6 + 1.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))::int8',
  ties: '1000000 * (1 + n % 100)',
};

/**
 * Entries of a season by SQL, as if each player had scored once in a random order. `every` is the step between the
 * players who have entered. They have no facts, which verify would tell; the bench compares the counters with them.
 */
export async function fillEntries(
  url: string,
  tournament: string,
  { count, every, points }: { readonly count: number; readonly every: number; readonly points: 'spread' | 'ties' },
): Promise<void> {
  const [{ id }] = await runSql(
    url,
    'select s.id from tournament_season s join definition d on d.id = s.definition_id ' +
      "where d.code = 'tournament/' || $1",
    [tournament],
  );
  const season = Number(id);
  const bits = "(65 - position('1' in points::bit(64)::text))";
  await runSql(
    url,
    'insert into tournament_entry ' +
      '(operator_id, id, code, season_id, player_id, points, early, bucket, scores, sequence) ' +
      `select $1::int8, (${FIRST_BLOCK} + n / ${BLOCK})::int8 * ${BLOCK} + n % ${BLOCK}, ` +
      "$2::int8 || '/' || lpad(($3::int8 + n * $5::int8)::text, 12, '0'), $2::int8, $3::int8 + n * $5::int8, points, " +
      '-1 - ((n::int8 * 7919) % $4::int8), case when points < 256 then points ' +
      `else (${bits} - 8) * 256 + ((points >> (${bits} - 9)) & 255) end, 1, 0 ` +
      `from (select n, ${POINTS[points]} as points from generate_series(0, $4::int - 1) as n) made`,
    [OPERATOR, season, FIRST_PLAYER, count, every],
  );
  await runSql(
    url,
    'insert into tournament_points (operator_id, id, total, counters) ' +
      'select $1::int8, $2::int8 * 64 + octave, sum(counted), ' +
      "string_agg(int4send(counted::int4), ''::bytea order by bucket) from (" +
      'select o.octave, b.bucket, count(e.id) as counted from (select distinct bucket / 256 as octave ' +
      'from tournament_entry where season_id = $2) o cross join generate_series(0, 255) as b(bucket) ' +
      'left join tournament_entry e on e.season_id = $2 and e.bucket = o.octave * 256 + b.bucket ' +
      'group by 1, 2) counters group by octave',
    [OPERATOR, season],
  );
  await runSql(
    url,
    'update tournament_season set sequence = $2, entries = $2, ranked = $2, scores = $2, block = $3 where id = $1',
    [season, count, FIRST_BLOCK + Math.floor((count - 1) / BLOCK)],
  );
  await runSql(url, 'vacuum analyze');
}

/** How many octaves have counters that are not those of their entries. */
export async function wrongCounters(url: string): Promise<number> {
  const [{ wrong }] = await runSql(
    url,
    'select count(*)::int as wrong from tournament_points p full join (select season_id * 64 + bucket / 256 as id, ' +
      'count(*) as total from tournament_entry where early < 0 group by 1) e on e.id = p.id ' +
      'where coalesce(p.total, 0) <> coalesce(e.total, 0)',
  );
  return wrong as number;
}
