import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { httpOf, methods, type Call, type Outcome } from '../support/api.ts';
import { startService, type Service } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

type Face = 'grpc' | 'rest';

/** The service over REST or gRPC, for one caller after another. */
class Caller {
  readonly id = `r-${randomUUID()}`;
  readonly #call: Call;

  constructor(face: Face) {
    this.#call = service[face];
  }

  async call(rpc: string, as: string, request: JsonObject): Promise<Outcome> {
    return this.#call(rpc, request, await service.credentials(as, this.id));
  }

  /** The body of an answer that is none of an earlier call. */
  async done(rpc: string, as: string, request: JsonObject): Promise<JsonObject> {
    const { status, reason, body, replayed } = await this.call(rpc, as, request);
    assert.ok(status === 'OK' || (status as number) < 300, `${rpc}: ${status} ${reason}`);
    assert.equal(replayed, false, `${rpc} tells a first call as repeated`);
    return body as JsonObject;
  }
}

interface Write {
  /** As FindOperation knows it. */
  readonly operation: string;
  readonly as: string;
  /** Creates what the call needs; returns the request without its key. */
  prepare(caller: Caller): Promise<JsonObject>;
  /** Changes the subject of the first answer, before the call is repeated. */
  change(caller: Caller): Promise<unknown>;
}

const PRIZES = [{ segment_label: 'a', asset: 'WINZ', amount: '1', weight: 1 }];
const box = (caller: Caller) => caller.done('LootboxService.CreateLootbox', 'admin', { id: caller.id, prizes: PRIZES });
const boxChange = (caller: Caller) =>
  caller.done('LootboxService.UpdateLootbox', 'admin', {
    id: caller.id,
    name: 'Changed since',
    rolls: 2,
    status: 'active',
  });
const pool = (caller: Caller) =>
  caller.done('JackpotService.CreateJackpot', 'admin', { id: caller.id, asset: 'USD', seed_usd: '10' });
const poolChange = async (caller: Caller): Promise<void> => {
  const { id } = caller;
  await caller.done('JackpotService.UpdateJackpot', 'admin', {
    id,
    name: 'Changed since',
    win_selector: 'lowest',
    status: 'active',
  });
  await caller.done('JackpotService.ContributeToJackpot', 'service', { id, user_id: id, amount: 2 });
};
const give = (caller: Caller) =>
  caller.done('LedgerService.CreateTransfer', 'admin', {
    source: { kind: 'operator' },
    destination: { kind: 'player', user_id: caller.id },
    asset: 'WINZ',
    amount: '5',
  });
/** A request about what `make` creates. */
const requestAfter =
  (make: (caller: Caller) => Promise<unknown>, request: JsonObject) =>
  async (caller: Caller): Promise<JsonObject> => {
    await make(caller);
    return { id: caller.id, ...request };
  };

const WRITES: Readonly<Record<string, Write>> = {
  'LootboxService.CreateLootbox': {
    as: 'admin',
    operation: 'lootbox.create',
    prepare: async ({ id }) => ({ id, prizes: PRIZES, reason: 'new' }),
    change: boxChange,
  },
  'LootboxService.UpdateLootbox': {
    as: 'admin',
    operation: 'lootbox.update',
    prepare: requestAfter(box, { name: 'Second', status: 'paused' }),
    change: boxChange,
  },
  'LootboxService.ArchiveLootbox': {
    as: 'admin',
    operation: 'lootbox.archive',
    prepare: requestAfter(box, { reason: 'over' }),
    change: boxChange,
  },
  'LootboxService.OpenLootbox': {
    as: 'service',
    operation: 'lootbox.open',
    prepare: requestAfter(box, { user_id: 'r-player' }),
    change: boxChange,
  },
  'JackpotService.CreateJackpot': {
    as: 'admin',
    operation: 'jackpot.create',
    change: poolChange,
    prepare: async ({ id }) => ({
      id,
      asset: 'USD',
      pots: [
        {
          id: 'hit',
          fraction: '0.5',
          seed: '1',
          surplus_seed: '2',
          win_rules: [{ hit_rate: { cost: '1', odds: 9000000000 } }],
        },
        { id: 'brim', fraction: '0.4', seed: '5', win_rules: [{ must_drop_value: { value: '5.5' } }] },
      ],
    }),
  },
  'JackpotService.UpdateJackpot': {
    as: 'admin',
    operation: 'jackpot.update',
    prepare: requestAfter(pool, { name: 'Second', status: 'paused' }),
    change: poolChange,
  },
  'JackpotService.ArchiveJackpot': {
    as: 'admin',
    operation: 'jackpot.archive',
    prepare: requestAfter(pool, { reason: 'over' }),
    change: poolChange,
  },
  'JackpotService.ContributeToJackpot': {
    as: 'service',
    operation: 'jackpot.contribute',
    prepare: requestAfter(pool, { user_id: 'r-player', amount: 1 }),
    change: poolChange,
  },
  'JackpotService.DropJackpot': {
    as: 'service',
    operation: 'jackpot.drop',
    prepare: requestAfter(pool, { winner_user_id: 'r-player' }),
    change: poolChange,
  },
  'LedgerService.CreateTransfer': {
    as: 'admin',
    operation: 'ledger.transfer',
    change: give,
    prepare: async ({ id }) => ({
      source: { kind: 'operator' },
      destination: { kind: 'player', user_id: id },
      asset: 'WINZ',
      amount: '1.5',
    }),
  },
  'LedgerService.ReverseTransfer': {
    as: 'admin',
    operation: 'ledger.reverse',
    change: give,
    prepare: async (caller) => ({ transfer_id: ((await give(caller))['transfer'] as JsonObject)['transfer_id']! }),
  },
  'FairnessService.SetClientSeed': {
    as: 'player',
    operation: 'fairness.client-seed',
    prepare: async () => ({ client_seed: 'my words' }),
    change: (caller) => caller.done('FairnessService.SetClientSeed', 'player', { client_seed: 'other words' }),
  },
  'PlayerService.CreatePlayer': {
    as: 'service',
    operation: 'player.create',
    prepare: async ({ id }) => ({ user_id: id, country: 'MT', vip_level: 3 }),
    change: give,
  },
};

/** What an answer says beside whether it is repeated. */
const told = ({ status, body }: Outcome): unknown => [status, { ...(body as JsonObject), deduped: null }];

for (const [name, { as, operation, prepare, change }] of Object.entries(WRITES)) {
  describe(name, () => {
    for (const face of ['grpc', 'rest'] as const) {
      test(`returns the exact first answer to a repeated call over ${face}, and says so in a header`, async () => {
        const caller = new Caller(face);
        const request = { ...(await prepare(caller)), idempotency_key: randomUUID() };
        const first = await caller.call(name, as, request);
        assert.equal(first.reason, null, JSON.stringify(first));
        assert.equal(first.replayed, false);
        await change(caller);
        for (let time = 0; time < 2; time++) {
          const again = await caller.call(name, as, request);
          assert.equal(again.replayed, true, 'the header is missing');
          assert.deepEqual(told(again), told(first));
          if ('deduped' in (first.body as JsonObject)) assert.equal((again.body as JsonObject)['deduped'], true);
        }
        const user = as === 'player' ? { user_id: caller.id } : {};
        const asked = { operation, idempotency_key: request.idempotency_key, ...user };
        const found = await caller.call('JournalService.FindOperation', 'admin', asked);
        assert.equal(found.reason, null, 'FindOperation does not find it');
        // Another key is another call: it is executed again, or refused because of the current state.
        const other = await caller.call(name, as, { ...request, idempotency_key: randomUUID() });
        // A transfer is reversed once, whatever the key: its own id is one too.
        assert.equal(other.replayed, name === 'LedgerService.ReverseTransfer');
        const without = await caller.call(name, as, { ...request, idempotency_key: '' });
        assert.equal(without.replayed, name === 'LedgerService.ReverseTransfer');
      });
    }
  });
}

// Made once, because its secret is shown once.
const ONCE = 'AuthService.CreateApiKey';

for (const face of ['grpc', 'rest'] as const) {
  test(`a repeated call that creates an API key is refused over ${face}, and not marked as replayed`, async () => {
    const caller = new Caller(face);
    const request = { name: caller.id, idempotency_key: randomUUID() };
    await caller.done(ONCE, 'admin', request);
    const { reason, replayed } = await caller.call(ONCE, 'admin', request);
    assert.deepEqual([reason, replayed], ['ALREADY_EXISTS', false]);
  });
}

test('every write of the contract that takes a key is among them', () => {
  const keyed = [...methods].filter(
    ([, method]) =>
      method.methodKind === 'unary' &&
      httpOf(method)?.pattern.case !== 'get' &&
      method.input.fields.some(({ name }) => name === 'idempotency_key'),
  );
  assert.deepEqual(keyed.map(([name]) => name).sort(), [...Object.keys(WRITES), ONCE].sort());
});

test('FindOperation says how each of them is called', () => {
  const file = new URL('../../proto/windfall/journal/v1/journal.proto', import.meta.url);
  const [, comment] = /\/\/ operation is ([^]*?)\n {2}string operation/.exec(readFileSync(file, 'utf8'))!;
  const named = comment!.match(/"[a-z.-]+"/g)!.map((word) => word.slice(1, -1));
  assert.deepEqual(named, [...Object.values(WRITES).map(({ operation }) => operation), 'api-key.create'].sort());
});
