import type { DefinitionChanged } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import {
  changeDefinition,
  idOfCode,
  readShownRows,
  requireDefinition,
  shownOf,
  type ChangeAnswer,
  type ChangeRequest,
  type DefinitionKind,
  type Shown,
  type ShownRows,
  type Stored,
} from '../../catalogue/index.ts';
import { runOne, type CallOptions, type Command } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Context } from '../../rpc/index.ts';
import {
  baseOf,
  desiredOf,
  hashOf,
  NOTHING,
  requestOf,
  stored,
  type Change,
  type DefinitionRequest,
  type Keyed,
} from './change-request.ts';
import { firstCall, optionsOf } from './known-call.ts';

/** A definition after a call; if the key was known, after the first call. */
export interface Changed {
  readonly shown: Shown<any>;
  readonly rows: ShownRows;
}

/** The fields of an update that are not content. */
const ENVELOPE = new Set(['id', 'idempotencyKey', 'status', 'reason', 'effectiveTime', 'expectedVersion']);
const isGiven = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '' && value !== 0;

/** Throws what refuses a call now, though it may have been made before with the same key. */
type Check = () => void | Promise<void>;

/** Writes version 1. Throws ASSET_NOT_FOUND, ALREADY_EXISTS, and the errors of the engine and of `check`. */
export async function createDefinition(
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: DefinitionRequest,
  context: Context,
  check?: Check,
): Promise<Changed> {
  const { operator } = context.caller;
  const keyed = hashOf(platform, path, request);
  const content = await created(platform, kind, request, optionsOf(context, kind, 'create', keyed, 0), check);
  // The check may have added assets.
  const tenant = await platform.tenants.of(operator);
  if (platform.mode === 'production') kind.requireProduction?.(content);
  const [id, versionId] = [await platform.newId(), await platform.newId()];
  kind.bind({ definitionId: id, code: request.id, version: 1, versionId, content }, tenant);
  return run(platform, kind, 'create', context, keyed, {
    id,
    tenant,
    content,
    base: null,
    sequence: 0,
    expectedVersion: 0,
    reason: request.reason,
    code: request.id,
    desired: { ...desiredOf(request), touches: true, content: stored(kind, content, versionId) },
  });
}

/**
 * The content of a new definition. A request that would be refused now, though not when it was first sent with its key,
 * has the content of then: it gets its first answer, so nothing is decided.
 */
async function created(
  platform: Platform,
  kind: DefinitionKind,
  request: DefinitionRequest,
  { operator, keys, requestHash }: CallOptions,
  check: Check | undefined,
): Promise<unknown> {
  try {
    await check?.();
    return await kind.create(request, platform.newId);
  } catch (error) {
    const first = await firstCall(platform, operator, keys);
    if (first === undefined || first.requestHash !== requestHash) throw error;
    const { content } = first.facts[0]!.data as DefinitionChanged;
    return kind.read(content!.format, content!.definition);
  }
}

/**
 * Writes the next version, changes the status, or both. Retried if the definition is changed concurrently. Throws the
 * errors of `check`.
 */
export async function updateDefinition(
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: DefinitionRequest,
  context: Context,
  check?: Check,
): Promise<Changed> {
  return changeOf(platform, kind, 'update', context, request, path, async (before) => {
    await check?.();
    // The check may have added assets.
    const tenant = await platform.tenants.of(context.caller.operator);
    const stays = kind.read(before.version.format, before.version.content);
    const content = await kind.update(stays, request, platform.newId);
    const bytes = kind.encode(content);
    const same =
      Buffer.from(bytes).equals(Buffer.from(before.version.content)) && before.version.format === kind.format;
    if (platform.mode === 'production' && !same) kind.requireProduction?.(content);
    const versionId = same ? 0 : await platform.newId();
    const { id, code } = before.head;
    kind.bind({ definitionId: id, code: idOfCode(code), version: before.head.latest + 1, versionId, content }, tenant);
    const touches = Object.entries(request).some(([name, value]) => !ENVELOPE.has(name) && isGiven(value));
    return {
      content,
      desired: { ...desiredOf(request), touches, content: same ? null : stored(kind, content, versionId) },
    };
  });
}

/** Archives a definition. */
export async function archiveDefinition(
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: DefinitionRequest,
  context: Context,
): Promise<Changed> {
  return changeOf(platform, kind, 'archive', context, request, path, async ({ version }) => ({
    content: kind.read(version.format, version.content),
    desired: { ...NOTHING, status: 'archived' },
  }));
}

/** Runs a change of the stored definition, as the caller's call. */
async function changeOf(
  platform: Platform,
  kind: DefinitionKind,
  verb: string,
  context: Context,
  request: DefinitionRequest,
  path: string,
  plan: (before: Stored) => Promise<Pick<ChangeRequest<any>, 'content' | 'desired'>>,
): Promise<Changed> {
  const { operator } = context.caller;
  const keyed = hashOf(platform, path, request);
  let before: Stored;
  const command = changeDefinition(kind);
  const answer = await runOne(
    {
      journal: platform.journal,
      command,
      async prepare() {
        before = await requireDefinition(platform.reads, kind, operator, request.id);
        const options = optionsOf(context, kind, verb, keyed, before.head.id);
        const planned = await plan(before).catch((error: unknown) =>
          plannedBefore(platform, kind, options, before, error),
        );
        const tenant = await platform.tenants.of(operator);
        const change = {
          ...planned,
          code: request.id,
          reason: request.reason,
          expectedVersion: request.expectedVersion ?? 0,
        };
        return {
          options,
          request: requestOf(platform, kind, 'change', { ...change, tenant, ...baseOf(before) }, keyed),
        };
      },
    },
    null,
    () => context.markReplayed(),
  );
  return answer ?? unchanged(platform, kind, operator, before!);
}

/**
 * A plan for a call that would fail now, but whose key is known: it gets its first answer, so nothing is decided.
 * Rejects with the error if the key is new.
 */
async function plannedBefore(
  platform: Platform,
  kind: DefinitionKind,
  { operator, keys }: CallOptions,
  { version }: Stored,
  error: unknown,
): Promise<Pick<ChangeRequest<any>, 'content' | 'desired'>> {
  if ((await firstCall(platform, operator, keys)) === undefined) throw error;
  return { content: kind.read(version.format, version.content), desired: NOTHING };
}

/** The answer to a call without a key that changed nothing: the definition as it was read. */
async function unchanged(
  platform: Platform,
  kind: DefinitionKind,
  operator: OperatorNo,
  before: Stored,
): Promise<Changed> {
  const shown = shownOf(kind, before);
  return { shown, rows: await readShownRows(platform.reads, kind, operator, [shown.content]) };
}

async function run(
  platform: Platform,
  kind: DefinitionKind,
  verb: string,
  context: Context,
  keyed: Keyed,
  change: Change,
): Promise<Changed> {
  const command: Command<ChangeRequest<any>, ChangeAnswer<any> | null> = changeDefinition(kind);
  const answer = await platform.journal.run(
    command,
    requestOf(platform, kind, 'create', change, keyed),
    optionsOf(context, kind, verb, keyed, change.id),
    () => context.markReplayed(),
  );
  return answer!;
}
