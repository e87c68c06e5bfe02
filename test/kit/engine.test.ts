import assert from 'node:assert/strict';
import { test } from 'vitest';
import { defineEngine } from '../../src/engines/kit/index.ts';
import { freshDatabase } from '../support/database.ts';
import { chestEngine } from './chest/engine.ts';
import { ChestDefinition, ChestOpened, ChestRefreshed } from './gen/chest/v1/facts.ts';
import { makeTables } from './server.ts';

test('an engine lists each entity with its table', () => {
  for (const part of [{ entities: [] }, { tables: [] }]) {
    assert.throws(() => defineEngine({ ...chestEngine, ...part }), /^Error: chest: list both .* of chest_period$/);
  }
});

test('the engine needs one table, and no change of any other', async () => {
  const databaseUrl = await freshDatabase();
  assert.match(await makeTables(databaseUrl), /^create table "chest_period" \([^;]*\);\s*$/);
  assert.equal(await makeTables(databaseUrl), '');
});

// Stored data stays readable permanently: a line that has to change here is a message that was changed in place.
test('definition and facts keep their stored form', () => {
  const draw = {
    stream: 56n,
    streamName: 'player/00',
    keyId: '1',
    position: 3n,
    ownSeed: 'words',
    ownSeedOrigin: 2,
    requestSeed: 'more',
    readableSince: 8n,
    configHash: Buffer.from('ab', 'hex'),
    playerHash: Buffer.from('cd', 'hex'),
  };
  const golden: [
    { encode(data: any): { finish(): Uint8Array }; decode(bytes: Uint8Array): unknown },
    object,
    string,
  ][] = [
    [
      ChestDefinition,
      {
        period: 5n,
        name: 'Chest',
        asset: 'WINZ',
        price: 7n,
        bonus: 9n,
        refreshSeconds: 60,
        prizes: [{ label: 'a', amount: 1n, weight: 2 }],
      },
      '0805120543686573741a0457494e5a20072809303c3a070a016110011802',
    ],
    [
      ChestOpened,
      {
        period: 5n,
        version: 2,
        versionId: 9n,
        asset: 1,
        roll: 3,
        words: 1,
        label: 'a',
        amount: 4n,
        bonus: 9n,
        refreshAt: 6n,
        draw,
      },
      '0805100218092001280330013a01614004480950065a2908381209706c617965722f30301a013120032a05776f72647330023a046d6f726540084a01ab5201cd',
    ],
    [ChestRefreshed, { opens: 2 }, '0802'],
  ];
  for (const [message, data, hex] of golden) {
    assert.equal(Buffer.from(message.encode(data).finish()).toString('hex'), hex);
    assert.deepEqual(message.decode(Buffer.from(hex, 'hex')), data);
  }
});
