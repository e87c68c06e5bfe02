import type { DefinitionChanged } from '../../gen/ts/windfall/facts/v1/facts.ts';
import {
  isDue,
  StaleVersionError,
  type Command,
  type Fact,
  type Snapshot,
  type TaskOrder,
  type RowRequests,
} from '../journal/index.ts';
import { ApiError } from '../kernel/index.ts';
import { change, definitionChanged, shownAfter, type Version } from './change.ts';
import {
  definition,
  definitionCode,
  definitionShelf,
  definitionVersion,
  status,
  type DefinitionRow,
} from './entities.ts';
import type { DefinitionKind, Shown, ShownRows } from './kind.ts';
import { headOf, planChange, planCreate, planEffect, type DesiredState, type Plan } from './plan.ts';
import { rowsAfter, rowsOf } from './shown-rows.ts';

/** The task by which a scheduled version takes effect. */
export const TAKE_EFFECT = 'catalogue.take-effect';

/** A change of one definition, based on the state that was read. */
export interface ChangeRequest<Content> {
  readonly act: 'create' | 'change' | 'effect';
  /** The number of the head. */
  readonly id: number;
  /** The operator's id. */
  readonly code: string;
  /** How many changes the head had when it was read. */
  readonly sequence: number;
  /** The version that the change is based on; for 'effect', the scheduled one; null for a new definition. */
  readonly base: Version | null;
  /** The content after the change: of the next version, otherwise of the base. */
  readonly content: Content;
  readonly desired: DesiredState;
  readonly reason: string;
  /** The version that the caller expects to be the newest; 0: any. */
  readonly expectedVersion: number;
  /** Whether the call has an idempotency key: then it records a fact even if it changes nothing. */
  readonly keyed: boolean;
  /** What the opening needs from outside; undefined if the engine opens nothing. */
  readonly prepared: unknown;
  assetNo(code: string): number;
}

/** The definition after a change, according to its fact; null: nothing was changed and nothing recorded. */
export interface ChangeAnswer<Content> {
  readonly shown: Shown<Content>;
  readonly rows: ShownRows;
}

/**
 * Creates or changes a definition. Throws ALREADY_EXISTS, VERSION_MISMATCH, …_NOT_ACTIVE, INVALID_ARGUMENT, the errors
 * of the opening, and StaleVersionError if the definition was changed since it was read.
 */
export function changeDefinition<Content>(
  kind: DefinitionKind<Content>,
): Command<ChangeRequest<Content>, ChangeAnswer<Content> | null> {
  return {
    name: `${kind.engine}.change`,
    needs: (request, rows) => needs(kind, request, rows),
    decide(request, snapshot) {
      const row = snapshot.row(definition, request.id);
      const plan = planOf(kind, request, row, snapshot);
      if (plan === null || (plan.change === 'unchanged' && !request.keyed)) return [];
      return factsOf(kind, request, row, plan, snapshot);
    },
    answer({ facts }) {
      if (facts.length === 0) return null;
      const { id, data } = facts[0]! as Fact<DefinitionChanged>;
      const shown = shownAfter(kind, id, data);
      return { shown, rows: rowsOf(kind.shows?.(shown.content) ?? [], data.rows) };
    },
  };
}

function needs<Content>(
  kind: DefinitionKind<Content>,
  { act, id, code, base, content, desired, assetNo }: ChangeRequest<Content>,
  rows: RowRequests,
): void {
  if (act === 'create') rows.find(definition, definitionCode(kind.engine, code));
  rows.lock(definition, id);
  if (kind.shelf !== undefined) rows.lock(definitionShelf, kind.shelf);
  if (base !== null) rows.lock(definitionVersion, Number(base.versionId));
  if (desired.content !== null) rows.lock(definitionVersion, Number(desired.content.versionId));
  for (const [table, rowId] of kind.locks?.(content) ?? []) rows.lock(table, rowId);
  for (const [table, rowId] of kind.shows?.(content) ?? []) rows.read(table, rowId);
  if (desired.content !== null) kind.following?.needs(content, id, rows);
  // Whether it opens is known only once the head is locked, so the rows of an opening are always requested.
  kind.opening?.needs(content, rows, assetNo);
}

function planOf<Content>(
  kind: DefinitionKind<Content>,
  request: ChangeRequest<Content>,
  row: Readonly<DefinitionRow>,
  snapshot: Snapshot,
): Plan | null {
  const { act, code, sequence, base, desired, expectedVersion } = request;
  if (act === 'create') {
    if (snapshot.find(definition, definitionCode(kind.engine, code)) !== undefined) {
      throw new ApiError('ALREADY_EXISTS', 'the id is taken', { details: { field: 'id', id: code } });
    }
    return planCreate(desired, snapshot.now);
  }
  if (expectedVersion !== 0 && expectedVersion !== row.latest) {
    throw new ApiError('VERSION_MISMATCH', `the ${kind.engine} has changed`, {
      details: { version: String(row.latest) },
    });
  }
  if (row.sequence !== sequence) throw new StaleVersionError();
  if (act === 'change') return planChange(kind, code, headOf(row), base!, desired, snapshot.now);
  if (row.scheduled === 0 || !isDue(row.scheduledAt, desired.effectiveAt, snapshot.now)) return null;
  return planEffect(headOf(row), base!, snapshot.now);
}

function factsOf<Content>(
  kind: DefinitionKind<Content>,
  request: ChangeRequest<Content>,
  before: Readonly<DefinitionRow>,
  plan: Plan,
  snapshot: Snapshot,
): Fact[] {
  const { id, content, assetNo, prepared } = request;
  const { version, versionId } = plan.head;
  const opened = plan.opens
    ? (kind.opening?.open(content, { definitionId: id, version, versionId, prepared, assetNo }, snapshot) ?? [])
    : [];
  const inForce = before.openedAt !== 0 && Number(plan.version.versionId) === versionId;
  const following = inForce
    ? (kind.renewal?.(content, { version, versionId, archives: plan.change === 'archived' }, snapshot) ?? opened)
    : opened;
  const shown = kind.shows?.(content) ?? [];
  const rows = rowsAfter(shown, following, snapshot);
  const [was, is] = [before.status === status.active && before.version, plan.head.version];
  const renewed = plan.head.status === status.active && was !== is && !plan.opens;
  const tasks: TaskOrder[] = [
    ...(plan.head.scheduledAt > 0 && plan.head.scheduledAt !== before.scheduledAt
      ? [{ task: TAKE_EFFECT, id, at: plan.head.scheduledAt }]
      : []),
    ...(renewed ? (kind.ordersOf?.(content, rowsOf(shown, rows)) ?? []) : []),
  ];
  const fact: Fact<DefinitionChanged> = {
    kind: definitionChanged,
    id,
    data: dataOf(kind, request, plan, {
      rows,
      updatedAt: BigInt(plan.change === 'unchanged' ? before.updatedAt : snapshot.now),
    }),
    transfers: [],
    tasks,
  };
  const indexed = request.desired.content === null ? [] : (kind.following?.facts(content, id, snapshot) ?? []);
  return [fact, ...following, ...indexed];
}

function dataOf<Content>(
  kind: DefinitionKind<Content>,
  { code, reason }: ChangeRequest<Content>,
  plan: Plan,
  more: Pick<DefinitionChanged, 'rows' | 'updatedAt'>,
): DefinitionChanged {
  const { head, version } = plan;
  return {
    engine: kind.engine,
    code,
    reason,
    ...more,
    shelf: BigInt(kind.shelf ?? 0),
    change: change[plan.change],
    status: head.status,
    version: BigInt(head.version),
    versionId: BigInt(head.versionId),
    latest: BigInt(head.latest),
    scheduled: BigInt(head.scheduled),
    scheduledId: BigInt(head.scheduledId),
    scheduledAt: BigInt(head.scheduledAt),
    openedAt: BigInt(head.openedAt),
    createdAt: BigInt(head.createdAt),
    content: { ...version, definition: Buffer.from(version.definition), configHash: Buffer.from(version.configHash) },
  };
}
