import {
  createFileRegistry,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type DescMethod,
  type FileRegistry,
  type JsonObject,
  type JsonValue,
  type Message,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Client, credentials, Metadata, type ChannelCredentials } from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';

/** Calls a unary RPC with JSON. Returns JSON with the contract's field names, without fields that are 0 or empty. */
export type JsonCall = (method: DescMethod, request: JsonObject) => Promise<JsonObject>;

/** Every type of a descriptor set. */
export function readRegistry(file: string | URL): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(file)));
}

/** Converts JSON to a request. Throws an Error that names a field that is unknown or has another type. */
export function requestOf({ input }: DescMethod, json: JsonValue, registry: FileRegistry): Message {
  try {
    return fromJson(input, json, { registry });
  } catch (error) {
    throw new Error(complaint((error as Error).message), { cause: error });
  }
}

/** A JSON value as text: a string as it is. */
export const textOf = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

/** Shortens an error of protobuf-es: "PrizeInput.weight: expected number (int32): got "many"". */
function complaint(message: string): string {
  const [, kind, name, what] = /^cannot decode (message|field) (\S+) from JSON: (.*)$/s.exec(message) ?? [];
  if (kind === undefined) return message;
  const short = name!
    .split('.')
    .slice(kind === 'field' ? -2 : -1)
    .join('.');
  const [, unknown] = /^key "(.*)" is unknown$/s.exec(what!) ?? [];
  return unknown === undefined ? `${short}: ${what}` : `${short} has no field "${unknown}"`;
}

/** What a client must have for TLS, as PEM: whom it trusts, and what it shows. */
export interface ClientTls {
  /** The authorities, or the server's own certificate; null: those of the system. */
  readonly ca: string | null;
  readonly own: { readonly cert: string; readonly key: string } | null;
}

const clientCredentials = (tls: ClientTls | null): ChannelCredentials =>
  tls === null
    ? credentials.createInsecure()
    : credentials.createSsl(...[tls.ca, tls.own?.key, tls.own?.cert].map((pem) => (pem ? Buffer.from(pem) : null)));

/** A connection to a server whose RPCs are known only from descriptors. */
export class JsonClient implements Disposable {
  readonly #client: Client;
  readonly #registry: FileRegistry;
  readonly #metadata = new Metadata();

  /** @param address such as "127.0.0.1:50051". */
  constructor(address: string, registry: FileRegistry, tls: ClientTls | null = null) {
    this.#client = new Client(address, clientCredentials(tls));
    this.#registry = registry;
  }

  /** Sends a token with all later calls. */
  authorize(token: string): void {
    this.#metadata.set('authorization', `Bearer ${token}`);
  }

  readonly call: JsonCall = (method, request) => {
    const { parent, name, input, output } = method;
    const bytes = toBinary(input, requestOf(method, request, this.#registry));
    const answerOf = (answer: Uint8Array): JsonObject =>
      toJson(output, fromBinary(output, answer), { registry: this.#registry, useProtoFieldName: true }) as JsonObject;
    const path = `/${parent.typeName}/${name}`;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        (sent: Uint8Array) => Buffer.from(sent),
        answerOf,
        bytes,
        this.#metadata,
        (error, answer) => (error === null ? resolve(answer!) : reject(error)),
      );
    });
  };

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
