import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, setExtension, toBinary, type DescExtension, type Message } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, type DescriptorProto, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { loadContract, type Contract } from '../../src/rpc/index.ts';
import { contract, DESCRIPTORS } from '../edge/probe.ts';

/** The probe's contract after somebody has edited it. */
export function editedContract(edit: (probe: FileDescriptorProto) => void): Contract {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS));
  edit(set.file.find(({ name }) => name === 'probe/v1/probe.proto')!);
  const folder = mkdtempSync(join(tmpdir(), 'windfall-contract-'));
  try {
    const file = join(folder, 'api.binpb');
    writeFileSync(file, toBinary(FileDescriptorSetSchema, set));
    return loadContract(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Sets an option of an element's: `value` is a message of the option's type, or a scalar. */
export function setOption(element: { options?: unknown }, name: string, value: unknown): void {
  const extension = contract.registry.getExtension(name)!;
  const made = extension.message === undefined ? value : create(extension.message, value as never);
  setExtension(element.options as Message<never>, extension as DescExtension & { extendee: never }, made as never);
}

/** A message of the probe's. */
export function messageOf(probe: FileDescriptorProto, name: string): DescriptorProto {
  return probe.messageType.find((message) => message.name === name)!;
}
