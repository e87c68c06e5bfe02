import type { Reads } from '../db/index.ts';
import { readText } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';

const SUBSCRIBED = `select distinct w.operator_id from webhook w cross join unnest(w.events) as p(pattern)
where w.kind = 'events' and w.status in ('active', 'paused')
and (p.pattern in ('*', $1) or (right(p.pattern, 2) = '.*' and starts_with($1, left(p.pattern, -1))))`;

/** The operators that have a webhook of events of a type. */
export async function subscribedTo(reads: Reads, type: string): Promise<OperatorNo[]> {
  const rows = await reads((em) => readText<{ operator_id: string }>(em, SUBSCRIBED, [type]));
  return rows.map(({ operator_id: operator }) => Number(operator));
}
