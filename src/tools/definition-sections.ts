import type { DescField, DescMethod, DescService, FileRegistry, JsonObject, JsonValue } from '@bufbuild/protobuf';

/** The definitions of an engine, as a section of a file. All of it is derived from the contract. */
export interface DefinitionSection {
  /** Such as "lootboxes": the field of the List RPC's response. */
  readonly name: string;
  /** Such as "lootbox": the name of one of them in messages. */
  readonly noun: string;
  readonly create: DescMethod;
  readonly get: DescMethod;
  readonly update: DescMethod;
}

/**
 * The sections of a contract, in the order of its services: one for each message that a service creates, gets,
 * updates and lists, and that is identified by its `id`.
 */
export function definitionSections(registry: FileRegistry): DefinitionSection[] {
  return [...registry].flatMap((type) => (type.kind === 'service' ? sectionsOf(type) : []));
}

function sectionsOf(service: DescService): DefinitionSection[] {
  const unary = service.methods.filter(({ methodKind }) => methodKind === 'unary');
  const method = (name: string): DescMethod | undefined => unary.find((one) => one.name === name);
  return unary.flatMap((create) => {
    const [, one = ''] = /^Create(.+)$/.exec(create.name) ?? [];
    const [get, update, name] = [method(`Get${one}`), method(`Update${one}`), listed(unary, one)];
    const hasId = create.input.fields.some((field) => field.name === 'id');
    if (get === undefined || update === undefined || name === undefined || !hasId) return [];
    return [{ name, noun: one.toLowerCase(), create, get, update }];
  });
}

/** The name under which a List RPC returns messages of a type, if it returns no others. */
function listed(methods: readonly DescMethod[], type: string): string | undefined {
  const lists = methods
    .filter(({ name }) => name.startsWith('List'))
    .map(({ output }) => output.fields.filter((field) => field.fieldKind === 'list' && field.listKind === 'message'));
  return lists.find(([list, ...others]) => list?.message?.name === type && others.length === 0)?.[0]!.name;
}

/**
 * Converts an entry, which is the JSON of a create, to an update: the fields that both have, except for the idempotency
 * key, which belongs to one call. A list is wrapped if the update's field is a message around such a list, so that an
 * empty list can be distinguished from an unset one.
 */
export function patchOf({ create, update }: DefinitionSection, entry: JsonObject): JsonObject {
  const patch: Record<string, JsonValue> = {};
  for (const field of create.input.fields) {
    const target = update.input.fields.find(({ name }) => name === field.name);
    const value = entry[field.name] ?? entry[field.jsonName] ?? null;
    if (target === undefined || value === null || field.name === 'idempotency_key') continue;
    const inner = wrapped(field, target);
    patch[target.name] = inner === undefined ? value : { [inner.name]: value };
  }
  return patch;
}

/** The field of the message `to` that corresponds to the list `from`; undefined unless there is exactly one. */
function wrapped(from: DescField, to: DescField): DescField | undefined {
  if (from.fieldKind !== 'list' || to.fieldKind !== 'message') return undefined;
  const element = elementOf(from);
  const lists = to.message.fields.filter((field) => field.fieldKind === 'list' && elementOf(field) === element);
  return lists.length === 1 ? lists[0] : undefined;
}

const elementOf = (list: DescField): unknown => list.message ?? list.enum ?? list.scalar;
