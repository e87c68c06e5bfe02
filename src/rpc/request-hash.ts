import { hash } from 'node:crypto';
import { ScalarType, type DescField, type DescMessage, type FileRegistry } from '@bufbuild/protobuf';
import canonicalize from 'canonicalize';
import { option, type Contract } from './contract.ts';

/**
 * Returns the SHA-256 of a request, as 32 latin1 characters. A repeated request must have the same hash as the first
 * request with its key.
 */
export type RequestHash = (request: unknown) => string;

type Write = (value: any) => string;

/**
 * Creates the hash function of a message type. It hashes a canonical text: fields by number, maps by key, without
 * the fields named idempotency_key and the volatile ones, also in nested messages. A field that is unset, or that
 * cannot be unset and is its type's zero, is omitted: a field that is added to the contract later does not change
 * the hashes of requests without it.
 */
export function compileRequestHash({ registry }: Contract, messageType: string): RequestHash {
  const desc = registry.getMessage(messageType);
  if (desc === undefined) throw new Error(`${messageType} is not in the contract`);
  const write = messageWriter(registry, desc, new Map());
  // 'binary' is an alias of latin1.
  return (request) => hash('sha256', write(request), 'binary');
}

function messageWriter(registry: FileRegistry, desc: DescMessage, known: Map<DescMessage, Write>): Write {
  const before = known.get(desc);
  if (before !== undefined) return before;
  if (desc.typeName === 'google.protobuf.Timestamp') return (time: Date) => `${time.getTime()};`;
  if (/^google\.protobuf\.(Struct|Value|ListValue)$/.test(desc.typeName))
    return (json) => writeText(canonicalize(json)!);
  const fields: Write[] = [];
  const write: Write = (message) => {
    let text = '{';
    for (const field of fields) text += field(message);
    return `${text}}`;
  };
  // Registered before its fields are compiled: a type may contain itself.
  known.set(desc, write);
  const counted = desc.fields.filter(
    (field) => field.name !== 'idempotency_key' && option<boolean>(registry, field, 'volatile') !== true,
  );
  for (const field of counted.sort((a, b) => a.number - b.number)) fields.push(fieldWriter(registry, field, known));
  return write;
}

function fieldWriter(registry: FileRegistry, field: DescField, known: Map<DescMessage, Write>): Write {
  const { localName, number, oneof } = field;
  const write = valueWriter(registry, field, known);
  if (oneof !== undefined) {
    const group = oneof.localName;
    return (message) => (message[group]?.$case === localName ? `${number}=${write(message[group].value)}` : '');
  }
  if (field.fieldKind === 'message' || field.proto.proto3Optional) {
    return (message) => (message[localName] === undefined ? '' : `${number}=${write(message[localName])}`);
  }
  return (message) => (isZero(message[localName]) ? '' : `${number}=${write(message[localName])}`);
}

function isZero(value: unknown): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === 0n || value === false;
  return value instanceof Map ? value.size === 0 : (value as ArrayLike<unknown>).length === 0;
}

function valueWriter(registry: FileRegistry, field: DescField, known: Map<DescMessage, Write>): Write {
  const write =
    field.message === undefined
      ? scalarWriter(field.fieldKind === 'enum' ? undefined : field.scalar)
      : messageWriter(registry, field.message, known);
  if (field.fieldKind === 'list') return (list: unknown[]) => `[${list.map(write).join('')}]`;
  if (field.fieldKind !== 'map') return write;
  const writeKey = scalarWriter(field.mapKey);
  return (map: Map<unknown, unknown>) => {
    const pairs = [...map].map(([key, value]) => writeKey(key) + write(value));
    return `(${pairs.sort().join('')})`;
  };
}

/** Every text is preceded by its length, so that two different requests never have the same text. */
const writeText = (text: string): string => `${text.length}"${text}`;

function scalarWriter(type: ScalarType | undefined): Write {
  if (type === ScalarType.STRING) return writeText;
  if (type === ScalarType.BYTES) return (bytes: Buffer) => writeText(bytes.toString('latin1'));
  return (value: unknown) => `${String(value)};`;
}
