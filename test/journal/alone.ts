import type { Call } from '../../src/journal/call.ts';
import { decide, type Decided, type Outcome } from '../../src/journal/decide.ts';
import type { CallOptions, Command, Table } from '../../src/journal/index.ts';
import { LoadPlan } from '../../src/journal/load.ts';
import { State } from '../../src/journal/state.ts';
import { options } from './fixture.ts';

/** A stored row: what is given of it, the rest blank. */
export type Stored = readonly [table: Table<any>, row: { readonly id: number } & Readonly<Record<string, unknown>>];

/** Where a call is decided. */
export interface Scene {
  readonly rows?: readonly Stored[];
  /** Microseconds since 1970. */
  readonly now?: number;
  readonly tx?: number;
  readonly options?: Partial<CallOptions>;
}

export const NOW = 1_700_000_000_123_456;

/**
 * Decides calls of a command as a lane does, on the rows that it asks for and no others, without a database: for rules
 * of one command. Rows that are not given are blank, as those that are not stored are.
 */
export function decideAlone<Request>(
  command: Command<Request, any>,
  requests: readonly Request[],
  { rows = [], now = NOW, tx = 7, options: more = {} }: Scene = {},
): Decided & { readonly state: State } {
  const state = new State();
  const plan = new LoadPlan();
  const stored = new Map(rows.map(([table, row]) => [`${table.name}/${row.id}`, row]));
  const put = (): void => {
    for (const [table, { lock, read, codes, lockCodes }] of plan.tables) {
      for (const id of new Set([...lock, ...read]))
        if (!state.has(table, id) || lock.has(id))
          state.put(table, { ...table.blank(id), ...stored.get(`${table.name}/${id}`) }, lock.has(id));
      for (const [other, row] of rows) {
        if (other !== table || !(codes.has(row['code'] as string) || lockCodes.has(row['code'] as string))) continue;
        state.name(table, row['code'] as string, row.id);
        if (lockCodes.has(row['code'] as string)) state.put(table, { ...table.blank(row.id), ...row }, true);
      }
    }
  };
  for (const request of requests) command.needs(request, plan);
  put();
  for (const request of requests) command.needsThen?.(request, plan, state);
  put();
  const calls = requests.map((request): Call => ({
    command,
    request,
    options: options(more),
    resolve: () => undefined,
    reject: () => undefined,
  }));
  const epoch = { number: 1, startedAt: 0, txBase: 0 };
  const decided = decide(1, calls, { state, now, tx, epoch, known: new Map() }, (asset) => `A${asset}`);
  return { ...decided, state };
}

/** What a call came to: `done`, `later`, `stale`, or the reason of its refusal. Throws what it has failed with. */
export function wordOf(outcome: Outcome): string {
  if (outcome.is === 'failed') throw outcome.error;
  return outcome.is === 'refused' ? outcome.error.reason : outcome.is;
}
