import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { getOption, type DescMethod } from '@bufbuild/protobuf';
import { httpOf, methods, registry } from '../support/api.ts';

const ROLES = ['', 'anyone', 'player', 'service', 'admin', 'root'];

/** A line of README's table of operations: what the contract says of an RPC. */
function line(name: string, method: DescMethod): string {
  const access = getOption(method, registry.getExtension('windfall.options.v1.access')!) as unknown as { roles: number[] };
  const rest = getOption(method, registry.getExtension('windfall.options.v1.rest')!) as unknown as { status: number };
  const http = httpOf(method);
  const path = http === undefined ? '' : `\`${http.pattern.case.toUpperCase()} ${http.pattern.value}\`${rest.status ? ` → ${rest.status}` : ''}`;
  const fields = new Set(method.input.fields.map((field) => field.name));
  const keyed = http?.pattern.case === 'get' ? '' : fields.has('idempotency_key') ? 'key' : fields.has('items') ? "each item's key" : '';
  return `| ${name} | ${path} | ${access.roles.map((role) => ROLES[role]).join(', ')} | ${keyed} |`;
}

test('README lists every operation as the contract has it', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const lines = [...methods].map(([name, method]) => line(name, method));
  const missing = lines.filter((wanted) => !readme.includes(`${wanted}\n`));
  assert.deepEqual(missing, [], `missing in README:\n${missing.join('\n')}`);
  const listed = readme.split('\n').filter((text) => /^\| \w+Service\./.test(text));
  assert.deepEqual(listed.filter((text) => !lines.includes(text)), [], 'listed, but not in the contract');
});
