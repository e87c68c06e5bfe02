import type { EntityManager } from '@mikro-orm/postgresql';
import type { OperatorNo } from '../kernel/index.ts';
import { readText } from './query.ts';

/** What an aggregate's facts since a sequence number are. */
export interface Change {
  readonly aggregate: number;
  /** The sequence of the last one. */
  readonly sequence: number;
  /** The facts of the wanted kinds, in order. */
  readonly wanted: readonly { readonly sequence: number; readonly operationId: string }[];
}

/** The maximum number of facts of an aggregate that one read covers; the next read continues. */
const STEP = 10_000;

/**
 * Reads what has happened to aggregates since the sequence numbers of `seen`; aggregates without new facts are omitted.
 *
 * Facts of one aggregate become visible in the order of their sequences and without gaps, because every transaction
 * holds the aggregate's lock until it has committed. So a reader by sequence misses nothing; and unlike a follower,
 * which waits for the oldest transaction of the database, it is not held up by anybody else's.
 */
export async function changesSince(
  em: EntityManager,
  operator: OperatorNo,
  seen: ReadonlyMap<number, number>,
  kinds: readonly number[],
): Promise<Change[]> {
  const text = `
    select w.id, s.sequence, s.sequences, s.operations
    from unnest($2::int8[], $3::int8[]) as w(id, seen) cross join lateral (
      select max(x.aggregate_sequence) as sequence,
        array_agg(x.aggregate_sequence::text order by x.aggregate_sequence) filter (where x.wanted) as sequences,
        array_agg(x.operation_id::text order by x.aggregate_sequence) filter (where x.wanted) as operations
      from (
        select j.aggregate_sequence, j.operation_id, j.kind = any($4::int2[]) as wanted from journal j
        where j.operator_id = $1 and j.aggregate_id = w.id and j.aggregate_sequence > w.seen
        order by j.aggregate_sequence limit $5
      ) x
    ) s where s.sequence is not null`;
  const rows = await readText<ChangeRow>(em, text, [operator, [...seen.keys()], [...seen.values()], kinds, STEP]);
  return rows.map(({ id, sequence, sequences, operations }) => ({
    aggregate: Number(id),
    sequence: Number(sequence),
    wanted: (operations ?? []).map((operationId, i) => ({ sequence: Number(sequences![i]), operationId })),
  }));
}

interface ChangeRow {
  readonly id: string;
  readonly sequence: string;
  readonly sequences: readonly string[] | null;
  readonly operations: readonly string[] | null;
}

/** The sequence of an aggregate's last fact; 0: it has none. */
export async function lastSequence(em: EntityManager, operator: OperatorNo, aggregate: number): Promise<number> {
  const text =
    'select j.aggregate_sequence from journal j where j.operator_id = $1 and j.aggregate_id = $2 ' +
    'order by j.aggregate_sequence desc limit 1';
  const [row] = await readText<{ aggregate_sequence: string }>(em, text, [operator, aggregate]);
  return Number(row?.aggregate_sequence ?? 0);
}
