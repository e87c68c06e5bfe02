import { NEW_ROWS, STEP_ROWS, type Execute, type StepParams } from '../journal/index.ts';

/** A fact of the journal, as it is stored. */
export interface StoredFact {
  readonly operationId: string;
  readonly part: number;
  readonly kind: number;
  readonly version: number;
  readonly aggregate: number;
  readonly sequence: number;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly tx: string;
  readonly bytes: Buffer;
}

/** A position in an operator's journal. */
export interface Position {
  readonly tx: string;
  readonly operationId: string;
  readonly part: string;
}

/** What a step has read. */
export interface Step {
  /** How many facts it has passed; fewer than the step's limit: it is at the end. */
  readonly count: number;
  readonly last: Position;
  /** Those of the wanted kinds, in the order of the journal. */
  readonly facts: readonly StoredFact[];
}

const STEP_SQL = `step as materialized (
  select j.tx, j.operation_id, j.part, j.kind, j.aggregate_id, j.aggregate_sequence from journal j where ${STEP_ROWS}
),
last as materialized (
  select s.tx, s.operation_id, s.part, (select count(*) from step) as count from step s
  order by s.tx desc, s.operation_id desc, s.part desc limit 1
)`;

/** One row at least if the step has any: its end, and the wanted facts of `facts`. */
const FACTS_SQL = `select l.tx as last_tx, l.operation_id as last_id, l.part as last_part, l.count,
  j.operation_id, j.part, j.kind, j.version, j.aggregate_id, j.aggregate_sequence,
  (extract(epoch from j.time) * 1000000)::int8 as time, j.tx,
  encode(j.fact, 'hex') as fact
from last l left join (facts f join journal j on j.operator_id = $1 and j.operation_id = f.operation_id
  and j.part = f.part and j.kind in (select kind from wanted)) on true
order by j.tx, j.operation_id, j.part`;

/**
 * The facts of a step of the kinds that somebody is subscribed to, and of those in $10.
 *
 * Transactions do not get their numbers in the order in which they lock an aggregate. So a step may have an aggregate's
 * fact whose predecessor comes later in the journal's order, and may not be readable yet: `early` are those
 * predecessors, found by the sequence without gaps that the facts of an aggregate have. A fact is committed before the
 * next one of its aggregate, so it is there. Without `early` order would not be kept.
 */
const subscribedSql = (): string => `with recursive
subscribed as materialized (
  select v.kind from unnest($6::int2[], $9::text[]) as v(kind, type) where exists (
    select from webhook w cross join unnest(w.events) as p(pattern)
    where w.operator_id = $1 and w.kind = 'events' and w.status in ('active', 'paused')
    and (p.pattern in ('*', v.type) or (right(p.pattern, 2) = '.*' and starts_with(v.type, left(p.pattern, -1)))))
),
wanted as materialized (select kind from subscribed union select unnest($10::int2[])),
tables as materialized (
  select t.kind, t.number from unnest($7::int2[], $8::int4[]) as t(kind, number) where t.number in (
    select w.number from unnest($7::int2[], $8::int4[]) as w(kind, number) join subscribed using (kind))
),
${STEP_SQL},
followed as (
  select s.aggregate_id, s.aggregate_sequence, t.number,
    lag(s.aggregate_sequence) over (partition by t.number, s.aggregate_id order by s.aggregate_sequence) as previous
  from step s join tables t on t.kind = s.kind
),
early as (
  select p.operation_id, p.part, p.aggregate_id, p.aggregate_sequence, f.number from followed f
  cross join last l cross join lateral (${predecessor('f')}) p
  where f.previous is distinct from f.aggregate_sequence - 1
  union all
  select p.operation_id, p.part, p.aggregate_id, p.aggregate_sequence, e.number from early e
  cross join last l cross join lateral (${predecessor('e')}) p
),
facts as (
  select s.operation_id, s.part from step s where s.kind in (select kind from wanted)
  union select e.operation_id, e.part from early e
)
${FACTS_SQL}`;

/** The fact before another one of its aggregate, if the step does not reach it. */
const predecessor = (of: string): string =>
  'select x.operation_id, x.part, x.aggregate_id, x.aggregate_sequence from journal x join tables t ' +
  `on t.kind = x.kind and t.number = ${of}.number where x.operator_id = $1 and x.aggregate_id = ${of}.aggregate_id ` +
  `and x.aggregate_sequence = ${of}.aggregate_sequence - 1 ` +
  'and (x.tx, x.operation_id, x.part) > (l.tx, l.operation_id, l.part)';

const SUBSCRIBED = subscribedSql();
const GIVEN = `with wanted as materialized (select unnest($6::int2[]) as kind), ${STEP_SQL},
facts as (select s.operation_id, s.part from step s where s.kind in (select kind from wanted)) ${FACTS_SQL}`;

/** The kinds of facts that have events, by number, with the events' types; and the aggregates of all their facts. */
export interface Kinds {
  readonly kinds: readonly number[];
  readonly types: readonly string[];
  /** The kinds that have callbacks. */
  readonly callbacks: readonly number[];
  /** Kinds of facts, and the tables of their aggregates. */
  readonly factKinds: readonly number[];
  readonly tables: readonly number[];
}

/** Reads a step of the facts that anybody is subscribed to. */
export async function readSubscribed(execute: Execute, params: StepParams, of: Kinds): Promise<Step> {
  const { kinds, types, callbacks, factKinds, tables } = of;
  return stepOf(await execute(SUBSCRIBED, [...params, kinds, factKinds, tables, types, callbacks]));
}

/** Reads a step of the facts of given kinds. */
export async function readGiven(execute: Execute, params: StepParams, kinds: readonly number[]): Promise<Step> {
  return stepOf(await execute(GIVEN, [...params, kinds]));
}

/**
 * To the end of the journal at once, with the facts of $6 alone, if no webhook gets events: reading each fact to find
 * that nobody wants it cost an eighth of the rate of contributions. One statement, so that a webhook that is made
 * meanwhile is either seen, or made after all facts that are passed.
 */
const UNSUBSCRIBED = `with hooks as materialized (
  select exists (select from webhook w where w.operator_id = $1 and w.kind = 'events'
    and w.status in ('active', 'paused')) as some
),
wanted as (select unnest($6::int2[]) as kind),
facts as materialized (
  select j.tx, j.operation_id, j.part from journal j cross join hooks h
  where not h.some and j.kind in (select kind from wanted) and ${STEP_ROWS}
),
last as (
  (select f.tx, f.operation_id, f.part, $5::int8 as count from facts f where (select count(*) from facts) = $5
   order by f.tx desc, f.operation_id desc, f.part desc limit 1)
  union all
  (select j.tx, j.operation_id, j.part, 1 from journal j cross join hooks h
   where not h.some and (select count(*) from facts) < $5 and ${NEW_ROWS}
   order by j.tx desc, j.operation_id desc, j.part desc limit 1)
)
${FACTS_SQL}`;

/** Reads the facts of callbacks, if nobody gets events. A count of 0: somebody does, or there is nothing new. */
export async function readCallbacks(execute: Execute, params: StepParams, { callbacks }: Kinds): Promise<Step> {
  return stepOf(await execute(UNSUBSCRIBED, [...params, callbacks]));
}

function stepOf(rows: readonly (readonly (string | null)[])[]): Step {
  const [tx, operationId, part, count] = rows[0] ?? ['', '', '', '0'];
  return {
    count: Number(count),
    last: { tx: tx!, operationId: operationId!, part: part! },
    facts: rows.filter((row) => row[4] !== null).map(factOf),
  };
}

function factOf(row: readonly (string | null)[]): StoredFact {
  const [operationId, part, kind, version, aggregate, sequence, time, tx, bytes] = row.slice(4) as string[];
  return {
    operationId: operationId!,
    part: Number(part),
    kind: Number(kind),
    version: Number(version),
    aggregate: Number(aggregate),
    sequence: Number(sequence),
    time: Number(time),
    tx: tx!,
    bytes: Buffer.from(bytes!, 'hex'),
  };
}
