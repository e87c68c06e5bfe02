import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromJson, toBinary, type JsonObject } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { applyDefinition } from '../../src/tools/apply-definition.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { definitionSections, patchOf, type DefinitionSection } from '../../src/tools/definition-sections.ts';
import { readRegistry } from '../../src/tools/json-client.ts';
import { grpcApi, registry } from '../support/api.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer, type ServerProcess } from '../support/service.ts';

const DEMO = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;
const NOWHERE = { address: '127.0.0.1:1', userName: 'demo', password: 'demo' };
const folder = mkdtempSync(join(tmpdir(), 'windfall-apply-'));
afterAll(() => rmSync(folder, { recursive: true }));

let written = 0;
function fileOf(content: object): string {
  const file = join(folder, `${(written += 1)}.yaml`);
  writeFileSync(file, stringify(content));
  return file;
}

type Fields = Readonly<Record<string, string>>;

/** A message whose fields are named with their types: "string", a message, or a list of either as "Prize[]". */
const message = (name: string, fields: Fields): JsonObject => ({
  name,
  field: Object.entries(fields).map(([field, type], i) => {
    const element = type.replace('[]', '');
    const scalar = element === 'string' || element === 'int32';
    return {
      name: field,
      jsonName: field.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      number: i + 1,
      label: type.endsWith('[]') ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
      type: scalar ? `TYPE_${element.toUpperCase()}` : 'TYPE_MESSAGE',
      ...(scalar ? {} : { typeName: `.raffle.v1.${element}` }),
    };
  }),
});
/** A service whose methods are given with their request and response messages. */
const service = (name: string, methods: Fields): JsonObject => ({
  name,
  method: Object.entries(methods)
    .filter(([, types]) => types !== '')
    .map(([rpc, types]) => {
      const [input, output, stream] = types.split(' ').map((type) => `.raffle.v1.${type}`);
      return { name: rpc, inputType: input!, outputType: output!, serverStreaming: stream !== undefined };
    }),
});

const WHOLE = {
  ListRaffles: 'Create Page',
  UpdateRaffle: 'Update One',
  GetRaffle: 'Create One',
  CreateRaffle: 'Create One',
};

/** The contract of an engine that is not ours; of its services only the last one has definitions. */
const RAFFLES = {
  name: 'raffle.proto',
  package: 'raffle.v1',
  syntax: 'proto3',
  messageType: [
    message('Raffle', { id: 'string', status: 'string', version: 'int32' }),
    message('Prize', { label: 'string' }),
    message('PrizeList', { note: 'string', prizes: 'Prize[]' }),
    message('Tags', { values: 'string[]', others: 'Prize[]' }),
    message('Create', {
      id: 'string',
      status: 'string',
      effective_time: 'string',
      idempotency_key: 'string',
      asset: 'string',
      prizes: 'Prize[]',
      extra: 'Prize[]',
      tag_names: 'string[]',
    }),
    message('Update', {
      id: 'string',
      status: 'string',
      effective_time: 'string',
      idempotency_key: 'string',
      prizes: 'Prize[]',
      extra: 'PrizeList',
      tag_names: 'Tags',
    }),
    message('Nameless', { code: 'string' }),
    message('One', { raffle: 'Raffle' }),
    message('Page', { raffles: 'Raffle[]', next_page_token: 'string' }),
    message('Both', { raffles: 'Raffle[]', prizes: 'Prize[]' }),
  ],
  service: [
    service('NoUpdate', { ...WHOLE, UpdateRaffle: '' }),
    service('StreamedGet', { ...WHOLE, GetRaffle: 'Create One stream' }),
    service('ListOfTwo', { ...WHOLE, ListRaffles: 'Create Both' }),
    service('NoId', { ...WHOLE, CreateRaffle: 'Nameless One' }),
    service('Whole', WHOLE),
  ],
};
const CONTRACT = join(folder, 'raffles.binpb');
writeFileSync(CONTRACT, toBinary(FileDescriptorSetSchema, fromJson(FileDescriptorSetSchema, { file: [RAFFLES] })));
const raffles = definitionSections(readRegistry(CONTRACT));

describe('sections', () => {
  test('are what a contract has definitions of, in the order of its services', () => {
    const told = ({ name, noun, update }: DefinitionSection): string[] => [name, noun, update.parent.typeName];
    assert.deepEqual(raffles.map(told), [['raffles', 'raffle', 'raffle.v1.Whole']]);
    const ours = definitionSections(registry)
      .map(told)
      .filter(([name]) => /^(lootboxes|jackpots)$/.test(name!));
    assert.deepEqual(ours, [
      ['jackpots', 'jackpot', 'windfall.jackpot.v1.JackpotService'],
      ['lootboxes', 'lootbox', 'windfall.lootbox.v1.LootboxService'],
    ]);
  });

  test('are refused by name where they are unknown, with those of the contract given', async () => {
    const file = fileOf({ lootboxes: [], raffles: [{ id: 'r' }] });
    await assert.rejects(applyFile({ file, ...NOWHERE, contract: CONTRACT }), {
      message: `${file}: there is no section lootboxes; known are raffles, players, transfers`,
    });
    await assert.rejects(
      applyFile({ file: fileOf({ chests: [] }), ...NOWHERE }),
      /no section chests; known are .*jackpots, .*lootboxes, .*players, transfers$/,
    );
  });
});

describe('an entry is refused before any call, by section, id and field', () => {
  const PRIZE = { segment_label: 'a', asset: 'WINZ', amount: '1', weight: 1 };
  const wrong: readonly (readonly [object, string])[] = [
    [
      {
        lootboxes: [
          { id: 'ok', prizes: [PRIZE] },
          { id: 'box', colour: 'red' },
        ],
      },
      'lootboxes box: CreateLootboxRequest has no field "colour"',
    ],
    [
      { lootboxes: [{ id: 'box', prizes: [{ ...PRIZE, wieght: 1 }] }] },
      'lootboxes box: PrizeInput has no field "wieght"',
    ],
    [
      { lootboxes: [{ id: 'box', prizes: [{ ...PRIZE, weight: 'many' }] }] },
      'lootboxes box: PrizeInput.weight: expected number (int32), got "many"',
    ],
    [
      { lootboxes: [{ id: 'box', price: { asset: 'WINZ', amount: 100 } }] },
      'lootboxes box: Price.amount: expected string',
    ],
    [{ lootboxes: [{ prizes: [PRIZE] }] }, 'lootboxes [0]: id is missing'],
    [{ lootboxes: { id: 'box' } }, 'lootboxes must be a list'],
    [{ players: [{ user_id: 'u', age: 3 }] }, 'players u: CreatePlayerRequest has no field "age"'],
    [{ transfers: [{ asset: 'WINZ', amount: '1' }] }, 'transfers [0]: idempotency_key is missing'],
  ];
  for (const [content, complaint] of wrong) {
    test(complaint, async () => {
      await assert.rejects(
        applyFile({ file: fileOf(content), ...NOWHERE }),
        ({ message: told }: Error) => told.startsWith(complaint) || assert.fail(told),
      );
    });
  }
});

describe('an update', () => {
  const patch = (entry: JsonObject): JsonObject => patchOf(raffles[0]!, entry);

  test('has the fields that it shares with the create, and no key', () => {
    assert.deepEqual(patch({ id: 'r', asset: 'WINZ', prizes: [], idempotency_key: 'k' }), { id: 'r', prizes: [] });
    assert.deepEqual(patch({ id: 'r', effectiveTime: 't', prizes: null }), { id: 'r', effective_time: 't' });
  });

  test('wraps a list in the message around it', () => {
    assert.deepEqual(patch({ extra: [{ label: 'a' }] }), { extra: { prizes: [{ label: 'a' }] } });
    assert.deepEqual(patch({ extra: [], tag_names: ['x'] }), { extra: { prizes: [] }, tag_names: { values: ['x'] } });
  });

  /** The update for an entry of an existing raffle, and its reported result. */
  async function applied(entry: object, now: JsonObject, later = now): Promise<[JsonObject, string | null]> {
    const sent: JsonObject[] = [];
    const told = await applyDefinition(raffles[0]!, { id: 'r', ...entry }, async ({ name }, request) => {
      if (name === 'UpdateRaffle') sent.push(request);
      return { raffle: name === 'GetRaffle' ? now : later };
    });
    assert.equal(sent.length, 1);
    return [sent[0]!, told];
  }
  const ACTIVE = { id: 'r', status: 'active', version: 2, latest_version: 3 };

  test('expects the newest version, and is detected by version and status', async () => {
    assert.deepEqual(await applied({}, ACTIVE), [{ id: 'r', expected_version: 3 }, null]);
    assert.equal((await applied({}, { id: 'r', status: 'active', version: 2 }))[0]['expected_version'], 2);
    for (const change of [{ version: 4, latest_version: 4 }, { status: 'paused' }, { scheduled_version: 3 }]) {
      assert.equal((await applied({}, ACTIVE, { ...ACTIVE, ...change }))[1], 'updated');
    }
  });

  test('activates a definition, unless another status or a later time is requested', async () => {
    const statusFor = async (entry: object, status: string): Promise<unknown> =>
      (await applied(entry, { ...ACTIVE, status }))[0]['status'];
    for (const status of ['paused', 'archived', 'draft']) assert.equal(await statusFor({}, status), 'active');
    assert.equal(await statusFor({ status: 'paused' }, 'active'), 'paused');
    assert.equal(await statusFor({ status: 'draft' }, 'draft'), undefined);
    assert.equal(
      await statusFor({ effective_time: new Date(Date.now() + 31_536_000_000).toISOString() }, 'draft'),
      undefined,
    );
    assert.equal(await statusFor({ effective_time: '2001-01-01T00:00:00Z' }, 'paused'), 'active');
  });
});

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

  test('the demo is applied once, in the order of the sections, whatever the order in the file', async () => {
    const demo = parse(readFileSync(DEMO, 'utf8')) as object;
    const backwards = fileOf(Object.fromEntries(Object.entries(demo).reverse()));
    assert.deepEqual(await apply(backwards), [
      'jackpot daily-drop: created',
      'jackpot mystery: created',
      'lootbox welcome-box: created',
      'lootbox gold-box: created',
      'player StarlordV7: created',
      'transfer demo-opening-balance: made',
    ]);
    assert.deepEqual(await apply(DEMO), []);
    assert.equal((await box('welcome-box'))['version'], 1);
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
      const file = boxes(entry, Object.keys(entry)[0]!);
      assert.equal((await apply(file)).length, 1);
      assert.deepEqual(await apply(file), []);
      assert.equal((await box(Object.keys(entry)[0]!))['status'], 'draft');
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
