import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { httpOf, methods, type Outcome } from '../support/api.ts';
import { startService, type Service } from '../support/service.ts';
import { AT_MOST_ONCE, Caller, WRITES } from './writes.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** What an answer says beside whether it is repeated. */
const told = ({ status, body }: Outcome): unknown => [status, { ...(body as JsonObject), deduped: null }];

for (const [name, { as, operation, prepare, change }] of Object.entries(WRITES)) {
  describe(name, () => {
    for (const face of ['grpc', 'rest'] as const) {
      test(`returns the exact first answer to a repeated call over ${face}, and says so in a header`, async () => {
        const caller = new Caller(service, face);
        const request = { ...(await prepare(caller)), idempotency_key: randomUUID() };
        const first = await caller.call(name, as, request);
        assert.equal(first.reason, null, JSON.stringify(first));
        assert.equal(first.replayed, false);
        await change(caller);
        for (let time = 0; time < 2; time++) {
          const again = await caller.call(name, as, request);
          assert.equal(again.replayed, true, 'the header is missing');
          assert.deepEqual(told(again), told(first));
          if ('deduped' in ((first.body ?? {}) as JsonObject))
            assert.equal((again.body as JsonObject)['deduped'], true);
        }
        const user = as === 'player' ? { user_id: caller.id } : {};
        const asked = { operation, idempotency_key: request.idempotency_key, ...user };
        const found = await caller.call('JournalService.FindOperation', 'admin', asked);
        assert.equal(found.reason, null, 'FindOperation does not find it');
        // Another key is another call: it is executed again, or refused because of the current state.
        const other = await caller.call(name, as, { ...request, idempotency_key: randomUUID() });
        assert.equal(other.replayed, AT_MOST_ONCE.has(name));
        const without = await caller.call(name, as, { ...request, idempotency_key: '' });
        assert.equal(without.replayed, AT_MOST_ONCE.has(name));
      });
    }
  });
}

// Made once, because its secret is shown once.
const ONCE = 'AuthService.CreateApiKey';

for (const face of ['grpc', 'rest'] as const) {
  test(`a repeated call that creates an API key is refused over ${face}, and not marked as replayed`, async () => {
    const caller = new Caller(service, face);
    const request = { name: caller.id, idempotency_key: randomUUID() };
    await caller.done(ONCE, 'admin', request);
    const { reason, replayed } = await caller.call(ONCE, 'admin', request);
    assert.deepEqual([reason, replayed], ['ALREADY_EXISTS', false]);
  });
}

/** Their answers have secrets that are not shown again: test/webhooks. */
const SECRETS = ['WebhookService.CreateWebhook', 'WebhookService.RotateWebhookSecret'];

test('every write of the contract that takes a key is among them', () => {
  const keyed = [...methods].filter(
    ([, method]) =>
      method.methodKind === 'unary' &&
      httpOf(method)?.pattern.case !== 'get' &&
      method.input.fields.some(({ name }) => name === 'idempotency_key'),
  );
  assert.deepEqual(keyed.map(([name]) => name).sort(), [...Object.keys(WRITES), ONCE, ...SECRETS].sort());
});

test('FindOperation says how each of them is called', () => {
  const file = new URL('../../proto/windfall/journal/v1/journal.proto', import.meta.url);
  const [, comment] = /\/\/ operation is ([^]*?)\n {2}string operation/.exec(readFileSync(file, 'utf8'))!;
  const named = comment!.match(/"[a-z.-]+"/g)!.map((word) => word.slice(1, -1));
  assert.deepEqual(
    named,
    [...new Set([...Object.values(WRITES).map(({ operation }) => operation), 'api-key.create'])].sort(),
  );
});
