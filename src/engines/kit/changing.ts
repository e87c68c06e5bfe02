import {
  changeDefinition,
  definitionCode,
  findScheduled,
  idOfCode,
  readShownRows,
  requireDefinition,
  shownOf,
  TAKE_EFFECT,
  type ChangeAnswer,
  type ChangeRequest,
  type DefinitionKind,
  type Shown,
  type ShownRows,
  type Stored,
  type Version,
  type DesiredState,
} from '../../catalogue/index.ts';
import {
  callOptions,
  findOperationByKey,
  runOne,
  taskOptions,
  type CallOptions,
  type Command,
} from '../../journal/index.ts';
import { type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Context } from '../../rpc/index.ts';
import type { Task } from '../../tasks/index.ts';
import type { Tenant } from '../../tenants/index.ts';

/** A definition after a call: the first one's, where its key was known. */
export interface Changed {
  readonly shown: Shown<any>;
  readonly rows: ShownRows;
}

/** What every request for a change has. */
interface DefinitionRequest {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly status?: DesiredState['status'];
  readonly reason: string;
  readonly effectiveTime?: Date | undefined;
  readonly expectedVersion?: number;
}

/** The fields of an update that are not content. */
const ENVELOPE = new Set(['id', 'idempotencyKey', 'status', 'reason', 'effectiveTime', 'expectedVersion']);
const isGiven = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '' && value !== 0;
const NOTHING = { status: '', effectiveAt: 0, touches: false, content: null } as const;

const desiredOf = ({
  status = '',
  effectiveTime,
}: DefinitionRequest): Pick<DesiredState, 'status' | 'effectiveAt'> => ({
  status,
  effectiveAt: effectiveTime === undefined ? 0 : effectiveTime.getTime() * 1000,
});

/** Writes version 1. Refuses: ASSET_NOT_FOUND, ALREADY_EXISTS, and what the engine refuses. */
export async function createDefinition(
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: DefinitionRequest,
  context: Context,
): Promise<Changed> {
  const { operator } = context.caller;
  const tenant = await platform.tenants.of(operator);
  const content = await kind.create(request, platform.newId);
  const [id, versionId] = [await platform.newId(), await platform.newId()];
  kind.bind({ definitionId: id, code: request.id, version: 1, versionId, content }, tenant);
  return run(platform, kind, 'create', context, hashOf(platform, path, request), {
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

/** Writes the next version, or changes the status, or both; made anew where the definition is changed meanwhile. */
export async function updateDefinition(
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: DefinitionRequest,
  context: Context,
): Promise<Changed> {
  return changeOf(platform, kind, 'update', context, request, path, async (before, tenant) => {
    const content = kind.update(kind.read(before.version.format, before.version.content), request);
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

/** Runs a change of what is stored now, as the caller's call. */
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
 * A plan for a call whose key is known: it is told its first answer, though it would be refused now, so that nothing is decided.
 * Rejects with the refusal where the key is new.
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

/** What a call without a key that changed nothing is answered with: the definition as it was read. */
async function unchanged(
  platform: Platform,
  kind: DefinitionKind,
  operator: OperatorNo,
  before: Stored,
): Promise<Changed> {
  const shown = shownOf(kind, before);
  return { shown, rows: await readShownRows(platform.reads, kind, operator, [shown.content]) };
}

/** What was scheduled when the task began is so no more. */
class WithdrawnError extends Error {}

/** The task by which a scheduled version takes effect: safe to run twice, because then nothing is scheduled. */
export function takeEffect(kinds: readonly DefinitionKind[]): Task {
  return {
    name: TAKE_EFFECT,
    async run(platform, { operator, id, at }) {
      const tenant = await platform.tenants.of(operator);
      const found = await findScheduled(platform.reads, operator, id);
      if (found === undefined) return;
      const kind = kinds.find(({ engine }) => found.head.code.startsWith(definitionCode(engine, '')))!;
      await runOne(
        {
          journal: platform.journal,
          command: changeDefinition(kind),
          async prepare() {
            const before = await findScheduled(platform.reads, operator, id);
            if (before === undefined) throw new WithdrawnError();
            const content = kind.read(before.version.format, before.version.content);
            const change = {
              content,
              tenant,
              code: idOfCode(before.head.code),
              reason: '',
              expectedVersion: 0,
              desired: { ...NOTHING, effectiveAt: at },
              ...baseOf(before),
            };
            return { request: requestOf(platform, kind, 'effect', change, null), options: taskOptions(operator, id) };
          },
        },
        null,
      ).catch((error: unknown) => {
        if (!(error instanceof WithdrawnError)) throw error;
      });
    },
  };
}

interface Keyed {
  readonly key: string;
  readonly hash: () => string;
}

function hashOf({ requestHash }: Platform, path: string, request: DefinitionRequest): Keyed {
  return { key: request.idempotencyKey, hash: () => requestHash(path)(request) };
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

type Change = Omit<ChangeRequest<any>, 'act' | 'keyed' | 'prepared' | 'assetNo'> & { readonly tenant: Tenant };

function requestOf(
  { keys }: Platform,
  kind: DefinitionKind,
  act: ChangeRequest<any>['act'],
  change: Change,
  keyed: Keyed | null,
): ChangeRequest<any> {
  const { tenant, ...rest } = change;
  return {
    ...rest,
    act,
    keyed: keyed !== null && keyed.key !== '',
    prepared: kind.opening?.prepare(change.content, keys),
    assetNo: (code) => tenant.assetNo(code),
  };
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

/** What a change is made from, as the database has it. */
function baseOf({ head, version }: Stored): { readonly id: number; readonly sequence: number; readonly base: Version } {
  return {
    id: head.id,
    sequence: head.sequence,
    base: {
      version: BigInt(version.version),
      versionId: BigInt(version.id),
      format: version.format,
      definition: Buffer.from(version.content),
      configHash: Buffer.from(version.configHash),
      publishedAt: BigInt(version.publishedAt),
      effectiveAt: BigInt(version.effectiveAt),
    },
  };
}

/** Content as it is stored. */
function stored(kind: DefinitionKind, content: unknown, versionId: number): NonNullable<DesiredState['content']> {
  return {
    versionId: BigInt(versionId),
    format: kind.format,
    definition: Buffer.from(kind.encode(content)),
    configHash: Buffer.from(kind.configHash(content)),
  };
}
