import assert from 'node:assert/strict';
import type { DescMethod } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { emptyRequest, methods, optionOf } from '../support/api.ts';
import { startService, type Service } from '../support/service.ts';

// Every RPC × every kind of caller, from the contract: a new RPC is in it without a line here.
const ROLES = ['', 'anonymous', 'player', 'service', 'admin', 'root'];
const SCOPES = [
  '',
  'read',
  'play',
  'jackpot:contribute',
  'jackpot:drop',
  'ledger:issue',
  'players:write',
  'players:erase',
  'grants:confirm',
  'raffle:draw',
  'jackpot:award',
];

interface Access {
  readonly roles: readonly number[];
  readonly scope: number;
}

const accessOf = (method: DescMethod): Access => optionOf<Access>(method, 'windfall.options.v1.access');

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const CALLERS = ['anonymous', 'player', 'service', 'admin', 'root'];
/** Callers that are always rejected, and with which error. */
const REFUSED: Readonly<Record<string, string>> = {
  'unknown-key': 'UNAUTHENTICATED',
  'expired-player': 'UNAUTHENTICATED',
  'forged-player': 'UNAUTHENTICATED',
  'expired-admin': 'UNAUTHENTICATED',
  'wrong-operator': 'OPERATOR_MISMATCH',
  'unknown-operator': 'OPERATOR_NOT_FOUND',
};

for (const [name, method] of methods) {
  describe(name, () => {
    const { roles, scope } = accessOf(method);
    const allowed = new Set(roles.map((role) => ROLES[role]!));
    const request = emptyRequest(method);
    const called = async (as: string): Promise<string | null> =>
      (await service.grpc(name, request, await service.credentials(as, 'matrix-player'))).reason;

    for (const caller of CALLERS) {
      test(`${allowed.has(caller) ? 'lets in' : 'refuses'} ${caller}`, async () => {
        const reason = await called(caller);
        const refused = reason === 'UNAUTHENTICATED' || reason === 'PERMISSION_DENIED' || reason === 'SCOPE_MISSING';
        // The log-in itself answers UNAUTHENTICATED to a wrong password; an empty request is not even that.
        assert.equal(refused, !allowed.has(caller), `${caller} was told ${reason}`);
        if (refused) assert.equal(reason, caller === 'anonymous' ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED');
      });
    }

    for (const [caller, reason] of Object.entries(REFUSED)) {
      test(`refuses ${caller}`, async () => assert.equal(await called(caller), reason));
    }

    if (allowed.has('service') && scope !== 0) {
      test(`refuses a key without ${SCOPES[scope]}`, async () =>
        assert.equal(await called(`without ${SCOPES[scope]}`), 'SCOPE_MISSING'));
    }
  });
}
