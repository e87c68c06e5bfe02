import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createFileRegistry,
  fromBinary,
  getOption,
  hasOption,
  type DescMethod,
  type FileRegistry,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const ROOT = join(import.meta.dirname, '../..');
const ROLES = ['', 'anyone', 'player', 'service', 'admin', 'root'];
const HEAD = '| operation | REST | who may call | idempotent by |\n|---|---|---|---|\n';

/** README with the table generated from the contract. Throws if README has no table. */
export function withOperations(readme: string, registry: FileRegistry): string {
  const from = readme.indexOf(HEAD);
  if (from < 0) throw new Error('README has no table of operations');
  const to = readme.indexOf('\n\n', from);
  const services = [...registry].filter((type) => type.kind === 'service' && type.typeName.startsWith('windfall.'));
  const lines = services.flatMap((type) =>
    type.kind === 'service' ? type.methods.map((method) => line(registry, method)) : [],
  );
  return readme.slice(0, from) + HEAD + lines.join('\n') + readme.slice(to);
}

interface Http {
  readonly pattern: { readonly case: string; readonly value: string };
}

function line(registry: FileRegistry, method: DescMethod): string {
  const option = <T>(name: string): T | undefined => {
    const extension = registry.getExtension(name)!;
    return hasOption(method, extension) ? (getOption(method, extension) as T) : undefined;
  };
  const roles = option<{ roles: number[] }>('windfall.options.v1.access')?.roles ?? [];
  const status = option<{ status: number }>('windfall.options.v1.rest')?.status;
  const http = option<Http>('google.api.http')?.pattern;
  const path = http === undefined ? '' : `\`${http.case.toUpperCase()} ${http.value}\`${status ? ` → ${status}` : ''}`;
  const fields = new Set(method.input.fields.map((field) => field.name));
  const keyed =
    http?.case === 'get' ? '' : fields.has('idempotency_key') ? 'key' : fields.has('items') ? "each item's key" : '';
  const callers = roles.map((role) => ROLES[role]).join(', ');
  return `| ${method.parent.name}.${method.name} | ${path} | ${callers} | ${keyed} |`;
}

/** Reads the descriptor set of the contract. */
export function readRegistry(): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(join(ROOT, 'gen/api.binpb'))));
}

/** Generates README's table of operations from the contract. */
export function writeOperations(): void {
  const file = join(ROOT, 'README.md');
  writeFileSync(file, withOperations(readFileSync(file, 'utf8'), readRegistry()));
}
