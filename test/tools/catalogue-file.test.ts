import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, describe, test } from 'vitest';
import { stringify } from 'yaml';
import { applyDefinition } from '../../src/tools/apply-definition.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { definitionSections, patchOf, type DefinitionSection } from '../../src/tools/definition-sections.ts';
import { readRegistry } from '../../src/tools/json-client.ts';
import { registry } from '../support/api.ts';
import { RAFFLE_SET } from './raffles.ts';

const NOWHERE = { address: '127.0.0.1:1', userName: 'demo', password: 'demo' };
const folder = mkdtempSync(join(tmpdir(), 'windfall-apply-'));
afterAll(() => rmSync(folder, { recursive: true }));

let written = 0;
function fileOf(content: object): string {
  const file = join(folder, `${(written += 1)}.yaml`);
  writeFileSync(file, stringify(content));
  return file;
}

const CONTRACT = join(folder, 'raffles.binpb');
writeFileSync(CONTRACT, RAFFLE_SET);
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
