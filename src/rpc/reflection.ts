import { toBinary, type DescFile, type FileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { status as Code, type Server, type ServerDuplexStream } from '@grpc/grpc-js';

const PATH = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const same = (bytes: Buffer): Buffer => bytes;

/**
 * Adds grpc.reflection.v1, based on the same descriptors that the server reads its policies from;
 * @grpc/reflection loses the imports of a descriptor set. Its two messages are small and fixed, so they are
 * read and written here by field number.
 */
export function addReflection(server: Server, registry: FileRegistry, services: readonly string[]): void {
  const answer = answerer(registry, services);
  const definition = {
    path: PATH,
    requestStream: true as const,
    responseStream: true as const,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService(
    { serverReflectionInfo: definition },
    {
      serverReflectionInfo(call: ServerDuplexStream<Buffer, Buffer>) {
        call.on('data', (request: Buffer) => {
          try {
            call.write(answer(request));
          } catch {
            call.emit('error', { code: Code.INVALID_ARGUMENT, details: 'the message cannot be decoded' });
          }
        });
        call.on('end', () => call.end());
      },
    },
  );
}

/** The fields of ServerReflectionRequest. */
const BY_FILE = 3;
const BY_SYMBOL = 4;
const BY_EXTENSION = 5;
const EXTENSIONS_OF = 6;
const LIST = 7;

function answerer(registry: FileRegistry, services: readonly string[]): (request: Buffer) => Buffer {
  const files = new Map([...registry.files].map((file) => [file.proto.name, file]));
  const symbols = symbolsOf(registry);
  const extensions = extensionsOf(registry);
  return (request) => {
    const { kind, text, number } = parse(request);
    const response = new BinaryWriter().uint32(tag(2)).bytes(request);
    if (kind === LIST) writeNames(response, services);
    else if (kind === EXTENSIONS_OF) writeNumbers(response, text, [...(extensions.get(text)?.keys() ?? [])]);
    else if (kind === BY_FILE) writeFile(response, files.get(text));
    else if (kind === BY_SYMBOL) writeFile(response, symbols.get(text));
    else writeFile(response, extensions.get(text)?.get(number));
    return Buffer.from(response.finish());
  };
}

function writeNames(response: BinaryWriter, services: readonly string[]): void {
  response.uint32(tag(6)).fork();
  for (const name of services) response.uint32(tag(1)).fork().uint32(tag(1)).string(name).join();
  response.join();
}

function writeNumbers(response: BinaryWriter, type: string, numbers: readonly number[]): void {
  response.uint32(tag(5)).fork().uint32(tag(1)).string(type);
  for (const number of numbers) response.uint32((2 << 3) | WireType.Varint).int32(number);
  response.join();
}

const tag = (field: number): number => (field << 3) | WireType.LengthDelimited;

/** Only the file itself: a client requests its imports by name. */
function writeFile(response: BinaryWriter, file: DescFile | undefined): void {
  if (file === undefined) {
    response
      .uint32(tag(7))
      .fork()
      .uint32(1 << 3)
      .int32(Code.NOT_FOUND)
      .uint32(tag(2))
      .string('not found')
      .join();
  } else {
    response.uint32(tag(4)).fork().uint32(tag(1)).bytes(toBinary(FileDescriptorProtoSchema, file.proto)).join();
  }
}

interface Question {
  readonly kind: number;
  readonly text: string;
  readonly number: number;
}

function parse(bytes: Uint8Array): Question {
  const reader = new BinaryReader(bytes);
  let question: Question = { kind: 0, text: '', number: 0 };
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field < BY_FILE) reader.skip(wire);
    else if (field === BY_EXTENSION) question = { ...parseExtension(reader.bytes()), kind: field };
    else question = { kind: field, text: reader.string(), number: 0 };
  }
  return question;
}

function parseExtension(bytes: Uint8Array): { text: string; number: number } {
  const reader = new BinaryReader(bytes);
  const extension = { text: '', number: 0 };
  while (reader.pos < reader.len) {
    const [field] = reader.tag();
    if (field === 1) extension.text = reader.string();
    else extension.number = reader.int32();
  }
  return extension;
}

function symbolsOf(registry: FileRegistry): Map<string, DescFile> {
  const symbols = new Map<string, DescFile>();
  for (const type of registry) {
    symbols.set(type.typeName, type.file);
    if (type.kind === 'service')
      for (const { name } of type.methods) symbols.set(`${type.typeName}.${name}`, type.file);
  }
  return symbols;
}

/** By extended type, then by number. */
function extensionsOf(registry: FileRegistry): Map<string, Map<number, DescFile>> {
  const extensions = new Map<string, Map<number, DescFile>>();
  for (const type of registry) {
    if (type.kind !== 'extension') continue;
    const { typeName } = type.extendee;
    const known = extensions.get(typeName) ?? new Map<number, DescFile>();
    extensions.set(typeName, known.set(type.number, type.file));
  }
  return extensions;
}
