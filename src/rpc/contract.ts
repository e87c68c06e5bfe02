import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  fromBinary,
  getOption,
  hasOption,
  ScalarType,
  type AnyDesc,
  type DescExtension,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Reason, Role } from '../kernel/index.ts';

/** The JSON shape of an RPC's errors over REST. */
export type ErrorFace = 'default' | 'pots' | 'coins';

/** Who may call an RPC. */
export interface Access {
  readonly roles: ReadonlySet<Role>;
  /** The scope that a caller of role service must hold, such as `ledger:issue`; null: none. */
  readonly scope: string | null;
  readonly throttled: boolean;
  /** Whether callers without a credential may omit the operator. */
  readonly anyOperator: boolean;
}

/** How an RPC responds over REST. */
export interface Rest {
  /** The status of a success. */
  readonly status: number;
  /** The JSON name of the only field, whose value is the whole body; null: the body is the message. */
  readonly unwrap: string | null;
  readonly errors: ErrorFace;
  /** Whether unknown body fields and query parameters are ignored, instead of rejected. */
  readonly ignoresUnknown: boolean;
  /** Whether a stream of responses is newline-delimited JSON, instead of server-sent events. */
  readonly lines: boolean;
  /** Whether the only field of the response, a string, is the whole body, as text. */
  readonly text: boolean;
  /** Whether a body may be as large as that of a batch. */
  readonly largeBody: boolean;
}

/** What the contract says about one RPC. */
export interface MethodPolicy {
  /** As in gRPC: `/windfall.lootbox.v1.LootboxService/OpenLootbox`. */
  readonly path: string;
  readonly access: Access;
  readonly rest: Rest;
  readonly desc: DescMethod;
}

/** How an error reason is returned: the number of its gRPC code, and the status over REST. */
export interface ReasonPolicy {
  readonly code: number;
  readonly status: number;
}

/** What the contract's options say, read once at start. */
export interface Contract {
  readonly registry: FileRegistry;
  readonly methods: ReadonlyMap<string, MethodPolicy>;
  readonly reasons: ReadonlyMap<Reason, ReasonPolicy>;
  /** Every scope that an API key can hold, such as `ledger:issue`. */
  readonly scopes: readonly string[];
}

/** Reads a descriptor set. Throws an Error that names the RPCs that no role may call, if there are any. */
export function loadContract(file: string | URL): Contract {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(file)));
  const methods = new Map<string, MethodPolicy>();
  for (const type of registry) {
    if (type.kind !== 'service') continue;
    for (const desc of type.methods) {
      const path = `/${type.typeName}/${desc.name}`;
      methods.set(path, { path, desc, access: readAccess(registry, desc), rest: readRest(registry, desc) });
    }
  }
  const closed = [...methods.values()].filter(({ access }) => access.roles.size === 0).map(({ path }) => path);
  if (closed.length > 0) throw new Error(`the contract names no role that may call ${closed.join(', ')}`);
  return { registry, methods, reasons: readReasons(registry), scopes: readScopes(registry) };
}

function readScopes(registry: FileRegistry): string[] {
  const scopes = registry.getEnum('windfall.options.v1.Scope')!;
  return scopes.values.filter(({ number }) => number !== 0).map(({ number }) => scopeName(registry, number));
}

const scopeName = (registry: FileRegistry, number: number): string =>
  word(registry, 'windfall.options.v1.Scope', number).replace('_', ':');

/** The extension with this name. Throws if the descriptor set was built without it. */
export function extensionOf(registry: FileRegistry, name: string): DescExtension {
  const extension = registry.getExtension(name);
  if (extension === undefined) throw new Error(`the descriptor set has no option ${name}`);
  return extension;
}

/** The value of one of our options; undefined if it is not set. */
export function option<T>(registry: FileRegistry, desc: AnyDesc, name: string): T | undefined {
  const extension = extensionOf(registry, `windfall.options.v1.${name}`);
  return hasOption(desc, extension) ? (getOption(desc, extension) as T) : undefined;
}

/** The name of an enum value without the enum's prefix. */
function word(registry: FileRegistry, type: string, number: number): string {
  const values = registry.getEnum(type)!;
  return values.value[number]!.name.slice(values.sharedPrefix!.length).toLowerCase();
}

function readAccess(registry: FileRegistry, desc: DescMethod): Access {
  const access = option<{ roles: number[]; scope: number; throttled: boolean; anyOperator: boolean }>(
    registry,
    desc,
    'access',
  );
  const scope = access?.scope ?? 0;
  return {
    roles: new Set(access?.roles.map((role) => word(registry, 'windfall.options.v1.Role', role) as Role)),
    scope: scope === 0 ? null : scopeName(registry, scope),
    throttled: access?.throttled ?? false,
    anyOperator: access?.anyOperator ?? false,
  };
}

const FACES: readonly ErrorFace[] = ['default', 'pots', 'coins'];

function readRest(registry: FileRegistry, desc: DescMethod): Rest {
  const rest = option<{
    status: number;
    unwrap: string;
    errors: number;
    ignoresUnknown: boolean;
    lines: boolean;
    text: string;
    largeBody: boolean;
  }>(registry, desc, 'rest');
  return {
    status: rest?.status || 200,
    unwrap: rest?.unwrap ? unwrapped(desc, rest.unwrap) : null,
    errors: FACES[rest?.errors ?? 0]!,
    ignoresUnknown: rest?.ignoresUnknown ?? false,
    lines: rest?.lines ?? false,
    text: rest?.text ? isText(desc, rest.text) : false,
    largeBody: rest?.largeBody === true || hasItems(desc.input),
  };
}

/** All batches have their lists in a field of this name. */
const hasItems = ({ fields }: DescMessage): boolean =>
  fields.some(({ name, fieldKind, message }) => name === 'items' && fieldKind === 'list' && message !== undefined);

function isText({ name, output, methodKind }: DescMethod, field: string): true {
  const [only, ...others] = output.fields;
  const string = only?.fieldKind === 'scalar' && only.scalar === ScalarType.STRING;
  if (only?.name === field && string && others.length === 0 && methodKind === 'unary') return true;
  throw new Error(`${name}: "${field}" cannot be the body: it is not the answer's only field, or no string`);
}

function unwrapped({ name, output, methodKind }: DescMethod, field: string): string {
  const [only, ...others] = output.fields;
  const whole = only?.fieldKind === 'list' || only?.fieldKind === 'message';
  if (only?.name === field && whole && others.length === 0 && methodKind === 'unary') return only.jsonName;
  throw new Error(
    `${name}: "${field}" cannot be unwrapped: it is not the answer's only field, or neither list nor message`,
  );
}

function readReasons(registry: FileRegistry): Map<Reason, ReasonPolicy> {
  const reasons = new Map<Reason, ReasonPolicy>();
  const type = registry.getEnum('windfall.common.v1.ErrorReason');
  if (type === undefined) throw new Error('the descriptor set has no error reasons');
  for (const value of type.values) {
    const policy = option<ReasonPolicy>(registry, value, 'reason');
    if (policy === undefined) continue;
    const { code, status } = policy;
    reasons.set(value.name.slice(type.sharedPrefix!.length) as Reason, { code, status });
  }
  return reasons;
}
