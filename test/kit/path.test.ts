import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { grpcApi } from '../support/api.ts';
import { startKit, type KitServer } from './server.ts';

/** The maximum number of files that one contribution passes through, from the handler to the journal and back. */
const FILES_MAX = 30;
/** What every call passes before its handler: the transport and authentication. */
const BEFORE = /^(rpc\/|tenants\/(authenticate|known-keys|read-through|secret)\.ts|kernel\/(token-buckets|errors)\.ts)/;
const SRC = new URL('../../src/', import.meta.url).href;
const WARM_UP = 3;
/** Several calls: background work (the roll-up, the polling of tasks) does not run during each of them. */
const MEASURED = 15;

let server: KitServer;
let api: ReturnType<typeof grpcApi>;

describe('one contribution', () => {
  beforeAll(async () => {
    server = await startKit();
    api = grpcApi(server.address);
  });
  afterAll(async () => {
    api.close();
    await server.stop();
  });

  test(`visits at most ${FILES_MAX} files between its handler and the journal`, async (t) => {
    const { token } = (await call('AuthService.LoginAdmin', { username: 'demo', password: 'demo' }, {})) as {
      token: string;
    };
    const admin = { authorization: `Bearer ${token}` };
    await call('JackpotService.CreateJackpot', { id: 'pot', asset: 'USD', seed_usd: '10' }, admin);
    for (let i = 0; i < WARM_UP; i++) await contribute(`warm-up-${i}`);
    const coverage = new Session();
    coverage.connect();
    await coverage.post('Profiler.enable');
    await coverage.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    const visits: string[][] = [];
    for (let i = 0; i < MEASURED; i++) {
      // What follows the contribution before, in the background, is over then.
      await sleep(100);
      await coverage.post('Profiler.takePreciseCoverage');
      await contribute(`wager-${i}`);
      const { result } = await coverage.post('Profiler.takePreciseCoverage');
      const ran = result.filter(({ functions }) => functions.some(({ ranges }) => ranges[0]!.count > 0));
      visits.push(ran.flatMap(({ url }) => (url.startsWith(SRC) ? [url.slice(SRC.length)] : [])));
    }
    coverage.disconnect();
    const files = visits[0]!.filter((file) => visits.every((others) => others.includes(file))).sort();
    const counted = files.filter((file) => !BEFORE.test(file));
    await t.annotate(`${counted.length} files: ${counted.join(', ')}`);
    await t.annotate(`before them: ${files.filter((file) => BEFORE.test(file)).join(', ')}`);
    assert.ok(counted.includes('journal/journal.ts'), 'nothing was measured');
    assert.ok(counted.length <= FILES_MAX, `it visits ${counted.length}`);
  });
});

async function call(rpc: string, request: JsonObject, headers: Record<string, string>): Promise<unknown> {
  const { status, reason, body } = await api.call(rpc, request, headers);
  assert.equal(status, 'OK', `${rpc}: ${reason}`);
  return body;
}

const contribute = (wager: string): Promise<unknown> =>
  call(
    'JackpotService.ContributeToJackpot',
    { id: 'pot', user_id: 'somebody', amount: 1, source_wager_id: wager, idempotency_key: wager },
    { authorization: 'Bearer wf_test_demo' },
  );
