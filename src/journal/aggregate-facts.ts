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
  /** How large it is stored. */
  readonly bytes: number;
}

/** Which facts of an aggregate are read: those of some kinds, up to `limit`. */
interface Wanted {
  readonly operator: OperatorNo;
  readonly aggregate: number;
  readonly kinds: readonly number[];
  readonly limit: number;
}

const selectFacts = (em: EntityManager, { operator, aggregate, kinds, limit }: Wanted) =>
  journalOf(em)
    .selectFrom('journal as j')
    .select(COLUMNS)
    .select(transfers)
    .where('j.operator_id', '=', operator)
    .where('j.aggregate_id', '=', aggregate)
    .where('j.kind', 'in', [...kinds])
    .limit(limit);

/** Facts of an aggregate whose sequences are below `before`, newest first. */
export async function factsOf(
  em: EntityManager,
  register: Register,
  { before, ...wanted }: Wanted & { readonly before: number },
): Promise<AggregateFact[]> {
  const query = selectFacts(em, wanted).where('j.aggregate_sequence', '<', before);
  const rows = await query.orderBy('j.aggregate_sequence', 'desc').execute();
  return rows.map((row) => aggregateFact(register, row));
}

/** Facts of an aggregate whose sequences are above `after`, oldest first. */
export async function factsAfter(
  em: EntityManager,
  register: Register,
  { after, ...wanted }: Wanted & { readonly after: number },
): Promise<AggregateFact[]> {
  const query = selectFacts(em, wanted).where('j.aggregate_sequence', '>', after);
  const rows = await query.orderBy('j.aggregate_sequence').execute();
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
  return {
    ...operation,
    fact: fact!,
    part: Number(row.part),
    sequence: Number(row.aggregate_sequence),
    bytes: row.fact.length,
  };
}
