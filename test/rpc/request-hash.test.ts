import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { UpdatePlayerRequest } from '../../gen/ts/windfall/player/v1/player.ts';
import { compileRequestHash, loadContract } from '../../src/rpc/index.ts';
import { CheckRequest, CreateThingRequest, type ReplaceThingsRequest, type Thing } from '../edge/gen/probe/v1/probe.ts';
import { contract } from '../edge/probe.ts';

const THING: Thing = {
  id: 'a',
  note: '',
  tags: ['x', 'y'],
  createTime: new Date(1000),
  metadata: { b: [1, null], a: 'x' },
};
const REQUEST: CreateThingRequest = { thing: THING, idempotencyKey: 'k1', hint: 'now' };
const thingHash = compileRequestHash(contract, 'probe.v1.CreateThingRequest');
const checkHash = compileRequestHash(contract, 'probe.v1.CheckRequest');
const EMPTY = CheckRequest.fromPartial({});

describe('request hash', () => {
  test('is 32 latin1 characters, and the same for the same request', () => {
    const hash = thingHash(REQUEST);
    assert.equal(hash.length, 32);
    assert.equal(Buffer.from(hash, 'latin1').toString('latin1'), hash);
    assert.equal(thingHash(CreateThingRequest.decode(CreateThingRequest.encode(REQUEST).finish())), hash);
  });

  test('does not change with the key, with volatile fields or with the order of a map', () => {
    const hash = thingHash(REQUEST);
    assert.equal(thingHash({ ...REQUEST, idempotencyKey: 'k2' }), hash);
    assert.equal(thingHash({ ...REQUEST, hint: '' }), hash);
    assert.equal(thingHash({ ...REQUEST, thing: { ...THING, metadata: { a: 'x', b: [1, null] } } }), hash);
    const [one, two] = [
      ['a', '1'],
      ['b', '2'],
    ] as [[string, string], [string, string]];
    assert.equal(
      checkHash({ ...EMPTY, labels: new Map([one, two]) }),
      checkHash({ ...EMPTY, labels: new Map([two, one]) }),
    );
  });

  test('changes with every other field', () => {
    const item = { code: 'a', weight: 1, children: [] };
    const changes: Partial<CheckRequest>[] = [
      {},
      { length: 'a' },
      { exact: 'a' },
      { uuid: 'a' },
      { word: 'a' },
      { optionalWord: '' },
      { optionalWord: 'a' },
      { requiredText: 'a' },
      { small: 1 },
      { small: -1 },
      { large: 1n },
      { chosen: 1 },
      { ratio: 1 },
      { ratio: 0.1 },
      { colour: 1 },
      { blob: Buffer.from([255]) },
      { blob: Buffer.from([254]) },
      { tags: [''] },
      { tags: ['', ''] },
      { tags: ['ab'] },
      { tags: ['a', 'b'] },
      { items: [item] },
      { items: [item, item] },
      { items: [{ ...item, children: [item] }] },
      { labels: new Map([['a', 'b']]) },
      { labels: new Map([['a', 'c']]) },
      { byNumber: new Map([[1, item]]) },
      { item },
      { item: { ...item, weight: 2 } },
      { how: { $case: 'url', value: '' } },
      { how: { $case: 'part', value: item } },
      { free: {} },
      { free: { a: 1 } },
      { time: new Date(0) },
      { time: new Date(1) },
      { flag: true },
      { unchecked: 'a' },
    ];
    const hashes = new Set(changes.map((change) => checkHash({ ...EMPTY, ...change })));
    assert.equal(hashes.size, changes.length);
  });

  test('changes if a value stands in another field', () => {
    const api = loadContract(new URL('../../gen/api.binpb', import.meta.url));
    const hash = compileRequestHash(api, 'windfall.player.v1.UpdatePlayerRequest');
    const request = UpdatePlayerRequest.fromPartial({ userId: 'u' });
    const hashes = [
      request,
      { ...request, country: 'MT' },
      { ...request, currency: 'MT' },
      { ...request, timeZone: 'MT' },
      { ...request, userId: '', brandId: 'u' },
    ].map(hash);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  test('does not depend on where one text ends and the next begins', () => {
    const hash = compileRequestHash(contract, 'probe.v1.ReplaceThingsRequest');
    const things = (...tags: string[]): ReplaceThingsRequest => ({ things: [{ ...THING, tags }] });
    assert.notEqual(hash(things('a"', 'b')), hash(things('a', '"b')));
    assert.notEqual(hash(things('1"a')), hash(things('', 'a')));
  });

  test('is not created for a type that the contract does not have', () => {
    assert.throws(() => compileRequestHash(contract, 'probe.v1.Nothing'), /probe\.v1\.Nothing is not in the contract/);
  });
});
