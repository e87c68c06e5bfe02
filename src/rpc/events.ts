import { fromBinary, toJsonString, type DescMessage, type FileRegistry } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { StatusObject } from '@grpc/grpc-js';
import type { Reason } from '../kernel/index.ts';

/**
 * What is not JSON over REST: text, and the responses of a server stream, which are server-sent events or lines of
 * JSON. Envoy's transcoder can print messages, but no `id:` and `event:` lines, and lines only for all streams or none.
 * So the edge believes that the RPC answers with google.api.HttpBody (edgeDescriptors), whose content it passes on as
 * it is; and a message that goes to many clients is printed once.
 */
export interface Events {
  of(response: object): Buffer;
  /** The last one of a stream that fails after its first one: over REST, the status is sent already. */
  failure(reason: Reason, status: StatusObject): Buffer;
}

type Encode = (response: object) => Buffer;

/** Encodes a response once, however many clients get it. */
export function once(encode: Encode): Encode {
  const known = new WeakMap<object, Buffer>();
  return (response) => {
    let bytes = known.get(response);
    if (bytes === undefined) known.set(response, (bytes = encode(response)));
    return bytes;
  };
}

/** A message without any of the alternatives of its `oneof`. */
const HEARTBEAT = 'heartbeat';
const EVENT_ID = 'event_id';

/**
 * An event has the whole message as JSON in `data:`, its field `event_id` also in `id:`, and in `event:` the name of
 * what its first `oneof` holds: `heartbeat` if nothing.
 */
export function compileEvents(registry: FileRegistry, desc: DescMessage, encode: Encode): Events {
  const id = desc.fields.find(({ name }) => name === EVENT_ID)?.localName;
  const [kinds] = desc.oneofs;
  const names = new Map(kinds?.fields.map(({ localName, jsonName }) => [localName, jsonName]));
  return {
    of: once((response) => {
      const message = fromBinary(desc, encode(response)) as unknown as Record<string, unknown>;
      const kind = kinds && (message[kinds.localName] as { readonly case: string | undefined }).case;
      return event({
        id: (id === undefined ? undefined : (message[id] as string | undefined)) ?? '',
        name: kind === undefined ? kinds && HEARTBEAT : names.get(kind),
        data: toJsonString(desc, message as never, { alwaysEmitImplicit: true, registry }),
      });
    }),
    failure: (reason, status) => event({ id: '', name: 'error', data: errorText(reason, status) }),
  };
}

/** A line of JSON for each message. */
export function compileLines(registry: FileRegistry, desc: DescMessage, encode: Encode): Events {
  return {
    of: (response) =>
      line(toJsonString(desc, fromBinary(desc, encode(response)), { alwaysEmitImplicit: true, registry })),
    failure: (reason, status) => line(errorText(reason, status)),
  };
}

/** The whole response as text: its only field. */
export function compileText(desc: DescMessage, encode: Encode): Pick<Events, 'of'> {
  const { localName } = desc.fields[0]!;
  return {
    of: (response) => {
      const message = fromBinary(desc, encode(response)) as unknown as Record<string, string>;
      return httpBody('text/plain; version=0.0.4; charset=utf-8', message[localName]!);
    },
  };
}

function errorText(reason: Reason, { details: message, metadata }: StatusObject): string {
  const [body] = metadata.get('x-rest-body') as string[];
  return body ?? JSON.stringify({ error: { code: reason, message } });
}

const line = (text: string): Buffer => httpBody('application/x-ndjson', `${text}\n`);

interface Event {
  readonly id: string;
  readonly name: string | undefined;
  readonly data: string;
}

function event({ id, name, data }: Event): Buffer {
  const lines = [
    id === '' ? [] : [`id: ${id}`],
    name === undefined ? [] : [`event: ${name}`],
    [`data: ${data}`, '', ''],
  ];
  return httpBody('text/event-stream', lines.flat().join('\n'));
}

/** A part of google.api.HttpBody. */
function httpBody(type: string, text: string): Buffer {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(type);
  writer.tag(2, WireType.LengthDelimited).bytes(Buffer.from(text));
  return Buffer.from(writer.finish());
}
