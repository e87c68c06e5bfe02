import { readText } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { EntrySchema } from './entities.ts';
import { BUCKETS, bucketTop, OCTAVES } from './rules.ts';

/** An entry with its place: places count from 1, and entries of equal points have different ones. */
export interface Ranked {
  readonly place: number;
  /** The rank, if entries of equal points share theirs: the first place of those. */
  readonly shared: number;
  readonly player: number;
  readonly userId: string;
  readonly brandId: number;
  readonly playerHash: string;
  readonly points: bigint;
  /** The position in the ranking among entries of equal points: more is better. */
  readonly early: number;
}

/** A part of a ranking: from the best, from after a position, or around a player's entry. */
export type Part =
  | { readonly limit: number; readonly offset?: number }
  | { readonly limit: number; readonly points: bigint; readonly early: number }
  | { readonly above: number; readonly below: number; readonly code: string };

// Constant text, as all reads that players make on every screen (see readText). In a query builder most of it would be
// fragments of SQL too: comparisons of rows, and counters that are chosen by shifts.
const ENTRY = 'e.player_id, e.points, e.early, e.bucket from tournament_entry e';
// The index has only entries that have scored, and each part must say so.
const OF_SEASON = 'e.operator_id = $1 and e.season_id = $2 and e.early < 0';
const BEST_FIRST = 'order by e.points desc, e.early desc';
const WORST_FIRST = 'order by e.points, e.early';

// As values, not as a join: only so they are a range of the index.
const MINE = '((select points from me), (select early from me))';

const PARTS = {
  top: `select ${ENTRY} where ${OF_SEASON} ${BEST_FIRST} limit $3 offset $4`,
  after: `select ${ENTRY} where ${OF_SEASON} and (e.points, e.early) < ($4, $5) ${BEST_FIRST} limit $3`,
  around:
    `(select ${ENTRY} where ${OF_SEASON} and (e.points, e.early) > ${MINE} ${WORST_FIRST} limit $4) ` +
    `union all (select ${ENTRY} where ${OF_SEASON} and (e.points, e.early) <= ${MINE} ${BEST_FIRST} limit $5)`,
};
const ME =
  `me as materialized (select ${ENTRY} ` +
  "where e.operator_id = $1 and e.code = $3 and e.code <> '' and e.early < 0), ";

const counting = (condition: string): string =>
  'select count(*) from tournament_entry e ' +
  `where ${OF_SEASON} and ${condition} and e.points <= ${bucketTop('f.bucket')}`;

/**
 * Entries of a part, and what the place of the first one is counted from: the entries of higher octaves, the counters
 * of its own, and the better entries of its bucket. One statement, so that all are of one moment.
 */
const ranked = (before: string, part: string): string =>
  `with ${before}part as materialized (${part}), ` +
  'f as (select * from part order by points desc, early desc limit 1), ' +
  // Materialized, or it would be counted for every entry of the part.
  'n as materialized (select f.bucket, ' +
  '(select coalesce(sum(h.total), 0) from tournament_points h where h.operator_id = $1 ' +
  `and h.id > $2 * ${OCTAVES} + (f.bucket >> 8) and h.id < $2 * ${OCTAVES} + ${OCTAVES}) as octaves, ` +
  '(select h.counters from tournament_points h where h.operator_id = $1 ' +
  `and h.id = $2 * ${OCTAVES} + (f.bucket >> 8)) as counters, ` +
  `(${counting('(e.points, e.early) > (f.points, f.early)')}) as better, ` +
  `(${counting('e.points > f.points')}) as higher from f) ` +
  'select r.player_id, r.points::text, r.early, p.user_id, p.brand_id, p.public_hash, n.* ' +
  'from n cross join part r join player p on p.operator_id = $1 and p.id = r.player_id ' +
  'order by r.points desc, r.early desc';

const SQL = {
  top: ranked('', PARTS.top),
  after: ranked('', PARTS.after),
  around: ranked(ME, PARTS.around),
};

interface Columns {
  readonly player_id: string;
  readonly points: string;
  readonly early: string;
  readonly user_id: string;
  readonly brand_id: string;
  readonly public_hash: string;
  readonly bucket: string;
  readonly octaves: string;
  readonly counters: Buffer;
  readonly better: string;
  readonly higher: string;
}

/** A part of a season's ranking, best first. */
export async function readRanking(
  { reads }: Pick<Platform, 'reads'>,
  operator: OperatorNo,
  seasonId: number,
  part: Part,
): Promise<Ranked[]> {
  const [text, ...values] =
    'code' in part
      ? [SQL.around, part.code, part.above, part.below]
      : 'points' in part
        ? [SQL.after, part.limit, part.points, part.early]
        : [SQL.top, part.limit, part.offset ?? 0];
  const rows = await reads((em) => readText<Columns>(em, text, [operator, seasonId, ...values]));
  const [first] = rows;
  if (first === undefined) return [];
  const above = Number(first.octaves) + countersAbove(first.counters, Number(first.bucket) % BUCKETS);
  let shared = above + Number(first.higher) + 1;
  let points = first.points;
  return rows.map((row, i) => {
    const place = above + Number(first.better) + 1 + i;
    if (row.points !== points) [shared, points] = [place, row.points];
    return {
      place,
      shared,
      player: Number(row.player_id),
      userId: row.user_id,
      brandId: Number(row.brand_id),
      playerHash: row.public_hash,
      points: BigInt(row.points),
      early: Number(row.early),
    };
  });
}

/** The sum of the counters of higher buckets. */
function countersAbove(counters: Buffer, bucket: number): number {
  let sum = 0;
  for (let i = bucket + 1; i < BUCKETS; i++) sum += counters.readUInt32BE(i * 4);
  return sum;
}

/** How many entries have exactly these points. */
export async function countTied(
  { reads }: Pick<Platform, 'reads'>,
  operator: OperatorNo,
  seasonId: number,
  points: bigint,
): Promise<number> {
  return reads((em) => em.count(EntrySchema, { operatorId: operator, seasonId, early: { $lt: 0 }, points }));
}
