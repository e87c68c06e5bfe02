import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

import { test } from 'vitest';
import { fullStream, MasterKeys, newStream, serverSeed, serverSeedHash, streamKind } from '../../src/fairness/seeds.ts';
import { proofOf } from '../../src/fairness/draws.ts';
import { OWN_ORIGINS, personalSeed } from '../../src/fairness/personal.ts';
import { ALGORITHM_2, type Algorithm } from '../../src/fairness/proof.ts';
import { seedHashes, seedStream } from '../../src/fairness/stream.ts';
import { snapshotOf } from '../support/snapshot.ts';

const secret = Buffer.alloc(32, 'k');
const keys = new MasterKeys(
  [
    ['2026-a', secret],
    ['2026-b', Buffer.alloc(32, 'l')],
  ],
  '2026-b',
);

test("a stream's name tells its kind and is never the same", () => {
  const name = newStream('pot');
  assert.match(name, /^pot\/[0-9a-f]{32}$/);
  assert.equal(streamKind(name), 'pot');
  assert.notEqual(newStream('pot'), name);
  assert.equal(streamKind('pot/123'), undefined);
  assert.equal(streamKind(`dice/${'0'.repeat(32)}`), undefined);
});

test('a stream has the seeds of the epoch that its name says, or else of the one in force', () => {
  const name = newStream('raffle');
  assert.equal(fullStream(name, { number: 3 }), `${name}-3`);
  assert.equal(fullStream(`${name}-2`, { number: 3 }), `${name}-2`);
});

test('seeds differ by master key, stream and position', () => {
  const [a, b] = [keys.key('2026-a'), keys.key('2026-b')];
  const [one, two] = [newStream('player'), newStream('player')];
  const seeds = [serverSeed(a, one, 0), serverSeed(a, one, 1), serverSeed(a, two, 0), serverSeed(b, one, 0)];
  assert.equal(new Set(seeds).size, 4);
  assert.throws(() => serverSeed(a, one, -1), RangeError);
  assert.throws(() => serverSeed(a, one, 0.5), RangeError);
});

test("a seed's hash is that of its hex digits", () => {
  const seed = serverSeed(keys.key('2026-a'), newStream('player'), 0);
  assert.match(seed, /^[0-9a-f]{64}$/);
  assert.equal(serverSeedHash(seed), createHash('sha256').update(Buffer.from(seed, 'ascii')).digest('hex'));
});

test('master keys have 32 bytes, a current one, and do not show', () => {
  for (const bytes of [31, 33])
    assert.throws(() => new MasterKeys([['a', Buffer.alloc(bytes)]], 'a'), /must have 32 bytes/);
  assert.throws(() => new MasterKeys([['a', secret]], 'b'), /master key b/);
  assert.throws(() => keys.key('2025'), /master key 2025/);
  assert.equal(keys.currentId, '2026-b');
  const shown = inspect(keys, { showHidden: true, depth: 9 }) + JSON.stringify(keys);
  assert.ok(!shown.includes('k'.repeat(4)) && !shown.includes('107, 107'));
});

test('the hashes that are published ahead are those of the seeds that follow, of the epoch in force', () => {
  const [name, keyId] = [newStream('player'), '2026-a'];
  const inEpoch = new MasterKeys([['2026-a', secret]], '2026-a', { number: 3, startedAt: 0 });
  assert.deepEqual(
    seedHashes(inEpoch, { name, keyId }, 5, 4),
    [5, 6, 7, 8].map((position) => serverSeedHash(serverSeed(inEpoch.key(keyId), `${name}-3`, position))),
  );
});

test('a draw counts both client seeds, and says where the own one is from', () => {
  const row = { name: newStream('player'), keyId: '2026-a', position: 5, tx: 0, movedAt: 1, startSeed: 0 };
  const seed = (clientSeed: string, startSeed: number) => {
    const snapshot = snapshotOf(9, [seedStream, { ...row, clientSeed, startSeed }]);
    const asked = { clientSeed: 'brought', expectedSeedHash: '', playerHash: 'ab'.repeat(16) };
    const { inputs, stored } = personalSeed(snapshot, keys, 7, asked);
    return [inputs.clientSeed, inputs.nonce, OWN_ORIGINS[stored('').ownSeedOrigin]];
  };
  assert.deepEqual(seed('own', 1), ['own\nbrought', 5, 'start']);
  assert.deepEqual(seed('own', 0), ['own\nbrought', 5, 'player']);
  assert.deepEqual(seed('', 1), ['\nbrought', 5, 'none']);
});

test('a proof has its seed, unless that must stay secret', () => {
  const clientSeeds = [{ seed: 'own', origin: 'start' as const }];
  const use = {
    algorithm: ALGORITHM_2 as Algorithm,
    streamName: newStream('jackpot'),
    keyId: '2026-a',
    position: 5,
    nonce: 2,
  };
  const place = { operator: 'o', operation: 'x', part: 0, time: 9 };
  const definition = { engine: 'jackpot', id: 'grand', version: 1 };
  const drawn = { recipe: 'contribution', definition, player: '', configHash: '', outcome: '{}' };
  const proof = (sealed: boolean) =>
    proofOf(keys, place, { ...drawn, use: { ...use, clientSeeds, readableSince: 1 } }, '{}', sealed);
  assert.equal(proof(false).server_seed, serverSeed(keys.key('2026-a'), use.streamName, 5));
  assert.equal(proof(true).server_seed, '');
  assert.equal(proof(true).record, proof(false).record);
});
