import type { DefinitionChange } from '../../../gen/ts/windfall/common/v1/definitions.ts';
import type { DefinitionChanged, DefinitionNoted } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import {
  changeName,
  definitionChanged,
  definitionNoted,
  isPublished,
  listDefinitions,
  notFound,
  noVersion,
  readShownRows,
  requireDefinition,
  shownOf,
  statusName,
  type DefinitionKind,
  type Shown,
  type ViewOptions,
  type Status,
} from '../../catalogue/index.ts';
import { factsOf } from '../../journal/index.ts';
import { pageOf, positionNumber, ApiError, type Caller, type PageRequest } from '../../kernel/index.ts';
import type { Operation, Platform } from '../../platform/index.ts';
import type { Context, ServiceDefinition } from '../../rpc/index.ts';
import { archiveDefinition, createDefinition, updateDefinition, type Changed } from './changing.ts';

/** Whether a caller may see drafts. */
const isInsider = ({ role }: Caller): boolean => role === 'service' || role === 'admin';
const date = (micros: number): Date | undefined => (micros === 0 ? undefined : new Date(micros / 1000));

/** The RPCs that come with a definition: create, update, archive, get, list and changelog. */
export function lifecycle(kind: DefinitionKind, service: ServiceDefinition): Record<string, Operation> {
  const { one, many } = kind.nouns;
  const lower = (noun: string): string => noun[0]!.toLowerCase() + noun.slice(1);
  const path = (name: string): string => service[name]!.path;
  const changed =
    (name: string, act: Changing): Operation =>
    (platform) =>
    async (request, context) => {
      const { shown, rows } = await act(platform, kind, path(name), request, context);
      return { [lower(one)]: messageOf(platform, kind, shown, { rows, insider: true, detailed: true }) };
    };
  return {
    [`create${one}`]: changed(`create${one}`, createDefinition),
    [`update${one}`]: changed(`update${one}`, updateDefinition),
    [`archive${one}`]: changed(`archive${one}`, archiveDefinition),
    [`get${one}`]: (platform) => async (request, context) => {
      const found = await getDefinition(platform, kind, request, context.caller);
      context.tag(found.state);
      return { [lower(one)]: found.message() };
    },
    [`list${many}`]:
      (platform) =>
      async (request, { caller }) =>
        list(platform, kind, lower(many), request, caller),
    [`list${one}Changes`]:
      (platform) =>
      async (request, { caller }) =>
        listChanges(platform, kind, request, caller),
  };
}

type Changing = (
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: any,
  context: Context,
) => Promise<Changed>;

/** The message of a definition: the common fields, and those of the engine. */
function messageOf(
  { keys }: Platform,
  kind: DefinitionKind,
  shown: Shown<any>,
  { rows, insider, detailed }: Omit<ViewOptions, 'keys'>,
): object {
  return {
    ...kind.show(shown, { rows, keys, insider, detailed }),
    id: shown.code,
    status: shown.status,
    version: shown.version,
    createTime: date(shown.createdAt),
    updateTime: date(shown.updatedAt),
    publishTime: date(shown.publishedAt),
    effectiveTime: date(shown.version === shown.scheduled ? shown.scheduledAt : shown.effectiveAt),
    supersededTime: date(shown.supersededAt),
    latestVersion: shown.latest,
    scheduledVersion: shown.scheduled === 0 ? undefined : shown.scheduled,
    scheduledTime: date(shown.scheduledAt),
  };
}

/** A definition as the caller may see it. */
export interface Found<Content, Message> {
  readonly shown: Shown<Content>;
  /** All that its message is made from. */
  readonly state: readonly unknown[];
  readonly message: () => Message;
}

/** A definition as the caller may see it. Throws …_NOT_FOUND, VERSION_NOT_FOUND. */
export async function getDefinition<Content, Message>(
  platform: Platform,
  kind: DefinitionKind<Content, any, any, any, Message>,
  { id, version }: { readonly id: string; readonly version: number },
  caller: Caller,
): Promise<Found<Content, Message>> {
  const insider = isInsider(caller);
  const stored = await requireDefinition(platform.reads, kind, caller.operator, id, version);
  const shown = shownOf(kind, stored);
  if (!insider && stored.head.openedAt === 0) throw notFound(kind, id);
  if (!insider && !(await isPublished(platform.reads, caller.operator, stored.version))) throw noVersion(id, version);
  const rows = await readShownRows(platform.reads, kind, caller.operator, [shown.content]);
  return {
    shown,
    state: [stored.head, stored.version.id, rows.all()],
    message: () => messageOf(platform, kind, shown, { rows, insider, detailed: version !== 0 }) as Message,
  };
}

/** A message has names of fields and odds as text, besides what is stored. */
const SHOWN_GROWTH = 4;

async function list(
  platform: Platform,
  kind: DefinitionKind,
  field: string,
  request: PageRequest & { readonly status: string },
  caller: Caller,
): Promise<object> {
  const { reads } = platform;
  const desired = (request.status || 'active') as Status;
  const insider = isInsider(caller);
  if (desired !== 'active' && !insider) {
    throw new ApiError('PERMISSION_DENIED', 'only services and admins list what is not active', {
      details: { role: caller.role },
    });
  }
  const { items, nextPageToken } = await pageOf(request, {
    name: `${kind.engine}/${desired}`,
    read: (after, limit) => listDefinitions(reads, kind, caller.operator, desired, after, limit),
    position: ({ head }) => head.code.slice(kind.engine.length + 1),
    bytes: ({ version }) => version.content.length * SHOWN_GROWTH,
  });
  const shown = items.map((stored) => shownOf(kind, stored));
  const rows = await readShownRows(
    reads,
    kind,
    caller.operator,
    shown.map(({ content }) => content),
  );
  return {
    [field]: shown.map((one) => messageOf(platform, kind, one, { rows, insider, detailed: false })),
    nextPageToken,
  };
}

async function listChanges(
  { reads, register }: Platform,
  kind: DefinitionKind,
  request: PageRequest & { readonly id: string },
  { operator }: Caller,
): Promise<object> {
  const { head } = await requireDefinition(reads, kind, operator, request.id);
  const { items, nextPageToken } = await pageOf(request, {
    name: `changes/${head.id}`,
    read: (before, limit) =>
      reads((em) =>
        factsOf(em, register, {
          operator,
          aggregate: head.id,
          kinds: [definitionChanged.number, definitionNoted.number],
          before: positionNumber(before, Number.MAX_SAFE_INTEGER),
          limit,
        }),
      ),
    position: ({ sequence }) => sequence,
    bytes: (fact) => fact.bytes,
  });
  const changes = items.map(({ fact, sequence, caller, time }) => {
    const entry = { caller, sequence: BigInt(sequence), changeTime: date(time) };
    return { ...entry, ...(fact.kind === definitionNoted ? notedEntry(fact.data) : changedEntry(fact.data)) };
  });
  return { changes, nextPageToken };
}

type Entry = Omit<DefinitionChange, 'caller' | 'sequence' | 'changeTime'>;

function changedEntry({ change: number, status, content, reason, scheduledAt }: DefinitionChanged): Entry {
  const change = changeName(number);
  return {
    change,
    status: statusName(status),
    version: Number(content!.version),
    configHash: Buffer.from(content!.configHash).toString('hex') || undefined,
    reason: reason || undefined,
    effectiveTime: change === 'scheduled' ? date(Number(scheduledAt)) : undefined,
  };
}

const notedEntry = ({ note, status, version, reason }: DefinitionNoted): Entry => ({
  reason,
  change: changeName(note),
  status: statusName(status),
  version: Number(version),
  configHash: undefined,
  effectiveTime: undefined,
});
