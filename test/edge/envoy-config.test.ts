import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { getOption } from '@bufbuild/protobuf';
import { describe, test } from 'vitest';
import { parse } from 'yaml';
import { loadContract, renderEnvoy } from '../../src/rpc/index.ts';
import { ENVOY } from './envoy.ts';

const skip = ENVOY === null;
const contract = loadContract(new URL('../../gen/api.binpb', import.meta.url));
const services = [...contract.registry].filter((type) => type.kind === 'service');

/** All objects with this property. */
function* having(value: unknown, property: string): Generator<any> {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, property)) yield value;
  for (const part of Object.values(value)) yield* having(part, property);
}

describe('envoy.yaml', () => {
  const config = parse(
    renderEnvoy({
      httpPort: 1,
      grpcPort: 2,
      adminSocket: 'x.sock',
      tls: { cert: 'c', key: 'k', clientCa: 'a' },
      trustedProxies: ['10.0.0.0/8', '::1'],
      host: '0.0.0.0',
      grpcHost: '10.0.0.1',
      timeoutMs: 4000,
    }),
  );

  test('has its settings', () => {
    const sockets = [...having(config, 'port_value')].map(({ address, port_value: port }) => `${address}:${port}`);
    assert.deepEqual(sockets.sort(), ['0.0.0.0:1', '10.0.0.1:2']);
    assert.deepEqual(config.admin.address.pipe, { path: 'x.sock', mode: 0o600 });
    const [rest] = having(config, 'request_headers_to_add');
    assert.deepEqual([rest.route.timeout, rest.request_headers_to_add[0].header.value], ['4s', '3800m']);
    const paths = [...having(config, 'proto_descriptor')].map(({ proto_descriptor: path }) => path as string);
    assert.equal(paths.length, 1);
    assert(paths.every((path) => path.startsWith('/') && path.endsWith('/gen/edge.binpb')));
    const [lua] = having(config, 'default_source_code');
    const script = lua.default_source_code.inline_string as string;
    const files = [...script.matchAll(/"([^"]+\.lua)"/g)].map(([, file]) => file!);
    assert.equal(files.length, 5);
    assert(files.every((file) => file.startsWith('/')) && files.some((file) => file.endsWith('/gen/edge.lua')), script);
  });

  test('has every service of the contract', () => {
    for (const { services: listed } of having(config, 'proto_descriptor')) {
      assert.deepEqual((listed as string[]).toSorted(), services.map(({ typeName }) => typeName).sort());
    }
  });

  test('is valid as it stands', { skip }, async () => {
    await promisify(execFile)(ENVOY!, ['--mode', 'validate', '--config-path', 'envoy.yaml']);
  });
});

describe('paths of the contract', () => {
  interface Http {
    readonly pattern: { readonly case: string; readonly value: string };
    readonly body: string;
    readonly additionalBindings: readonly Http[];
  }
  const paths = services.flatMap(({ methods }) =>
    methods.flatMap((method): [string, string][] => {
      // Streams that clients write to have no path: REST has nothing like them.
      if (method.methodKind === 'bidi_streaming') return [];
      const option: unknown = getOption(method, contract.registry.getExtension('google.api.http')!);
      const http = option as Http;
      return [http, ...http.additionalBindings].map(({ pattern }) => [pattern.case, pattern.value]);
    }),
  );

  test('have nothing that the transcoder reads differently', () => {
    for (const [, path] of paths) {
      assert.match(path, /^(\/([a-z0-9-]+|\{[a-z_]+\}))+$/, 'no :verb, no * and no / at the end');
    }
  });

  test('differ in shape: the transcoder accepts neither of two equal ones', () => {
    const shapes = paths.map(([verb, path]) => `${verb} ${path.replaceAll(/\{[^}]+\}/g, '{}')}`);
    assert.deepEqual(
      shapes.filter((shape, i) => shapes.indexOf(shape) !== i),
      [],
    );
  });
});
