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
import { callOptions, findOperationByKey, runOne, type CallOptions, type Command } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Context } from '../../rpc/index.ts';
import type { Tenant } from '../../tenants/index.ts';
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

/** A definition after a call; if the key was known, after the first call. */
export interface Changed {
  readonly shown: Shown<any>;
  readonly rows: ShownRows;
}

/** The fields of an update that are not content. */
const ENVELOPE = new Set(['id', 'idempotencyKey', 'status', 'reason', 'effectiveTime', 'expectedVersion']);
const isGiven = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '' && value !== 0;

/** Writes version 1. Throws ASSET_NOT_FOUND, ALREADY_EXISTS, and the errors of the engine. */
export async function createDefinition(
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: DefinitionRequest,
  context: Context,
): Promise<Changed> {
  const { operator } = context.caller;
  const tenant = await platform.tenants.of(operator);
  const keyed = hashOf(platform, path, request);
  const content = await created(platform, kind, request, optionsOf(context, kind, 'create', keyed, 0));
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
  { reads, register, newId }: Platform,
  kind: DefinitionKind,
  request: DefinitionRequest,
  { operator, keys: [key], requestHash }: CallOptions,
): Promise<unknown> {
  try {
    return await kind.create(request, newId);
  } catch (error) {
    const first = key === undefined ? undefined : await reads((em) => findOperationByKey(em, register, operator, key));
    if (first === undefined || first.requestHash !== requestHash) throw error;
    const { content } = first.facts[0]!.data as DefinitionChanged;
    return kind.read(content!.format, content!.definition);
  }
}

/** Writes the next version, changes the status, or both. Retried if the definition is changed concurrently. */
export async function updateDefinition(
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: DefinitionRequest,
  context: Context,
): Promise<Changed> {
  return changeOf(platform, kind, 'update', context, request, path, async (before, tenant) => {
    const stays = kind.read(before.version.format, before.version.content);
    const content = await kind.update(stays, request, platform.newId);
    const bytes = kind.encode(content);
    const same =
      Buffer.from(bytes).equals(Buffer.from(before.version.content)) && before.version.format === kind.format;
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
  plan: (before: Stored, tenant: Tenant) => Promise<Pick<ChangeRequest<any>, 'content' | 'desired'>>,
): Promise<Changed> {
  const { operator } = context.caller;
  const tenant = await platform.tenants.of(operator);
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
        const planned = await plan(before, tenant).catch((error: unknown) =>
          plannedBefore(platform, kind, options, before, error),
        );
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
  { reads, register }: Platform,
  kind: DefinitionKind,
  { operator, keys: [key] }: CallOptions,
  { version }: Stored,
  error: unknown,
): Promise<Pick<ChangeRequest<any>, 'content' | 'desired'>> {
  const first = key === undefined ? undefined : await reads((em) => findOperationByKey(em, register, operator, key));
  if (first === undefined) throw error;
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

function optionsOf(
  context: Context,
  { engine }: DefinitionKind,
  verb: string,
  { key, hash }: Keyed,
  route: number,
): CallOptions {
  return callOptions(context, { operation: `${engine}.${verb}`, brand: 0, key, hash, route });
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
