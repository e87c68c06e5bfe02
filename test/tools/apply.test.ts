import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { TEMPLATE } from '../contract/definitions.ts';
import { parse, stringify } from 'yaml';
import { applyFile } from '../../src/tools/apply.ts';
import { grpcApi } from '../support/api.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer, type ServerProcess } from '../support/service.ts';

const DEMO = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'windfall-apply-'));
afterAll(() => rmSync(folder, { recursive: true }));

let written = 0;
function fileOf(content: object): string {
  const file = join(folder, `${(written += 1)}.yaml`);
  writeFileSync(file, stringify(content));
  return file;
}

describe('with a server', () => {
  let server: ServerProcess;
  let api: ReturnType<typeof grpcApi>;
  let admin: Record<string, string>;
  beforeAll(async () => {
    server = await startServer(await freshDatabase());
    api = grpcApi(server.address);
    const { body } = await api.call('AuthService.LoginAdmin', { username: 'demo', password: 'demo' });
    admin = { authorization: `Bearer ${(body as { token: string }).token}` };
  });
  afterAll(async () => {
    api.close();
    await server.end();
  });

  const apply = (file: string): Promise<string[]> =>
    applyFile({ file, address: server.address, userName: 'demo', password: 'demo' });
  const call = async (rpc: string, request: JsonObject): Promise<JsonObject> => {
    const { status, body } = await api.call(rpc, request, admin);
    assert.equal(status, 'OK', rpc);
    return body as JsonObject;
  };
  const BOX = {
    id: 'box',
    name: 'Box',
    price: { asset: 'WINZ', amount: '5' },
    prizes: [{ segment_label: 'a', asset: 'WINZ', amount: '1', weight: 1 }],
  };
  const REWARD = { segment_label: 'sure', asset: 'WINZ', amount: '2' };
  const boxes = (entry: object = {}, id = 'box'): string => fileOf({ lootboxes: [{ ...BOX, id, ...entry }] });
  const box = (id = 'box'): Promise<JsonObject> => call('LootboxService.GetLootbox', { id });

  test('instances and sources of pots are made once, and name each other by their codes', async () => {
    const instance = { template_owner_id: 'demo', template_id: 'applied', instance_owner_id: 'demo' };
    const pots = fileOf({
      templates: [{ ...TEMPLATE, id: 'applied' }],
      instances: [
        { ...instance, instance_name: 'Linked', instance_game_code: 'linked' },
        { ...instance, instance_name: 'First', instance_game_code: 'first', linked_instance: 'linked' },
      ],
      sources: [
        { owner_id: 'demo', source_id: 'all', source_name: 'All', jackpots: [{ instance_id: 'first', priority: 0 }] },
      ],
    });
    const made = ['template applied', 'instance linked', 'instance first', 'source all'];
    assert.deepEqual(
      await apply(pots),
      made.map((what) => `${what}: created`),
    );
    assert.deepEqual(await apply(pots), []);
    const { id } = await call('InstanceService.GetInstanceForSource', { source_id: 'all', brand_id: 'demo:main' });
    const { status, linked_instances: links } = await call('InstanceService.GetInstance', { instance_id: id! });
    assert.deepEqual([status, (links as string[]).length], ['Active', 1]);
  });

  test('the demo is applied once, in the order of the sections, whatever the order in the file', async () => {
    const demo = parse(readFileSync(DEMO, 'utf8')) as object;
    const backwards = fileOf(Object.fromEntries(Object.entries(demo).reverse()));
    assert.deepEqual(await apply(backwards), [
      'jackpot daily-drop: created',
      'jackpot mystery: created',
      'journey welcome: created',
      'lootbox welcome-box: created',
      'lootbox gold-box: created',
      'minigame lucky-wheel: created',
      'raffle weekly-raffle: created',
      'tournament weekend-race: created',
      'template three-pots: created',
      'template one-pot: created',
      'instance daily-pot: created',
      'instance casino-pots: created',
      'source sitewide-casino: created',
      'player StarlordV7: created',
      'transfer demo-opening-balance-main: made',
    ]);
    assert.deepEqual(await apply(DEMO), []);
    assert.equal((await box('welcome-box'))['version'], 1);
    // With a second brand its player and its transfer have to say whose they are.
    await call('OperatorService.AddBrands', { operator_id: 'demo', items: [{ id: 'second', name: 'Second' }] });
    assert.deepEqual(await apply(DEMO), []);
  });

  test('a changed weight is the next version, and what the file leaves out stays', async () => {
    assert.deepEqual(await apply(boxes()), ['lootbox box: created']);
    const { price: _, ...rest } = BOX;
    const heavier = fileOf({ lootboxes: [{ ...rest, prizes: [{ ...BOX.prizes[0], weight: 7 }] }] });
    assert.deepEqual(await apply(heavier), ['lootbox box: updated']);
    const { version, prizes, price } = await box();
    assert.deepEqual([version, (prizes as JsonObject[])[0]!['weight'], price], [2, 7, { asset: 'WINZ', amount: '5' }]);
    assert.deepEqual(await apply(heavier), []);
  });

  test('guaranteed rewards are added, kept, and cleared by an empty list', async () => {
    await apply(boxes({}, 'sure'));
    assert.deepEqual(await apply(boxes({ guaranteed: [REWARD] }, 'sure')), ['lootbox sure: updated']);
    assert.deepEqual(await apply(boxes({}, 'sure')), []);
    assert.deepEqual((await box('sure'))['guaranteed'], [{ ...REWARD, kind: 'asset' }]);
    assert.deepEqual(await apply(boxes({ guaranteed: [] }, 'sure')), ['lootbox sure: updated']);
    assert.deepEqual((await box('sure'))['guaranteed'], []);
    assert.deepEqual(await apply(boxes({ guaranteed: [] }, 'sure')), []);
  });

  test('a paused or archived definition becomes active again', async () => {
    await apply(boxes({}, 'stopped'));
    await call('LootboxService.UpdateLootbox', { id: 'stopped', status: 'paused' });
    assert.deepEqual(await apply(boxes({}, 'stopped')), ['lootbox stopped: updated']);
    await call('LootboxService.ArchiveLootbox', { id: 'stopped' });
    assert.deepEqual(await apply(boxes({}, 'stopped')), ['lootbox stopped: updated']);
    const { status, version } = await box('stopped');
    assert.deepEqual([status, version], ['active', 1]);
  });

  test('a draft stays one, and a later change can be applied again', async () => {
    for (const entry of [
      { status: 'draft' },
      { effective_time: new Date(Date.now() + 31_536_000_000).toISOString() },
    ]) {
      const file = boxes(entry, Object.keys(entry)[0]);
      assert.equal((await apply(file)).length, 1);
      assert.deepEqual(await apply(file), []);
      assert.equal((await box(Object.keys(entry)[0]))['status'], 'draft');
    }
  });

  test('a file with an unknown field or section changes nothing', async () => {
    const [good, bad] = [
      { ...BOX, id: 'good' },
      { ...BOX, id: 'bad', colour: 'red' },
    ];
    await assert.rejects(apply(fileOf({ lootboxes: [good, bad] })), /^Error: lootboxes bad: .*"colour"$/);
    await assert.rejects(apply(fileOf({ lootboxes: [good], chests: [] })), /there is no section chests;/);
    for (const id of ['good', 'bad']) {
      assert.equal((await api.call('LootboxService.GetLootbox', { id }, admin)).status, 'NOT_FOUND');
    }
  });

  test('an error of the server is reported with noun and id', async () => {
    await assert.rejects(apply(boxes({ prizes: [] }, 'empty')), /^Error: lootbox empty: /);
  });
});
