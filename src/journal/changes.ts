import type { EntityManager } from '@mikro-orm/postgresql';
import type { OperatorNo } from '../kernel/index.ts';
import { readText } from './query.ts';
import type { Register } from './register.ts';
import type { Table } from './table.ts';

/** `<table>/<row>`: an aggregate. Its row's number alone may also be that of a row of another table. */
export type AggregateName = `${number}/${number}`;

export const aggregateName = ({ number }: Table<any>, row: number): AggregateName => `${number}/${row}`;

/** The number of an aggregate's row. */
export const rowOfAggregate = (name: AggregateName): number => Number(name.split('/')[1]);

/** The numbers of the kinds of facts that an aggregate may have. */
function kindsOf({ facts }: Register, name: AggregateName): number[] {
  const table = Number(name.split('/')[0]);
  return [...new Set(facts.filter(({ aggregate }) => aggregate?.number === table).map(({ number }) => number))];
}

/** What an aggregate's facts since a sequence number are. */
export interface Change {
  readonly aggregate: AggregateName;
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
  register: Register,
  operator: OperatorNo,
  seen: ReadonlyMap<AggregateName, number>,
  kinds: readonly number[],
): Promise<Change[]> {
  const text = `
    select w.name, s.sequence, s.sequences, s.operations
    from unnest($2::text[], $3::int8[], $4::int8[], $5::text[]) as w(name, id, seen, kinds) cross join lateral (
      select max(x.aggregate_sequence) as sequence,
        array_agg(x.aggregate_sequence::text order by x.aggregate_sequence) filter (where x.wanted) as sequences,
        array_agg(x.operation_id::text order by x.aggregate_sequence) filter (where x.wanted) as operations
      from (
        select j.aggregate_sequence, j.operation_id, j.kind = any($6::int2[]) as wanted from journal j
        where j.operator_id = $1 and j.aggregate_id = w.id and j.aggregate_sequence > w.seen
          and j.kind = any(w.kinds::int2[])
        order by j.aggregate_sequence limit $7
      ) x
    ) s where s.sequence is not null`;
  const names = [...seen.keys()];
  const rows = await readText<ChangeRow>(em, text, [
    operator,
    names,
    names.map(rowOfAggregate),
    [...seen.values()],
    names.map((name) => `{${kindsOf(register, name).join()}}`),
    kinds,
    STEP,
  ]);
  return rows.map(({ name, sequence, sequences, operations }) => ({
    aggregate: name,
    sequence: Number(sequence),
    wanted: (operations ?? []).map((operationId, i) => ({ sequence: Number(sequences![i]), operationId })),
  }));
}

interface ChangeRow {
  readonly name: AggregateName;
  readonly sequence: string;
  readonly sequences: readonly string[] | null;
  readonly operations: readonly string[] | null;
}

/** The sequence of an aggregate's last fact; 0: it has none. */
export async function lastSequence(
  em: EntityManager,
  register: Register,
  operator: OperatorNo,
  name: AggregateName,
): Promise<number> {
  const text =
    'select j.aggregate_sequence from journal j where j.operator_id = $1 and j.aggregate_id = $2 ' +
    'and j.kind = any($3::int2[]) order by j.aggregate_sequence desc limit 1';
  const values = [operator, rowOfAggregate(name), kindsOf(register, name)];
  const [row] = await readText<{ aggregate_sequence: string }>(em, text, values);
  return Number(row?.aggregate_sequence ?? 0);
}
