import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  create,
  fromBinary,
  fromJson,
  getOption,
  hasOption,
  toBinary,
  toJson,
  type AnyDesc,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  type JsonObject,
  type JsonValue,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Client, credentials, Metadata, status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';

/** Every RPC of the contract, from the descriptor set that the server has. */
export const registry: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(new URL('../../gen/api.binpb', import.meta.url))),
);

/** The RPCs of our own services, by name as "LootboxService.OpenLootbox". */
export const methods = new Map<string, DescMethod>(
  [...registry].flatMap((type) =>
    type.kind === 'service' && type.typeName.startsWith('windfall.')
      ? type.methods.map((method) => [`${type.name}.${method.name}`, method] as const)
      : [],
  ),
);

/**
 * What a call came to. Over gRPC `status` is the code's name, over REST the HTTP status. Of a stream of responses it is
 * what the first of them says; then the call is cancelled.
 */
export interface Outcome {
  readonly status: string | number;
  /** The reason of a refusal. */
  readonly reason: string | null;
  /** The refusal's metadata, and for bad input the fields that are wrong. */
  readonly details: JsonObject;
  readonly body: JsonValue;
  /** Whether the response headers say that the answer is that of an earlier call. */
  readonly replayed: boolean;
}

export type Headers = Readonly<Record<string, string>>;
export type Call = (rpc: string, request: JsonObject, headers?: Headers) => Promise<Outcome>;

/** Calls RPCs with JSON over gRPC. @param deadlineMs how long a call may take. */
export function grpcApi(address: string, deadlineMs = 20_000): { call: Call; raw: Client; close(): void } {
  const client = new Client(address, credentials.createInsecure());
  const call: Call = (rpc, request, headers = {}) => {
    const method = required(rpc);
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const bytes = toBinary(method.input, fromJson(method.input, request, { registry }));
    const path = `/${method.parent.typeName}/${method.name}`;
    const options = { deadline: Date.now() + deadlineMs };
    if (method.methodKind === 'server_streaming') {
      const stream = client.makeServerStreamRequest(
        path,
        (b: Uint8Array) => Buffer.from(b),
        same,
        bytes,
        metadata,
        options,
      );
      return firstOf(method, stream);
    }
    return new Promise((resolve) => {
      let replayed = false;
      client
        .makeUnaryRequest(
          path,
          (b: Uint8Array) => Buffer.from(b),
          same,
          bytes,
          metadata,
          options,
          (error, answer) =>
            resolve({ ...(error === null ? grpcAnswer(method, answer!) : grpcRefusal(error)), replayed }),
        )
        .on('metadata', (initial: Metadata) => {
          replayed = isReplayed(initial.get(REPLAYED).join());
        });
    });
  };
  return { call, raw: client, close: () => client.close() };
}

const same = (bytes: Buffer): Buffer => bytes;

async function firstOf(method: DescMethod, stream: ClientReadableStream<Buffer>): Promise<Outcome> {
  try {
    for await (const message of stream) return { ...grpcAnswer(method, message as Buffer), replayed: false };
  } catch (error) {
    return { ...grpcRefusal(error as ServiceError), replayed: false };
  } finally {
    stream.on('error', () => undefined).cancel();
  }
  return { status: 'OK', reason: null, details: {}, body: null, replayed: false };
}

/** The response header that marks a repeated call. */
const REPLAYED = 'idempotency-replayed';

/** Throws where the header says anything but that it is so. */
function isReplayed(header: string): boolean {
  if (header !== '' && header !== 'true') throw new Error(`${REPLAYED} is ${header}`);
  return header === 'true';
}

type Reply = Omit<Outcome, 'replayed'>;

function grpcAnswer(method: DescMethod, bytes: Uint8Array): Reply {
  const body = toJson(method.output, fromBinary(method.output, bytes), { registry, alwaysEmitImplicit: true });
  const { unwrap, text } = optionOf<{ unwrap: string; text: string }>(method, 'windfall.options.v1.rest');
  const only = unwrap || text;
  const shown = only === '' ? body : (body as JsonObject)[jsonNameOf(method.output, only)]!;
  return { status: 'OK', reason: null, details: {}, body: shown };
}

/** The name that a field of the contract has in JSON. */
const jsonNameOf = (message: DescMessage, name: string): string =>
  message.fields.find((field) => field.name === name)!.jsonName;

function grpcRefusal(error: ServiceError): Reply {
  const details: Record<string, JsonValue> = {};
  let reason: string | null = null;
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (bytes !== undefined) {
    const rpcStatus = fromBinary(registry.getMessage('google.rpc.Status')!, bytes as Buffer) as unknown as {
      details: { typeUrl: string; value: Uint8Array }[];
    };
    for (const { typeUrl, value } of rpcStatus.details) {
      const desc = registry.getMessage(typeUrl.split('/')[1]!)!;
      const detail = toJson(desc, fromBinary(desc, value)) as JsonObject;
      if (desc.name === 'ErrorInfo') {
        reason = detail['reason'] as string;
        Object.assign(details, detail['metadata'] ?? {});
      }
      if (desc.name === 'BadRequest') details['fields'] = detail['fieldViolations']!;
    }
  }
  return { status: status[error.code], reason, details, body: null };
}

interface HttpOption {
  readonly pattern: { readonly case: string; readonly value: string };
  readonly body: string;
  readonly additionalBindings: readonly HttpOption[];
}

/** The binding whose path a request fills, where there are several. */
function bindingFor(option: HttpOption, request: JsonObject): HttpOption {
  const fills = ({ pattern }: HttpOption): boolean =>
    [...pattern.value.matchAll(/\{(\w+)\}/g)].every(([, name]) => (request[name!] ?? '') !== '');
  return [option, ...option.additionalBindings].find(fills) ?? option;
}

/** The REST path of an RPC. */
export const httpOf = (method: DescMethod): HttpOption | undefined =>
  hasOption(method, registry.getExtension('google.api.http')!) ? optionOf(method, 'google.api.http') : undefined;

/** The value of an option in the contract, blank if it is not set. */
export function optionOf<T>(desc: AnyDesc, name: string): T {
  const value: unknown = getOption(desc, registry.getExtension(name)!);
  return value as T;
}

/** Calls RPCs with JSON over REST. @param send sends a request; unset: it waits for ever. */
export function restApi(base: string, send: typeof fetch = fetch): { call: Call } {
  return {
    async call(rpc, request, headers = {}) {
      const { pattern, body } = bindingFor(httpOf(required(rpc))!, request);
      const rest = { ...request };
      const path = pattern.value.replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = rest[name];
        delete rest[name];
        return encodeURIComponent(String(value ?? ''));
      });
      const field = body === '*' || body === '' ? body : jsonNameOf(required(rpc).input, body);
      const sent = body === '*' ? rest : rest[field];
      const texts = Object.entries(body === '*' ? {} : rest)
        .filter(([name]) => name !== field)
        .flatMap(([name, value]) =>
          (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
        );
      const query = texts.length > 0 ? `?${new URLSearchParams(texts)}` : '';
      const answer = await send(`${base}${path}${query}`, {
        method: pattern.case.toUpperCase(),
        headers: { ...(body === '' ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === '' ? {} : { body: JSON.stringify(sent) }),
      });
      const replayed = isReplayed(answer.headers.get(REPLAYED) ?? '');
      const first = FIRST[answer.headers.get('content-type') ?? ''];
      const text = first === undefined ? await answer.text() : await firstOfStream(answer, first);
      const plain = answer.headers.get('content-type')?.startsWith('text/plain') === true;
      return { ...restOutcome(answer.status, plain ? JSON.stringify(text) : text), replayed };
    },
  };
}

/** Where the first message of a stream stands: in an event, or in a line. */
const FIRST: Readonly<Record<string, RegExp>> = {
  'text/event-stream': /^data: (.*)\n\n/m,
  'application/x-ndjson': /^(.*)\n/,
};

async function firstOfStream(answer: Response, first: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of answer.body!) {
    text += Buffer.from(chunk).toString();
    const data = first.exec(text);
    if (data !== null) return data[1]!;
  }
  throw new Error(`a stream without a message: ${text}`);
}

function restOutcome(httpStatus: number, text: string): Reply {
  const body = text === '' ? null : (JSON.parse(text) as JsonValue);
  if (httpStatus < 400) return { status: httpStatus, reason: null, details: {}, body };
  // The face of pots has no details.
  const { error = body } = body as { error?: JsonValue };
  const { code, details } = error as { code: string; details?: JsonObject };
  return { status: httpStatus, reason: code, details: details ?? {}, body };
}

function required(rpc: string): DescMethod {
  const method = methods.get(rpc);
  if (method === undefined) throw new Error(`no RPC ${rpc}`);
  return method;
}

/** An empty request of an RPC, as JSON. */
export function emptyRequest(method: DescMethod): JsonObject {
  return toJson(method.input, create(method.input), { alwaysEmitImplicit: true }) as JsonObject;
}
