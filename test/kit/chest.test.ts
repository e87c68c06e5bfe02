import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@bufbuild/protobuf';
import { credentials, Metadata } from '@grpc/grpc-js';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { stringify } from 'yaml';
import { digestOf, type ClientSeed, type RecordProof } from '../../src/fairness/index.ts';
import { verifyOperator } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { readRegistry } from '../../src/tools/json-client.ts';
import { startEdge, type Edge } from '../edge/envoy.ts';
import { collect } from '../edge/grpc.ts';
import { grpcApi, methods, restApi, type Call } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { answerOf, failureOf } from '../support/outcomes.ts';
import { until } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { cases, runCase } from './cases.ts';
import { ChestServiceClient, type OpenChestRequest, type StreamOpenChestResponse } from './gen/chest/v1/chest.ts';
import { CONTRACT, EDGE_CONTRACT, engines, startKit, type KitServer } from './server.ts';

// The callers have the RPCs of the installation's contract; those of chests are added, for this file alone.
const services = [...readRegistry(CONTRACT)].filter((type) => type.kind === 'service');
const installed = new Map(methods);

let server: KitServer;
let edge: Edge;
let api: ReturnType<typeof grpcApi>;
let callers: Callers;
const faces: Record<string, Call> = {};

/** Calls an RPC over gRPC, which must succeed. */
async function ask(as: string, rpc: string, request: JsonObject): Promise<any> {
  const { status, reason, body } = await api.call(rpc, request, await callers.headers(as, ''));
  assert.equal(status, 'OK', `${rpc}: ${reason}`);
  return body;
}

const SURE = {
  asset: 'WINZ',
  price: '0',
  bonus: '20',
  refresh_seconds: 3600,
  prizes: [{ label: 'sure', amount: '1', weight: 1 }],
};

async function makeChest(more: JsonObject = {}): Promise<string> {
  const id = `chest-${randomUUID()}`;
  await ask('admin', 'ChestService.CreateChest', { ...SURE, id, ...more });
  return id;
}

const open = (id: string, user: string, more: JsonObject = {}): Promise<any> =>
  ask('service', 'ChestService.OpenChest', { id, user_id: user, ...more });
const getChest = (id: string): Promise<any> => ask('anonymous', 'ChestService.GetChest', { id });

describe('a server with one engine more', () => {
  beforeAll(async () => {
    for (const { name, methods: own } of services)
      for (const method of own) methods.set(`${name}.${method.name}`, method);
    server = await startKit();
    edge = await startEdge({
      grpcPort: server.port,
      descriptors: fileURLToPath(EDGE_CONTRACT),
      services: services.map(({ typeName }) => typeName),
    });
    api = grpcApi(server.address);
    callers = new Callers(api.call, server.databaseUrl);
    Object.assign(faces, { grpc: api.call, rest: restApi(edge.base).call });
  });
  afterAll(async () => {
    methods.clear();
    for (const [rpc, method] of installed) methods.set(rpc, method);
    api.close();
    await edge[Symbol.asyncDispose]();
    await server.stop();
  });

  for (const face of ['grpc', 'rest']) {
    describe(`over ${face}`, () => {
      for (const { name, steps } of cases) {
        test(name, () => runCase(steps, face, faces[face]!, callers));
      }
    });
  }

  test('a stream answers message by message, each item with its own outcome', async () => {
    const id = await makeChest();
    const client = new ChestServiceClient(server.address, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', 'Bearer wf_test_demo');
    const item = (more: Partial<OpenChestRequest>): OpenChestRequest => ({
      id,
      userId: 'streamer',
      brandId: '',
      idempotencyKey: randomUUID(),
      clientSeed: '',
      expectedSeedHash: '',
      ...more,
    });
    const stream = client.streamOpenChest(metadata);
    stream.write({ items: [item({ idempotencyKey: `${id}/1` }), item({ id: 'no-such-chest' })], messageId: 'a' });
    stream.write({ items: [item({ idempotencyKey: `${id}/1` })], messageId: 'b' });
    stream.write({ items: [item({})], messageId: '' });
    stream.end();
    const answers = (await collect<StreamOpenChestResponse>(stream)).map(({ results, messageId }) => [
      messageId,
      ...results.map((result) => {
        const opened = answerOf(result);
        return failureOf(result)?.reason ?? [opened!.nonce, opened!.bonus, opened!.deduped];
      }),
    ]);
    client.close();
    assert.deepEqual(answers, [
      ['a', [0n, '20', false], 'LOOTBOX_NOT_FOUND'],
      ['b', [0n, '20', true]],
      ['', [1n, '0', false]],
    ]);
  });

  test('a period ends at its time, once, and an order of an earlier one ends no other', async () => {
    const id = await makeChest({ refresh_seconds: 1 });
    const items = [
      { id, user_id: 'timer', idempotency_key: 'timer-1' },
      { id, user_id: 'timer', idempotency_key: 'timer-2' },
    ];
    const { results } = await ask('service', 'ChestService.BatchOpenChest', { items });
    assert.deepEqual(
      results.map(({ opened }: any) => opened.bonus),
      ['20', '0'],
    );
    const [{ period, at }] = await runSql(
      server.databaseUrl,
      'select id as period, ' +
        '(extract(epoch from refresh_at) * 1000000)::int8 as at from chest_period order by id desc limit 1',
    );
    await until(async () => (await getChest(id)).opens === 0);
    assert.ok(Date.now() * 1000 >= Number(at), 'the period ended before its time');

    await ask('admin', 'ChestService.UpdateChest', { id, refresh_seconds: 3600 });
    assert.equal((await open(id, 'timer')).bonus, '20');
    const old = { operator: 1, id: Number(period), at: Number(at) };
    await runSql(server.databaseUrl, "select graphile_worker.add_job('chest.refresh', $1)", [old]);
    const waiting = "select from graphile_worker.jobs where task_identifier = 'chest.refresh' and key is null";
    await until(async () => (await runSql(server.databaseUrl, waiting)).length === 0);
    const { opens, refresh_time: refreshTime } = await getChest(id);
    assert.equal(opens, 1);
    assert.ok(Date.parse(refreshTime) * 1000 >= Number(at) + 3600 * 1_000_000);
    const ended = 'select from journal where kind = 9902 and aggregate_id = $1';
    assert.equal((await runSql(server.databaseUrl, ended, [period])).length, 1);
  });

  test('a change of the definition waits for the lock of the period', async () => {
    const id = await makeChest();
    await open(id, 'holder');
    const holder = new pg.Client({ connectionString: server.databaseUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from chest_period where id = (select max(id) from chest_period) for update');
    const change = ask('admin', 'ChestService.UpdateChest', { id, bonus: '3' });
    const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%from chest_period%'";
    try {
      await until(async () => (await runSql(server.databaseUrl, waiting)).length === 1);
    } finally {
      await holder.end();
    }
    assert.equal((await change).version, 2);
  });

  test('every open is proven, and a proof that says otherwise fails', async () => {
    const prizes = ['a', 'b', 'c'].map((label, i) => ({ label, amount: String(i + 1), weight: i + 1 }));
    const id = await makeChest({ prizes });
    await ask('player', 'FairnessService.SetClientSeed', { client_seed: 'my words' });
    for (const nth of [1, 2, 3]) {
      const brought = nth === 2 ? 'brought' : '';
      const opened = await open(id, 'somebody', { client_seed: brought });
      const { open_id: openId, label, server_seed: seed } = opened;
      const found = await ask('anonymous', 'FairnessService.GetProof', { draw_id: openId });
      const [proof] = found.record_proofs as [RecordProof];
      assert.deepEqual([found.kind, found.definition_id, proof.server_seed], ['chest.opened', id, seed]);
      const verdict = (record_proof: RecordProof): Promise<any> =>
        ask('anonymous', 'FairnessService.VerifyProof', { record_proof: { ...record_proof } });
      assert.deepEqual(await verdict(proof), { valid: true, failures: [] });
      const record = JSON.parse(proof.record);
      const origins = record.client_seeds.map((one: ClientSeed) => `${one.origin} ${one.seed}`);
      assert.deepEqual(origins, ['player my words', brought === '' ? 'none ' : `request ${brought}`]);
      const [only] = record.outcome.opens;
      assert.equal(label, prizes[only.rolls[0]]!.label);
      only.rolls[0] = (only.rolls[0] + 1) % 3;
      const forged = JSON.stringify(record);
      assert.equal((await verdict({ ...proof, record: forged, digest: digestOf(forged) })).valid, false);
    }
    const { draws } = await ask('service', 'FairnessService.ListDraws', { user_id: 'somebody' });
    assert.deepEqual(
      draws.map(({ kind }: { kind: string }) => kind),
      ['chest.opened', 'chest.opened', 'chest.opened'],
    );
  });

  test('an open draws only from the seed that its caller expects', async () => {
    const id = await makeChest();
    const { next_server_seed_hash: next } = await open(id, 'careful');
    await assert.rejects(open(id, 'careful', { expected_seed_hash: 'f'.repeat(64) }), /SEED_HASH_MISMATCH/);
    const { server_seed: seed } = await open(id, 'careful', { expected_seed_hash: next });
    assert.equal(hash('sha256', seed, 'hex'), next);
  });

  test('a file of definitions may contain chests, known only from the contract', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windfall-kit-'));
    const apply = (entry: JsonObject): Promise<string[]> => {
      const file = join(folder, 'chests.yaml');
      writeFileSync(file, stringify({ chests: [{ id: 'from-a-file', ...SURE, ...entry }] }));
      return applyFile({ file, contract: CONTRACT, address: server.address, userName: 'demo', password: 'demo' });
    };
    try {
      assert.deepEqual(await apply({}), ['chest from-a-file: created']);
      assert.deepEqual(await apply({}), []);
      assert.deepEqual(await apply({ bonus: '7' }), ['chest from-a-file: updated']);
      assert.partialDeepStrictEqual(await getChest('from-a-file'), { version: 2, bonus: '7', price: '0' });
      const complaint = 'chests from-a-file: CreateChestRequest has no field "colour"';
      await assert.rejects(apply({ colour: 'red' }), { message: complaint });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the books balance', async () => {
    const { balanced, assets } = await ask('admin', 'LedgerService.GetTrialBalance', {});
    assert.equal(balanced, true);
    assert.equal(assets.length, 1);
    assert.partialDeepStrictEqual(assets[0], { asset: 'WINZ', sum: '0' });
    assert.notEqual(assets[0].player, '0');
  });

  test('every row equals the folded journal', async () => {
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    const { facts, differences } = await verifyOperator(client, registerOf(engines), 1);
    await client.end();
    assert.deepEqual([differences, facts > 0], [[], true]);
  });

  test('there was no internal error', () => assert.deepEqual(server.lines, []));
});
