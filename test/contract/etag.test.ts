import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { Metadata } from '@grpc/grpc-js';
import type { JsonObject } from '@bufbuild/protobuf';
import { GetLootboxRequest } from '../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { http1, type HttpClient, type Reply } from '../edge/http.ts';
import { grpcApi, type Headers } from '../support/api.ts';
import { startService, type Service } from '../support/service.ts';

const ROLES = ['anonymous', 'player', 'service', 'admin'];
let service: Service;
let client: HttpClient;
let proof: string;
const headersOf = new Map<string, Headers>();

async function call(rpc: string, request: JsonObject, as = 'service'): Promise<any> {
  const { status, reason, body } = await service.grpc(rpc, request, headersOf.get(as));
  assert.equal(status, 'OK', `${rpc}: ${reason}`);
  return body;
}

beforeAll(async () => {
  service = await startService();
  client = http1(service.envoy.base);
  for (const role of ROLES) headersOf.set(role, await service.credentials(role, 'tagged'));
  const { open_id: id } = await call('LootboxService.OpenLootbox', { id: 'welcome-box', user_id: 'tagged' });
  proof = `/v1/fairness/proofs/${id}`;
});
afterAll(async () => {
  client[Symbol.dispose]();
  await service.stop();
});

const PATHS: Readonly<Record<string, () => string>> = {
  GetLootbox: () => '/v1/lootbox/gold-box',
  'GetLootbox of a version': () => '/v1/lootbox/gold-box?version=1',
  GetLootboxOdds: () => '/v1/lootbox/gold-box/odds',
  GetJackpot: () => '/v1/jackpots/mystery',
  GetProof: () => proof,
};
const get = (path: string, as = 'anonymous', more: Headers = {}): Promise<Reply> =>
  client.send('GET', path, undefined, { ...headersOf.get(as), ...more });

for (const [name, path] of Object.entries(PATHS)) {
  describe(name, () => {
    test('has a tag, by which a second read is told that nothing has changed', async () => {
      const first = await get(path());
      assert.equal(first.status, 200, first.text);
      const etag = String(first.headers['etag']);
      assert.match(etag, /^W\/"[\w-]{22}"$/);
      assert.equal(first.headers['cache-control'], 'private, no-cache');
      for (const header of [etag, '*', `"else", ${etag}`, etag.slice(2)]) {
        const second = await get(path(), 'anonymous', { 'if-none-match': header });
        assert.deepEqual([second.status, second.text, second.reused], [304, '', true], header);
        assert.deepEqual([second.headers['etag'], second.headers['content-type']], [etag, undefined]);
        assert.deepEqual([second.headers['x-rest-status'], second.headers['content-length']], [undefined, undefined]);
      }
      for (const more of [{}, { 'if-none-match': '"else"' }, { 'accept-encoding': 'gzip' }] as Headers[]) {
        const again = await get(path(), 'anonymous', more);
        assert.deepEqual([again.status, again.headers['etag']], [200, etag]);
        assert.ok(again.body.length > 0);
      }
      const packed = await get(path(), 'anonymous', { 'accept-encoding': 'gzip', 'if-none-match': etag });
      assert.deepEqual([packed.status, packed.body.length, packed.headers['content-encoding']], [304, 0, undefined]);
    });

    test('has a tag of its own for each who may read something else', async () => {
      const bodies = new Map<unknown, string>();
      for (const role of ROLES) {
        const reply = await get(path(), role);
        const etag = reply.headers['etag'];
        assert.equal(bodies.get(etag) ?? reply.text, reply.text, role);
        bodies.set(etag, reply.text);
      }
      assert.equal(bodies.size, ROLES.length);
    });
  });
}

describe('a tag', () => {
  /** What may happen between two reads. */
  const HAPPENINGS: Readonly<Record<string, (n: number) => Promise<unknown>>> = {
    contribution: (n) =>
      call('JackpotService.ContributeToJackpot', {
        id: 'mystery',
        user_id: `tagged-${n % 3}`,
        source_wager_id: `tag-${n}`,
        amount: 90,
      }),
    'repeated contribution': () =>
      call('JackpotService.ContributeToJackpot', {
        id: 'mystery',
        user_id: 'tagged-0',
        source_wager_id: 'tag-0',
        amount: 90,
      }),
    'new name': (n) => call('JackpotService.UpdateJackpot', { id: 'mystery', name: `Mystery ${n}` }, 'admin'),
    'pause and start': async () => {
      await call('JackpotService.UpdateJackpot', { id: 'mystery', status: 'paused' }, 'admin');
      await readAll();
      await call('JackpotService.UpdateJackpot', { id: 'mystery', status: 'active' }, 'admin');
    },
    'new price': (n) =>
      call('LootboxService.UpdateLootbox', { id: 'gold-box', price: { asset: 'WINZ', amount: `${100 + n}` } }, 'admin'),
    'version that takes effect later': (n) =>
      call(
        'LootboxService.UpdateLootbox',
        { id: 'gold-box', name: `Gold ${n}`, effective_time: new Date(Date.now() + 86_400_000).toISOString() },
        'admin',
      ),
    nothing: async () => undefined,
  };
  const bodies = new Map<unknown, string>();

  /** Reads everything as everybody: what has the same tag has the same body. Returns the bodies. */
  async function readAll(): Promise<string[]> {
    const texts: string[] = [];
    for (const path of Object.values(PATHS)) {
      for (const role of ROLES) {
        const { headers, text } = await get(path(), role);
        assert.equal(bodies.get(headers['etag']) ?? text, text, `${path()} as ${role}`);
        bodies.set(headers['etag'], text);
        texts.push(text);
      }
    }
    return texts;
  }

  test('is never that of another body, whatever happens between two reads', async () => {
    let before = await readAll();
    let changes = 0;
    for (let round = 0; round < 4; round++) {
      for (const [name, happen] of Object.entries(HAPPENINGS)) {
        const known = bodies.size;
        await happen(round);
        const now = await readAll();
        changes += Number(now.join() !== before.join());
        if (name === 'nothing') assert.equal(bodies.size, known, 'nothing has changed, and a tag has');
        before = now;
      }
    }
    assert.ok(changes >= 16, `only ${changes} changes`);
  });

  test('is not asked for of what there is not', async () => {
    const missing = await get('/v1/lootbox/nothing', 'anonymous', { 'if-none-match': '*' });
    assert.deepEqual([missing.status, missing.headers['etag']], [404, undefined]);
  });

  test('is of no concern to calls over gRPC', async () => {
    const { raw, close } = grpcApi(service.server.address);
    const metadata = new Metadata();
    metadata.set('if-none-match', '*');
    const initial = Promise.withResolvers<Metadata>();
    const answer = await new Promise<Buffer>((resolve, reject) => {
      raw
        .makeUnaryRequest(
          '/windfall.lootbox.v1.LootboxService/GetLootbox',
          (bytes: Buffer) => bytes,
          (bytes) => bytes,
          Buffer.from(GetLootboxRequest.encode({ id: 'gold-box', version: 0 }).finish()),
          metadata,
          (error, bytes) => (error === null ? resolve(bytes!) : reject(error)),
        )
        .on('metadata', initial.resolve);
    });
    close();
    assert.ok(answer.length > 0);
    const { etag, 'cache-control': control } = (await initial.promise).getMap();
    assert.deepEqual([etag, control], [undefined, undefined]);
  });
});
