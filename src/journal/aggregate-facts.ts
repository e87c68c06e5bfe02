import type { EntityManager } from '@mikro-orm/postgresql';
import type { OperatorNo } from '../kernel/index.ts';
import type { Fact, Operation } from './fact.ts';
import { COLUMNS, journalOf, operationsOf, transfers, type Row } from './query.ts';
import type { Register } from './register.ts';

/** A single fact of an aggregate, with its sequence among the aggregate's facts. */
export interface AggregateFact extends Omit<Operation, 'facts'> {
  readonly fact: Fact;
  /** Its index in the operation. */
  readonly part: number;
  readonly sequence: number;
}

/** Up to `limit` facts of an aggregate of some kinds whose sequences are below `before`, newest first. */
export async function factsOf(
  em: EntityManager,
  register: Register,
  {
    operator,
    aggregate,
    kinds,
    before,
    limit,
  }: {
    readonly operator: OperatorNo;
    readonly aggregate: number;
    readonly kinds: readonly number[];
    readonly before: number;
    readonly limit: number;
  },
): Promise<AggregateFact[]> {
  const rows = await journalOf(em)
    .selectFrom('journal as j')
    .select(COLUMNS)
    .select(transfers)
    .where('j.operator_id', '=', operator)
    .where('j.aggregate_id', '=', aggregate)
    .where('j.kind', 'in', [...kinds])
    .where('j.aggregate_sequence', '<', before)
    .orderBy('j.aggregate_sequence', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => aggregateFact(register, row));
}

/** Up to `limit` facts of an aggregate of some kinds whose sequences are above `after`, oldest first. */
export async function factsAfter(
  em: EntityManager,
  register: Register,
  {
    operator,
    aggregate,
    kinds,
    after,
    limit,
  }: {
    readonly operator: OperatorNo;
    readonly aggregate: number;
    readonly kinds: readonly number[];
    readonly after: number;
    readonly limit: number;
  },
): Promise<AggregateFact[]> {
  const rows = await journalOf(em)
    .selectFrom('journal as j')
    .select(COLUMNS)
    .select(transfers)
    .where('j.operator_id', '=', operator)
    .where('j.aggregate_id', '=', aggregate)
    .where('j.kind', 'in', [...kinds])
    .where('j.aggregate_sequence', '>', after)
    .orderBy('j.aggregate_sequence')
    .limit(limit)
    .execute();
  return rows.map((row) => aggregateFact(register, row));
}

/** The facts of an aggregate of some kinds that belong to some operations, oldest first. */
export async function factsIn(
  em: EntityManager,
  register: Register,
  operations: readonly string[],
  {
    operator,
    aggregate,
    kinds,
  }: { readonly operator: OperatorNo; readonly aggregate: number; readonly kinds: readonly number[] },
): Promise<AggregateFact[]> {
  if (operations.length === 0) return [];
  const rows = await journalOf(em)
    .selectFrom('journal as j')
    .select(COLUMNS)
    .select(transfers)
    .where('j.operator_id', '=', operator)
    .where('j.operation_id', 'in', [...operations])
    .where('j.aggregate_id', '=', aggregate)
    .where('j.kind', 'in', [...kinds])
    .orderBy('j.aggregate_sequence')
    .execute();
  return rows.map((row) => aggregateFact(register, row));
}

function aggregateFact(
  register: Register,
  row: Row & { readonly part: number; readonly aggregate_sequence: number },
): AggregateFact {
  const {
    facts: [fact],
    ...operation
  } = operationsOf(register, [row])[0]!;
  return { ...operation, fact: fact!, part: Number(row.part), sequence: Number(row.aggregate_sequence) };
}
