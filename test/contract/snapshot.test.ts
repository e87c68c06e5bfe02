import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  createFileRegistry,
  fromBinary,
  getOption,
  hasOption,
  toJson,
  type AnyDesc,
  type DescField,
  type DescMessage,
  type DescMethod,
  type Message,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { loadContract } from '../../src/rpc/index.ts';
import { httpOf } from '../support/api.ts';
import { ROOT } from '../support/command.ts';

// What buf breaking does not see: who may call, where and with which status over REST, bounds, and documented reasons.

const contract = loadContract(join(ROOT, 'gen/api.binpb'));
/** The same with comments, which the server does without. */
const commented = readCommented();

function readCommented(): ReturnType<typeof createFileRegistry> {
  const { stdout, status, stderr } = spawnSync('buf', ['build', 'proto', '-o', '-'], { cwd: ROOT, maxBuffer: 1e8 });
  if (status !== 0) throw new Error(String(stderr));
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, stdout));
}

const ours = [...contract.registry].filter(({ typeName }) => /^windfall\.(?!facts|options)/.test(typeName));

function operation({ path, access, rest, desc }: ReturnType<typeof policies>[number]): string {
  const http = httpOf(desc);
  const routes = (http === undefined ? [] : [http, ...http.additionalBindings]).map(
    ({ pattern }) => `${pattern.case.toUpperCase()} ${pattern.value}`,
  );
  const unwrapped = rest.unwrap === null ? '' : ` (${rest.unwrap})`;
  return [
    path,
    `  rest: ${routes.join(', ') || 'none'} -> ${rest.status}${unwrapped}, ${rest.errors} errors`,
    `  roles: ${[...access.roles].join(', ')}${access.throttled ? ', throttled' : ''}`,
    `  scope: ${access.scope ?? 'none'}`,
    `  reasons: ${reasonsOf(desc).join(', ') || 'none'}`,
  ].join('\n');
}

const policies = () => [...contract.methods.values()].sort((a, b) => (a.path < b.path ? -1 : 1));

/** The reasons that an RPC's comment names, in their order. */
function reasonsOf({ parent, name }: DescMethod): string[] {
  const service = commented.getService(parent.typeName)!;
  const { service: services, sourceCodeInfo } = service.file.proto;
  // The places of a service in its file, and of a method in its service: descriptor.proto.
  const place = [6, services.indexOf(service.proto), 2, service.methods.findIndex((one) => one.name === name)].join();
  const comment = sourceCodeInfo!.location.find(({ path }) => path.join() === place)!.leadingComments;
  const [, errors = ''] = comment.split(/Errors\b/, 2);
  const words: readonly string[] = errors.match(/\b[A-Z][A-Z_]+[A-Z]\b/g) ?? [];
  return [...new Set(words)].filter((word) => contract.reasons.has(word as never));
}

/** The rules of a message and of its fields, one a line. */
function bounds(message: DescMessage): string[] {
  const fields = message.fields.flatMap((field) => {
    const rules = optionOf(field, 'buf.validate.field');
    return rules === undefined ? [] : [`  ${field.name}: ${rules}`];
  });
  const whole = optionOf(message, 'buf.validate.message');
  const lines = whole === undefined ? fields : [`  ${whole}`, ...fields];
  return lines.length === 0 ? [] : [[message.typeName, ...lines].join('\n')];
}

function optionOf(desc: DescField | DescMessage, name: string): string | undefined {
  const extension = contract.registry.getExtension(name)!;
  if (!hasOption(desc as AnyDesc, extension)) return undefined;
  const value = getOption(desc as AnyDesc, extension) as Message;
  return JSON.stringify(toJson(extension.message!, value));
}

test('operations, bounds and reasons are as they were published', async () => {
  const reasons = [...contract.reasons].map(([name, { code, status }]) => `${name}: ${code}, ${status}`);
  const messages = ours.filter((type) => type.kind === 'message').sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
  const text = [...policies().map(operation), ...messages.flatMap(bounds), reasons.join('\n'), ''].join('\n\n');
  await expect(text).toMatchFileSnapshot('operations.snap');
});
