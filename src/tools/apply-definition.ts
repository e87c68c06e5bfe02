import type { DescMethod, JsonObject } from '@bufbuild/protobuf';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { patchOf, type DefinitionSection } from './definition-sections.ts';
import { textOf, type JsonCall } from './json-client.ts';

/**
 * Creates a definition, or updates the one with its id. Returns null if nothing was changed.
 *
 * An update is a PATCH: fields that the entry omits do not change, and neither do those that only a create has.
 * A definition that is paused, archived or a draft becomes active, unless the entry sets another status or takes effect
 * later. Fails if the definition is changed concurrently.
 */
export async function applyDefinition(
  section: DefinitionSection,
  entry: JsonObject,
  call: JsonCall,
): Promise<'created' | 'updated' | null> {
  const { create, get, update } = section;
  const before = await find(get, textOf(entry['id']), call);
  if (before === null) {
    await call(create, entry);
    return 'created';
  }
  const { status: asked, ...patch } = patchOf(section, entry);
  const status = textOf(asked || (isToCome(patch['effective_time']) ? before['status'] : 'active'));
  const after = only(
    update,
    await call(update, {
      ...patch,
      // The current status is omitted: an update does not accept the status "draft", which a create does.
      ...(status === before['status'] ? {} : { status }),
      expected_version: newestVersion(before),
    }),
  );
  return stateOf(after) === stateOf(before) ? null : 'updated';
}

async function find(get: DescMethod, id: string, call: JsonCall): Promise<JsonObject | null> {
  try {
    return only(get, await call(get, { id }));
  } catch (error) {
    if ((error as ServiceError).code === Code.NOT_FOUND) return null;
    throw error;
  }
}

/** The only message in a response. */
function only({ name, output }: DescMethod, answer: JsonObject): JsonObject {
  const [field, ...others] = output.fields.filter(({ fieldKind }) => fieldKind === 'message');
  const message = field === undefined || others.length > 0 ? undefined : answer[field.name];
  if (message === undefined) throw new Error(`the answer of ${name} is not one message`);
  return message as JsonObject;
}

/** The newest version, which may be scheduled. */
const newestVersion = ({ latest_version: latest, version }: JsonObject): number => Number(latest || version || 0);

/** What distinguishes two states of a definition. An update may also withdraw a scheduled version. */
const stateOf = (definition: JsonObject): string =>
  JSON.stringify([newestVersion(definition), definition['status'], Number(definition['scheduled_version'] ?? 0)]);

const isToCome = (time: unknown): boolean => typeof time === 'string' && Date.parse(time) > Date.now();
