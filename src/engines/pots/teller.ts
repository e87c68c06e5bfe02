import { setTimeout as sleep } from 'node:timers/promises';
import { findDefinitions, shownOf } from '../../catalogue/index.ts';
import { readText, taskOptions } from '../../journal/index.ts';
import { ApiError, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Background, BackgroundHost } from '../kit/index.ts';
import { routeKind } from './config/entities.ts';
import { UPDATE } from './events/update.ts';
import { instances } from './instances.ts';
import { showing } from './showing.ts';

const POLL_MS = 1000;
/** How many instances of an operator are told in a round. */
const PAGE = 500;

/** Tells what instances show, while somebody wants to know: every change, with all others of a few seconds. */
export function tellInstances(platform: Platform, { listening, fault }: BackgroundHost): Background {
  const stop = new AbortController();
  const { signal } = stop;
  // A server that stops, or that has no database, tells it later.
  const noted = (error: unknown): void => {
    if (!signal.aborted && !(error instanceof ApiError)) fault(error, showing.name);
  };
  const done = (async () => {
    while (!signal.aborted) {
      const operators = await listening(UPDATE).catch(noted);
      for (const operator of operators ?? []) await tellOperator(platform, operator).catch(noted);
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stop.abort();
      await done;
    },
  };
}

// The numbers of those that have changed since they were told.
const CHANGED = `select l.id from pots_listing l
join definition d on d.operator_id = l.operator_id and d.id = l.id
join jackpot j on j.operator_id = l.operator_id and j.id = l.jackpot_id
where l.operator_id = $1 and l.is_told = 1 and (l.told <> j.sequence or l.told_head <> d.sequence)
and l.told_at < clock_timestamp() - interval '5 s' order by l.told_at limit $2`;

/** Tells what the instances of an operator show that have changed. */
async function tellOperator(platform: Platform, operator: OperatorNo): Promise<void> {
  const { reads, journal } = platform;
  const rows = await reads((em) => readText<{ id: string }>(em, CHANGED, [operator, PAGE]));
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => Number(id));
  const changed = (await findDefinitions(reads, operator, ids)).map((one) => shownOf(instances, one));
  const sources = await sourcesOf(
    platform,
    operator,
    changed.map(({ code }) => code),
  );
  const told = await Promise.allSettled(
    changed.map((shown) => {
      const { jackpot, instance } = shown.content;
      const { gameCode = '' } = instance!;
      const leading = new Set([...(sources.get(shown.code) ?? []), ...(gameCode === '' ? [] : [gameCode])]);
      const request = { shown, sources: [...leading] };
      return journal.run(showing, request, taskOptions(operator, Number(jackpot)));
    }),
  );
  const failed = told.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

const SOURCES = `select r.code as source, x.jackpot ->> 'instance' as instance from pots_route r
cross join lateral jsonb_array_elements(r.jackpots) as x(jackpot)
where r.operator_id = $1 and r.kind = $2 and x.jackpot ->> 'instance' = any($3::text[]) order by r.code`;

/** The ids of the sources that lead to instances. */
async function sourcesOf(
  { reads }: Platform,
  operator: OperatorNo,
  codes: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await reads((em) =>
    readText<{ source: string; instance: string }>(em, SOURCES, [operator, routeKind.source, codes]),
  );
  const byInstance = Map.groupBy(rows, ({ instance }) => instance);
  return new Map([...byInstance].map(([instance, all]) => [instance, all.map(({ source }) => source)]));
}
