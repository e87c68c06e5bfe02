import type { Sql } from '../../db/index.ts';
import { seedStream, streamId, type StreamRow } from '../../fairness/index.ts';
import { findRow, selectRows } from '../../journal/index.ts';
import { Refusal, type OperatorNo } from '../../kernel/index.ts';
import { player } from '../../players/index.ts';
import type { Definition } from './definition.ts';
import {
  jackpot, jackpotHits, jackpotVersion, pot, status, type JackpotRow, type PotRow, type RecentHit, type VersionRow,
} from './entities.ts';
import { recentHits } from './commands/win.ts';

/** A jackpot with its current version. */
export interface StoredJackpot {
  readonly head: JackpotRow;
  readonly definition: Definition;
}

/** A jackpot with all that it shows. */
export interface WholeJackpot extends StoredJackpot {
  readonly pots: ReadonlyMap<number, PotRow>;
  readonly streams: ReadonlyMap<number, StreamRow>;
}

/** The jackpot of a code. Refuses: JACKPOT_NOT_FOUND. */
export async function requireJackpot(sql: Sql, operator: OperatorNo, code: string): Promise<StoredJackpot> {
  const head = await findRow(sql, jackpot, operator, code);
  if (head === undefined) throw new Refusal('JACKPOT_NOT_FOUND', 'no such jackpot', { details: { id: code } });
  return (await withVersions(sql, operator, [head]))[0]!;
}

/** Up to `limit` active jackpots whose codes are greater than `after`, in their order. */
export async function listJackpots(sql: Sql, operator: OperatorNo, after: string, limit: number): Promise<WholeJackpot[]> {
  const heads = await selectRows(sql, jackpot, operator,
    't.status = $2 and t.code collate "C" > $3 and t.code <> \'\' order by t.code collate "C" limit $4',
    [status.active, after, limit]);
  return withPots(sql, operator, await withVersions(sql, operator, heads));
}

/** A version by its number, for proofs. */
export async function findVersion(sql: Sql, operator: OperatorNo, versionId: number): Promise<VersionRow | undefined> {
  return (await selectRows(sql, jackpotVersion, operator, 't.id = $2', [versionId]))[0];
}

/** The code of a jackpot by its number. */
export async function codeOf(sql: Sql, operator: OperatorNo, id: number): Promise<string> {
  return (await selectRows(sql, jackpot, operator, 't.id = $2', [id]))[0]!.code;
}

/** Versions are never changed, so that reading them after their heads shows one consistent jackpot each. */
async function withVersions(sql: Sql, operator: OperatorNo, heads: readonly JackpotRow[]): Promise<StoredJackpot[]> {
  const ids = heads.map((head) => head.versionId);
  const versions = await selectRows(sql, jackpotVersion, operator, 't.id = any($2::int8[])', [ids]);
  const byId = new Map(versions.map((version) => [version.id, version]));
  return heads.map((head) => ({ head, definition: JSON.parse(byId.get(head.versionId)!.definition) as Definition }));
}

/** Jackpots with their pots and streams; each row as it was at some moment between two contributions. */
export async function withPots(sql: Sql, operator: OperatorNo, jackpots: readonly StoredJackpot[]): Promise<WholeJackpot[]> {
  const potIds = jackpots.flatMap(({ definition }) => definition.pots.map((one) => one.pot));
  const streamIds = [...jackpots.map(({ head }) => streamId('jackpot', head.id)), ...potIds.map((id) => streamId('pot', id))];
  const [pots, streams] = await Promise.all([
    selectRows(sql, pot, operator, 't.id = any($2::int8[])', [potIds]),
    selectRows(sql, seedStream, operator, 't.id = any($2::int8[])', [streamIds]),
  ]);
  const [potsById, streamsById] = [new Map(pots.map((row) => [row.id, row])), new Map(streams.map((row) => [row.id, row]))];
  return jackpots.map((one) => ({ ...one, pots: potsById, streams: streamsById }));
}

/** The last hits of a jackpot with the winners' user ids, the newest first. */
export async function lastHits(sql: Sql, operator: OperatorNo, id: number): Promise<(RecentHit & { readonly userId: string })[]> {
  const [row] = await selectRows(sql, jackpotHits, operator, 't.id = $2', [id]);
  const hits = recentHits(row?.recent ?? '');
  const users = await userIds(sql, operator, hits.map((hit) => hit.player));
  return hits.map((hit) => ({ ...hit, userId: users.get(hit.player) ?? '' }));
}

/** The user ids of players by their numbers. */
export async function userIds(sql: Sql, operator: OperatorNo, players: readonly number[]): Promise<Map<number, string>> {
  const rows = await selectRows(sql, player, operator, 't.id = any($2::int8[])', [players]);
  return new Map(rows.map((row) => [row.id, row.userId]));
}
