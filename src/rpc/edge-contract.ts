import { create, fromBinary, toBinary, type DescField, type DescMessage } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type DescriptorProto,
} from '@bufbuild/protobuf/wkt';
import type { Contract } from './contract.ts';
import { readHttpRules } from './http-rule.ts';

/** `user_id` as `userId`. */
const camel = (name: string): string => name.replaceAll(/_([a-z0-9])/g, (_, char: string) => char.toUpperCase());

const { OPTIONAL } = FieldDescriptorProto_Label;

/** Whether the types of a package have their own JSON: the edge leaves them to Envoy. */
const isForeign = (name: string): boolean => /^(google|buf)[./]/.test(name);

/** google.api.HttpBody as far as it is used: see events.ts, and for files edge-routes.lua. */
const BODY = create(FileDescriptorProtoSchema, {
  name: 'google/api/httpbody.proto',
  package: 'google.api',
  syntax: 'proto3',
  messageType: [
    {
      name: 'HttpBody',
      field: [
        { name: 'content_type', number: 1, type: FieldDescriptorProto_Type.STRING, label: OPTIONAL },
        { name: 'data', number: 2, type: FieldDescriptorProto_Type.BYTES, label: OPTIONAL },
      ],
    },
  ],
});

/**
 * The descriptor set for Envoy, which accepts a field in JSON by its JSON name and by its own name. In the contract
 * both are the same. Here a field is named `userId`, and its JSON name stays `user_id`: requests may use either,
 * responses use the latter. The responses of server streams are events, and some are text: made by the server. The
 * requests of client streams are parts of a file, with the fields of google.api.HttpBody.
 */
export function edgeDescriptors(set: Uint8Array, { methods }: Contract): Uint8Array {
  const descriptors = fromBinary(FileDescriptorSetSchema, set);
  const rename = ({ field: fields, nestedType: types }: DescriptorProto): void => {
    for (const field of fields) if (field.jsonName === field.name) field.name = camel(field.name);
    types.forEach(rename);
  };
  for (const { name, package: folder, messageType: types, service: services, dependency } of descriptors.file) {
    if (isForeign(name)) continue;
    types.forEach(rename);
    for (const [service, method] of services.flatMap((one) => one.method.map((method) => [one, method] as const))) {
      const { rest } = methods.get(`/${folder}.${service.name}/${method.name}`)!;
      if (method.clientStreaming === method.serverStreaming && !rest.text) continue;
      method[method.clientStreaming ? 'inputType' : 'outputType'] = `.${BODY.package}.HttpBody`;
      if (!dependency.includes(BODY.name)) dependency.push(BODY.name);
    }
  }
  descriptors.file = [BODY, ...descriptors.file.filter(({ name }) => name !== BODY.name)];
  return toBinary(FileDescriptorSetSchema, descriptors);
}

/** What the edge must know of streams. */
const MORE: Readonly<Record<string, string>> = {
  server_streaming: ', events = true',
  client_streaming: ', file = true',
};

/**
 * What requests may contain, for edge-routes.lua: each path with its message and the field that is the body, and each
 * message with its fields. A field is written `user_id|userId`, with `+` if it is repeated, and `:` with the type of
 * its value if that has fields; `:*` is a map, whose keys are free.
 */
export function edgeTables({ methods, registry }: Contract): string {
  const messages = new Map<string, readonly string[]>();
  const routes = [...methods.values()].flatMap(({ desc, rest }) => {
    const rules = readHttpRules(registry, desc);
    if (rules.length > 0) collect(desc.input, messages);
    const more = `${MORE[desc.methodKind] ?? ''}${rest.largeBody ? ', batch = true' : ''}`;
    const face = rest.errors === 'default' ? '' : `, face = "${rest.errors}"`;
    return rules.map(
      ({ verb, template, body }) =>
        `{ "${verb}", "${template}", "${desc.input.typeName}", body = "${body}", ` +
        `lenient = ${rest.ignoresUnknown}${more}${face} },`,
    );
  });
  const types = [...messages].map(([name, fields]) => `["${name}"] = { ${fields.map((f) => `"${f}"`).join(', ')} },`);
  return [
    '-- Made by `npm run generate` from the contract: see src/rpc/edge-contract.ts.',
    'return {',
    '  routes = {',
    ...routes.map((line) => `    ${line}`),
    '  },',
    '  messages = {',
    ...types.sort().map((line) => `    ${line}`),
    '  },',
    '}',
    '',
  ].join('\n');
}

/** Adds a message, and the messages nested in it. */
function collect(message: DescMessage, messages: Map<string, readonly string[]>): void {
  if (messages.has(message.typeName) || isForeign(message.typeName)) return;
  messages.set(message.typeName, message.fields.map(fieldText));
  for (const field of message.fields) if (field.message !== undefined) collect(field.message, messages);
}

function fieldText(field: DescField): string {
  const names = new Set([field.jsonName, field.jsonName === field.name ? camel(field.name) : field.name]);
  const inside = field.message === undefined || isForeign(field.message.typeName) ? '' : field.message.typeName;
  const text = [...names].join('|');
  if (field.fieldKind === 'map') return `${text}:*${inside}`;
  return `${text}${field.fieldKind === 'list' ? '+' : ''}${inside === '' ? '' : `:${inside}`}`;
}
