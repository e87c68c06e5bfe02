import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { WatchEventsRequest, WatchEventsResponse } from '../../../gen/ts/windfall/event/v1/event.ts';
import { matches, readGiven, type Events, type Position, type Rendered } from '../../events/index.ts';
import { journalTx, readText, type Execute } from '../../journal/index.ts';
import { ApiError, invalid, type Caller, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Context } from '../../rpc/index.ts';

/** How many streams of one operator a process has: each reads the journal for itself. */
const STREAMS_MAX = 16;
const POLL_MS = 500;
const STEP = 1000;
const HEARTBEAT_MS = 10_000;
const LIFE_MS = 3_600_000;
/** A stream ends this much earlier or later, so that clients do not return all at once. */
const LIFE_SPREAD = 0.1;
/** After all facts of a transaction. */
const PART_MAX = 32_767;
const TX_MAX = 2n ** 63n - 1n;
const END = { operationId: 'ffffffff-ffff-ffff-ffff-ffffffffffff', part: '32767' };

/** Streams the events of an operator, from a position in its journal. */
export function watchEvents(platform: Platform, events: Events) {
  const open = new Map<OperatorNo, number>();
  return async function* watch(
    { types, lastEventId }: WatchEventsRequest,
    { caller, signal }: Context,
  ): AsyncGenerator<WatchEventsResponse> {
    const { operator } = caller;
    const streams = open.get(operator) ?? 0;
    if (streams >= STREAMS_MAX)
      throw new ApiError('OVERLOADED', `the operator has ${STREAMS_MAX} streams of events here`, {
        retryAfterMs: 10_000,
      });
    open.set(operator, streams + 1);
    const ignore = events.listen(operator, wantedOf(types));
    try {
      const start = lastEventId === '' ? await now(platform) : positionOf(lastEventId);
      yield* follow({ platform, events, caller, signal, types }, start);
    } finally {
      ignore();
      open.set(operator, open.get(operator)! - 1);
    }
  };
}

/** Whether a stream wants events of a type. */
const wantedOf =
  (types: readonly string[]) =>
  (type: string): boolean =>
    types.length === 0 || types.some((pattern) => matches(pattern, type));

interface Watch extends Pick<Context, 'caller' | 'signal'> {
  readonly platform: Platform;
  readonly events: Events;
  readonly types: readonly string[];
}

async function* follow(watch: Watch, start: Position): AsyncGenerator<WatchEventsResponse> {
  const { platform, events, caller, signal, types } = watch;
  const wanted = wantedOf(types);
  const kinds = events.kindsOf(wanted);
  const endsAt = performance.now() + LIFE_MS * (1 + LIFE_SPREAD * (2 * Math.random() - 1));
  let at = start;
  // The first message comes at once.
  let sentAt = -Infinity;
  while (performance.now() < endsAt) {
    signal.throwIfAborted();
    const { operator } = caller;
    const step = await platform.reads((em) =>
      readGiven(executing(em), [operator, at.tx, at.operationId, at.part, STEP], kinds),
    );
    for (const event of await events.render(operator, step.facts)) {
      if (event.url !== '' || !wanted(event.type) || !(await isSeen(platform, caller, event))) continue;
      yield await messageOf(platform, operator, event);
      sentAt = performance.now();
    }
    if (step.count > 0) at = step.last;
    if (step.count === STEP) continue;
    if (performance.now() - sentAt >= HEARTBEAT_MS) {
      yield heartbeat(at);
      sentAt = performance.now();
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether a caller may see an event: a credential of a brand, those of the brand. */
async function isSeen({ tenants }: Platform, { operator, brand }: Caller, { brandId }: Rendered): Promise<boolean> {
  return brand === null || (brandId !== '' && brandId === (await tenants.of(operator)).brandName(brand));
}

const heartbeat = (at: Position): WatchEventsResponse => ({ eventId: idOf(at), content: undefined });

async function messageOf({ tenants }: Platform, operator: OperatorNo, event: Rendered): Promise<WatchEventsResponse> {
  const { id, type, documented, time, brandId, aggregate, sequence, data } = event;
  return {
    eventId: idOf(event.position),
    content: {
      $case: 'happened',
      value: {
        id,
        kind: type,
        eventType: documented,
        eventId: documented && id,
        aggregate,
        data,
        time: new Date(time / 1000),
        operatorId: (await tenants.of(operator)).name,
        brandId: brandId || undefined,
        sequence: BigInt(sequence),
      },
    },
  };
}

const idOf = ({ tx, operationId, part }: Position): string => `${tx}-${operationId.replaceAll('-', '')}-${part}`;

function positionOf(id: string): Position {
  const [tx = '', digits = '', part = ''] = id.split('-');
  if (BigInt(tx) > TX_MAX || Number(part) > PART_MAX) throw invalid('last_event_id', 'is not the id of an event');
  return { tx, operationId: digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), part };
}

/** The position of all that cannot be preceded any more. */
async function now({ reads }: Platform): Promise<Position> {
  const text = `select (${journalTx('pg_snapshot_xmin(pg_current_snapshot())')}::text::int8 - 1)::text as tx`;
  const [row] = await reads((em) => readText<{ tx: string }>(em, text, []));
  return { ...END, tx: row!.tx };
}

/** Runs a statement as followers do: rows are texts. */
const executing =
  (em: EntityManager): Execute =>
  async (text, params) =>
    (await readText<Record<string, unknown>>(em, text, params)).map((row) =>
      Object.values(row).map((value) => (value === null ? null : `${value as string | number}`) as string),
    );
