import { ApiError, invalid } from '../kernel/index.ts';
import type { ChangeName, Version } from './change.ts';
import { status, statusName, type DefinitionRow, type Status } from './entities.ts';
import type { DefinitionKind } from './kind.ts';

/** The state that changes are decided from: the head's columns without its key. */
export type Head = Omit<DefinitionRow, 'id' | 'sequence' | 'code' | 'updatedAt' | 'apart'>;

/** The part of a head's row that changes are decided from. */
export function headOf(row: Readonly<DefinitionRow>): Head {
  const { id: _, sequence: _sequence, code: _code, updatedAt: _updated, apart: _apart, ...head } = row;
  return head;
}

/** The desired state of a definition. */
export interface DesiredState {
  /** The content of the next version, which is stored as row `versionId`; null: the content does not change. */
  readonly content: Pick<Version, 'format' | 'definition' | 'configHash' | 'versionId'> | null;
  readonly status: '' | 'active' | 'draft' | 'paused' | 'archived';
  /** When it takes effect, in microseconds since 1970; 0: now. */
  readonly effectiveAt: number;
  /** Whether the request has content, even unchanged content: that withdraws a scheduled version. */
  readonly touches: boolean;
}

/** The result of a change: the new head, the version that it is about, and whether the definition opens. */
export interface Plan {
  readonly change: ChangeName;
  readonly head: Head;
  readonly version: Version;
  readonly opens: boolean;
}

/** How far ahead a version may be scheduled: ten years, in microseconds. */
const AHEAD_MAX = 10 * 366 * 86_400_000_000;

const NOTHING_SCHEDULED = { scheduled: 0, scheduledId: 0, scheduledAt: 0 };

/** The error for a definition that is not active: …_NOT_ACTIVE, 409. */
export function notActive({ reasons, engine }: DefinitionKind, code: string, now: Status): ApiError {
  const what = now === 'draft' ? 'a draft' : now;
  return new ApiError(reasons.notActive, `the ${engine} is ${what}`, { details: { id: code, status: now } });
}

/** Whether something takes effect later. Throws INVALID_ARGUMENT if it is too far ahead. */
function isLater(effectiveAt: number, now: number): boolean {
  if (effectiveAt > now + AHEAD_MAX) throw invalid('effective_time', 'must be within ten years');
  return effectiveAt > now;
}

/** Plans a new definition. @param now microseconds since 1970. */
export function planCreate({ content, status: desired, effectiveAt }: DesiredState, now: number): Plan {
  const later = isLater(effectiveAt, now);
  if (later && desired === 'active') throw invalid('status', 'must be empty or draft where effective_time is to come');
  const active = !later && desired !== 'draft';
  const version: Version = {
    ...content!,
    version: 1n,
    publishedAt: BigInt(now),
    effectiveAt: active ? BigInt(now) : 0n,
  };
  const versionId = Number(content!.versionId);
  const scheduled = later ? { scheduled: 1, scheduledId: versionId, scheduledAt: effectiveAt } : NOTHING_SCHEDULED;
  const head: Head = {
    status: active ? status.active : status.draft,
    version: 1,
    versionId,
    latest: 1,
    ...scheduled,
    openedAt: active ? now : 0,
    createdAt: now,
  };
  return { change: 'created', head, version, opens: active };
}

/**
 * Plans a change of an existing definition. `base` is the version that the content is based on: the one in force, or a
 * draft's newest. Throws …_NOT_ACTIVE and INVALID_ARGUMENT.
 */
export function planChange(
  kind: DefinitionKind,
  code: string,
  head: Head,
  base: Version,
  desired: DesiredState,
  now: number,
): Plan {
  const before = statusName(head.status);
  if (desired.status === 'archived') return planArchive(head, base);
  if (before === 'archived' && desired.status !== 'active') throw notActive(kind, code, before);
  if (before === 'draft' && desired.status === 'paused') throw notActive(kind, code, before);
  return isLater(desired.effectiveAt, now)
    ? planLater(before, head, base, desired, now)
    : planNow(before, head, base, desired, now);
}

function planArchive(head: Head, base: Version): Plan {
  if (head.status === status.archived) return { change: 'unchanged', head, version: base, opens: false };
  return {
    change: 'archived',
    head: { ...head, ...NOTHING_SCHEDULED, status: status.archived },
    version: base,
    opens: false,
  };
}

function planLater(
  before: Status,
  head: Head,
  base: Version,
  { content, status: desired, effectiveAt }: DesiredState,
  now: number,
): Plan {
  if (before === 'archived') throw invalid('effective_time', 'cannot be set where an archived one is revived');
  if (desired !== '') throw invalid('status', 'must be empty where effective_time is to come');
  if (content === null && before !== 'draft') throw invalid('effective_time', 'needs a change that takes effect then');
  const next = content === null ? null : nextVersion(head, content, now, 0);
  const version = next ?? base;
  const scheduled = {
    scheduled: Number(version.version),
    scheduledId: Number(version.versionId),
    scheduledAt: effectiveAt,
  };
  const shown = before === 'draft' ? { version: scheduled.scheduled, versionId: scheduled.scheduledId } : {};
  return {
    change: 'scheduled',
    head: { ...head, ...shown, latest: next === null ? head.latest : head.latest + 1, ...scheduled },
    version,
    opens: false,
  };
}

function planNow(
  before: Status,
  head: Head,
  base: Version,
  { content, status: desired, touches }: DesiredState,
  now: number,
): Plan {
  const after = desired === '' ? before : desired;
  const inForce = after !== 'draft';
  const withdraws = touches && head.scheduled !== 0;
  if (content === null && after === before && !withdraws)
    return { change: 'unchanged', head, version: base, opens: false };
  const opens = after === 'active' && head.openedAt === 0;
  const effectiveAt = !inForce ? 0 : content === null && base.effectiveAt > 0n ? Number(base.effectiveAt) : now;
  const version =
    content === null ? { ...base, effectiveAt: BigInt(effectiveAt) } : nextVersion(head, content, now, effectiveAt);
  const scheduled = content !== null || withdraws || opens ? NOTHING_SCHEDULED : {};
  const name: ChangeName = after === before ? 'updated' : after === 'paused' ? 'paused' : 'activated';
  return {
    change: name,
    head: {
      ...head,
      ...scheduled,
      status: status[after],
      version: Number(version.version),
      versionId: Number(version.versionId),
      latest: content === null ? head.latest : head.latest + 1,
      openedAt: opens ? now : head.openedAt,
    },
    version,
    opens,
  };
}

function nextVersion(
  head: Head,
  content: NonNullable<DesiredState['content']>,
  now: number,
  effectiveAt: number,
): Version {
  return { ...content, version: BigInt(head.latest + 1), publishedAt: BigInt(now), effectiveAt: BigInt(effectiveAt) };
}

/** Plans that the scheduled version takes effect. A paused definition stays paused; a draft becomes active. */
export function planEffect(head: Head, scheduled: Version, now: number): Plan {
  const opens = head.status === status.draft;
  return {
    change: 'effective',
    head: {
      ...head,
      ...NOTHING_SCHEDULED,
      status: opens ? status.active : head.status,
      version: head.scheduled,
      versionId: head.scheduledId,
      openedAt: opens ? now : head.openedAt,
    },
    version: { ...scheduled, effectiveAt: BigInt(now) },
    opens,
  };
}
