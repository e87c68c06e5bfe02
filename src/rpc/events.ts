import { fromBinary, toJsonString, type DescMessage, type FileRegistry } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { StatusObject } from '@grpc/grpc-js';
import type { Reason } from '../kernel/index.ts';

/**
 * The responses of a server stream as server-sent events. Envoy's transcoder can print messages, but no `id:` and
 * `event:` lines. So the edge believes that the RPC answers with google.api.HttpBody (edgeDescriptors), whose content
 * it passes on as it is; and a message that goes to many clients is printed once.
 */
export interface Events {
  of(response: object): Buffer;
  /** The last event of a stream that fails after its first one: over REST, the status is sent already. */
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
    failure(reason, { details: message, metadata }) {
      const [body] = metadata.get('x-rest-body') as string[];
      return event({ id: '', name: 'error', data: body ?? JSON.stringify({ error: { code: reason, message } }) });
    },
  };
}

interface Event {
  readonly id: string;
  readonly name: string | undefined;
  readonly data: string;
}

/** An event in google.api.HttpBody. */
function event({ id, name, data }: Event): Buffer {
  const lines = [
    id === '' ? [] : [`id: ${id}`],
    name === undefined ? [] : [`event: ${name}`],
    [`data: ${data}`, '', ''],
  ];
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string('text/event-stream');
  writer.tag(2, WireType.LengthDelimited).bytes(Buffer.from(lines.flat().join('\n')));
  return Buffer.from(writer.finish());
}
