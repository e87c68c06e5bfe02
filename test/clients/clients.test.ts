import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { go } from '../../src/tools/stubs/toolkits.ts';
import { ROOT } from '../support/command.ts';
import { startService } from '../support/service.ts';
import { clients, complaint } from './clients.ts';

const scratch = mkdtempSync(join(tmpdir(), 'windfall-clients-'));
const service = await startService();
afterAll(async () => {
  await service.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const lacking = await go({ say: () => undefined, fetchGo: false }).then(
  () => null,
  (error: Error) => error.message,
);

/** Compiling the dependencies of Go's client takes minutes on a slow machine, once. */
const timeout = 240_000;

describe('a client opens a box, contributes and reads a typed error', () => {
  const place = { folder: ROOT, scratch };
  const run = async (language: string): Promise<string> => {
    const address = { grpc: service.server.address, rest: service.envoy.base, key: 'wf_test_demo' };
    const printed = await clients[language]!.run!(place, address);
    assert.equal(complaint(printed), null);
    return printed;
  };
  const compileAndRun = async (language: string): Promise<void> => {
    await clients[language]!.compile(place);
    await run(language);
  };
  test('in Python, installed by pip', { timeout }, () => compileAndRun('python'));
  const goes = lacking === null ? 'in Go' : `in Go: not run, ${lacking}`;
  test(goes, { timeout, skip: lacking !== null }, () => compileAndRun('go'));
  // Their types are checked with all others.
  test("in TypeScript on the server's code", async () => void (await run('ts')));
  test('in TypeScript as browsers have it, through Envoy, which also watches', async () => {
    assert.match(await run('web'), /^watched \d/m);
  });
});
