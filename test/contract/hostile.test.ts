import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { toJson, fromJson } from '@bufbuild/protobuf';
import { httpOf, methods, registry } from '../support/api.ts';
import { requestOf, seeded } from '../support/requests.ts';
import { startService, type Service } from '../support/service.ts';

// The same requests again: SEED=… node --test test/contract/hostile.test.ts
const SEED = Number(process.env['SEED'] ?? 20261121);
const REQUESTS = 40;
const CALLERS = ['service', 'admin', 'player', 'anonymous'];
const PLAYER = 'hostile-player';
const FAULTS = new Set(['INTERNAL', 'UNKNOWN', 'DATA_LOSS', 'UNIMPLEMENTED', 'UNAVAILABLE', 'DEADLINE_EXCEEDED']);

let service: Service;
before(async () => {
  service = await startService();
  // Before the flood guesses passwords, and locks the admin's name.
  for (const caller of CALLERS) await service.credentials(caller, PLAYER);
});
after(() => service.stop());

// Last, because it revokes the key that the others are called with.
const LAST = 'AuthService.RevokeApiKey';
const ordered = [...methods].sort(([a], [b]) => Number(a === LAST) - Number(b === LAST));

for (const [name, method] of ordered) {
  describe(`${name}, called with requests of every kind (SEED=${SEED})`, () => {
    test('is never a fault of the server over gRPC', () => flood('grpc'));
    if (httpOf(method) !== undefined) test('is never a fault of the server over REST', () => flood('rest'));

    async function flood(face: 'grpc' | 'rest'): Promise<void> {
      const random = seeded(SEED + name.length);
      for (let n = 0; n < REQUESTS; n++) {
        const request = requestOf(method.input, random);
        const headers = await service.credentials(CALLERS[n % CALLERS.length]!, PLAYER);
        // Over gRPC a client cannot even write some of them; what it can, it sends.
        if (face === 'grpc' && !writable(request)) continue;
        const { status, body } = await service[face](name, request, headers);
        const told = `${JSON.stringify(request).slice(0, 600)} gave ${status} ${JSON.stringify(body).slice(0, 300)}`;
        if (typeof status === 'number') assert.ok(status < 500, told);
        else assert.ok(!FAULTS.has(status), told);
      }
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

test('none of it has unbalanced the ledger', async () => {
  const { body, status } = await service.grpc('LedgerService.GetTrialBalance', {}, await service.credentials('admin', PLAYER));
  assert.equal((body as { balanced: boolean } | null)?.balanced, true, `the ledger is out of balance: ${status}`);
});
