import assert from 'node:assert/strict';
import {
  fromJson,
  toJson,
  type DescMessage,
  type DescMethod,
  type JsonObject,
  type JsonValue,
} from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { httpOf, methods, registry } from '../support/api.ts';
import { requestOf, seeded } from '../support/requests.ts';
import { startService, type Service } from '../support/service.ts';

// The same requests again: SEED=… npx vitest run test/contract/hostile.test.ts
const SEED = Number(process.env['SEED'] ?? 20261121);
/** For each RPC over each face. A thorough run has 40: REQUESTS=40 npx vitest run test/contract/hostile.test.ts */
const REQUESTS = Number(process.env['REQUESTS'] ?? 16);
const CALLERS = ['service', 'admin', 'player', 'anonymous'];
const PLAYER = 'hostile-player';
const FAULTS = new Set(['INTERNAL', 'UNKNOWN', 'DATA_LOSS', 'UNIMPLEMENTED', 'UNAVAILABLE', 'DEADLINE_EXCEEDED']);

const TIMES = [
  '1970-01-01T00:00:00Z',
  '2001-01-01T00:00:00.123456789Z',
  '2099-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '2026-11-21T00:00:00+14:00',
];
/** Few, because a request with one of them cannot be written. */
const NO_TIMES = ['10000-01-01T00:00:00Z', 'tomorrow', ''];
const ALL_TIMES = [...TIMES, ...TIMES, ...TIMES, ...NO_TIMES];

/** A request with its times as JSON has them: they are texts, and no messages with fields. */
function withTimes(message: DescMessage, request: JsonObject, random: () => number): JsonObject {
  return Object.fromEntries(
    Object.entries(request).map(([name, value]) => {
      const type = message.fields.find(({ jsonName }) => jsonName === name)!.message;
      if (type === undefined) return [name, value];
      const one = (item: JsonValue): JsonValue =>
        type.typeName === 'google.protobuf.Timestamp'
          ? ALL_TIMES[Math.floor(random() * ALL_TIMES.length)]!
          : withTimes(type, item as JsonObject, random);
      return [name, Array.isArray(value) ? value.map(one) : one(value)];
    }),
  );
}

let service: Service;
beforeAll(async () => {
  service = await startService();
  // Before the flood guesses passwords, and locks the admin's name.
  for (const caller of CALLERS) await service.credentials(caller, PLAYER);
});
afterAll(() => service.stop());

// Last, because they revoke what the others are called with.
const REVOKING = ['AdminService.RevokeAdminTokens', 'AuthService.RevokeApiKey'];
const harmless = [...methods].filter(([name]) => !REVOKING.includes(name));

for (const [name, method] of harmless) floods(name, method);

test('none of it has unbalanced the ledger', async () => {
  const { body, status } = await service.grpc(
    'LedgerService.GetTrialBalance',
    {},
    await service.credentials('admin', PLAYER),
  );
  assert.equal((body as { balanced: boolean } | null)?.balanced, true, `the ledger is out of balance: ${status}`);
});

for (const name of REVOKING) floods(name, methods.get(name)!);

function floods(name: string, method: DescMethod): void {
  describe(`${name}, called with requests of every kind (SEED=${SEED})`, () => {
    test('never causes an internal error over gRPC', () => flood('grpc'));
    if (httpOf(method) !== undefined) test('is never a fault of the server over REST', () => flood('rest'));

    async function flood(face: 'grpc' | 'rest'): Promise<void> {
      // Other requests over REST than over gRPC.
      const random = seeded(SEED + name.length + (face === 'rest' ? 1000 : 0));
      let sent = 0;
      for (let n = 0; n < REQUESTS; n++) {
        const request = withTimes(method.input, requestOf(method.input, random), random);
        const headers = await service.credentials(CALLERS[n % CALLERS.length]!, PLAYER);
        // Over gRPC a client cannot even write some of them; what it can, it sends.
        if (face === 'grpc' && !writable(request)) continue;
        sent += 1;
        const { status, body } = await service[face](name, request, headers);
        const told = `${JSON.stringify(request).slice(0, 600)} gave ${status} ${JSON.stringify(body).slice(0, 300)}`;
        if (typeof status === 'number') assert.ok(status < 500, told);
        else assert.ok(!FAULTS.has(status), told);
      }
      // Those with several times can be written less often.
      assert.ok(sent >= REQUESTS / 4, `only ${sent} of ${REQUESTS} requests could be written`);
    }

    function writable(request: ReturnType<typeof requestOf>): boolean {
      try {
        toJson(method.input, fromJson(method.input, request, { registry }), { registry });
        return true;
      } catch {
        return false;
      }
    }
  });
}
