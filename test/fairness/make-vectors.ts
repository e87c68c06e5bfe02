/*
 * Writes vectors.json, which every verifier of every language is tested on:
 *
 *     node test/fairness/make-vectors.ts
 *
 * The vectors are for ever: they belong to the algorithms windfall/1 and windfall/2. A test compares the file with
 * what this program makes, so that neither changes unnoticed; new cases go to the end of their list.
 */
import { writeFileSync } from 'node:fs';

import { bindConfig } from '../../src/fairness/config-hash.ts';
import { Draw, type DrawInputs } from '../../src/fairness/draw.ts';
import { HmacKey } from '../../src/fairness/hmac.ts';
import { ALGORITHM } from '../../src/fairness/proof.ts';
import { EMPTY_POOL_HASH, nextPoolHash } from '../../src/fairness/raffle.ts';
import { serverSeed, serverSeedHash } from '../../src/fairness/seeds.ts';
import { reduceBigint } from '../../src/fairness/uniform.ts';
import { cases } from './sample-cases.ts';
import { entriesOf, type Sale } from './sample-proofs.ts';
import { tampered } from './sample-tampering.ts';

const hex64 = (word: bigint): string => word.toString(16).padStart(16, '0');

/**
 * Keys in hex, messages as text: those of RFC 4231 that are text, and the lengths where the key's handling
 * changes.
 */
const hmac = (
  [
    ['0b'.repeat(20), 'Hi There'],
    [Buffer.from('Jefe').toString('hex'), 'what do ya want for nothing?'],
    ['aa'.repeat(131), 'Test Using Larger Than Block-Size Key - Hash Key First'],
    ['01'.repeat(64), ''],
    ['01'.repeat(65), 'grün, 緑, 🍃'],
    ['02'.repeat(32), 'x'.repeat(2_000)],
  ] as const
).map(([key, message]) => ({ key, message, digest: HmacKey.fromHex(key).hex(message) }));

const seeds = (
  [
    ['00'.repeat(32), 'player/00000000000000000000000000000000', 0],
    ['00'.repeat(32), 'player/00000000000000000000000000000000', 1],
    ['ff'.repeat(32), 'pot/0123456789abcdef0123456789abcdef', 16],
    ['5a'.repeat(32), 'jackpot/ffffffffffffffffffffffffffffffff', 9_007_199_254_740_991],
  ] as const
).map(([key, stream, position]) => {
  const seed = serverSeed(HmacKey.fromHex(key), stream, position);
  return { master_key: key, stream, position, server_seed: seed, server_seed_hash: serverSeedHash(seed) };
});

function wordsOf(inputs: Omit<DrawInputs, 'serverSeed'> & { serverSeed: string }): object {
  const draw = new Draw(inputs);
  const { serverSeed: server_seed, clientSeed: client_seed, nonce, sub, configHash: config_hash } = inputs;
  const words = Array.from({ length: 9 }, () => hex64(draw.word()));
  return { server_seed, client_seed, nonce, sub, config_hash, words };
}

const configHash = bindConfig({}).configHash;
const words = [
  wordsOf({ serverSeed: '00'.repeat(32), clientSeed: '', nonce: 0, sub: 0, configHash }),
  wordsOf({ serverSeed: '0f'.repeat(32), clientSeed: 'my lucky words', nonce: 7, sub: 0, configHash }),
  wordsOf({ serverSeed: 'a5'.repeat(32), clientSeed: 'a:1:2', nonce: 41, sub: 99, configHash }),
  wordsOf({
    serverSeed: 'ff'.repeat(32),
    clientSeed: '~'.repeat(64),
    nonce: 2 ** 53 - 1,
    sub: 1,
    configHash,
  }),
  wordsOf({ serverSeed: '0f'.repeat(32), clientSeed: 'my own\nmy lucky words', nonce: 7, sub: 0, configHash }),
];

/** From fixed words, so that rejection can be shown where real words would hardly ever meet it. */
const uniform = (
  [
    [1n, 'ffffffffffffffff'],
    [2n, 'ffffffffffffffff'],
    [3n, 'ffffffffffffffff', '0000000000000007'],
    [6n, 'fffffffffffffffb'],
    [6n, 'fffffffffffffffc', 'ffffffffffffffff', '0000000000000008'],
    [100n, '0123456789abcdef'],
    [100_000_000n, 'fffffffffdb8c5ff'],
    [4_294_967_296n, '0123456789abcdef'],
    [4_294_967_297n, 'ffffffffffffffff', 'fffffffffffffffe'],
    [9_007_199_254_740_991n, 'fffffffffffffc00', '8000000000000000'],
    [9_007_199_254_740_992n, 'ffffffffffffffff'],
    [6_148_914_691_236_517_206n, 'aaaaaaaaaaaaaaac', 'aaaaaaaaaaaaaaab'],
    [9_223_372_036_854_775_807n, 'fffffffffffffffe', 'fffffffffffffffd'],
    [9_223_372_036_854_775_808n, 'ffffffffffffffff'],
  ] as const
).map(([n, ...given]) => {
  const taken = given.findIndex((word) => reduceBigint(BigInt(`0x${word}`), n) !== undefined);
  const outcome = reduceBigint(BigInt(`0x${given[taken]}`), n);
  return { words: given, n: String(n), outcome: String(outcome), words_consumed: taken + 1 };
});

const weighted = (
  [
    [0n, [1, 2, 3], 0],
    [1n, [1, 2, 3], 1],
    [2n, [1, 2, 3], 1],
    [3n, [1, 2, 3], 2],
    [5n, [1, 2, 3], 2],
    [6n, [1, 2, 3], 0],
    [7n, [1], 0],
    [4_999_999_999n, [5_000_000_000, 1], 0],
    [5_000_000_000n, [5_000_000_000, 1], 1],
    [2n ** 53n - 1n, [2 ** 53 - 1, 1], 1],
  ] as const
).map(([word, weights, outcome]) => ({ words: [hex64(word)], weights, outcome }));

const chance = (
  [
    [0n, 0, 10, false],
    [0n, 1, 10, true],
    [9n, 9, 10, false],
    [9n, 10, 10, true],
    [10n, 1, 10, true],
  ] as const
).map(([word, p, q, outcome]) => ({ words: [hex64(word)], p, q, outcome }));

const configs = [
  {},
  { rolls: 1, prizes: [], guaranteed: [] },
  { b: [true, false, null], a: { z: 9_007_199_254_740_991, y: -1, x: 0 } },
  { label: 'quote " backslash \\ tab \t nul \u0000 é € 🍃' },
  { '€': 1, '\r': 2, '1': 3, '😀': 4, '\u0080': 5, ö: 6, '\ufb33': 7 },
].map((value) => {
  const { config, configHash: config_hash } = bindConfig(value);
  return { value, config, config_hash };
});

const soldPools: Sale[][] = [
  [],
  [['StarlordV7', 3]],
  [
    ['a', 4_294_967_295],
    ['b', 4_294_967_295],
    ['Грут', 1],
  ],
];
const pools = soldPools.map((sales) => {
  const entries = entriesOf(sales);
  const hashes = [EMPTY_POOL_HASH];
  for (const entry of entries) hashes.push(nextPoolHash(hashes.at(-1)!, entry));
  const given = entries.map(({ firstTicket, count }, index) => {
    return { first_ticket: firstTicket, count, player_id: sales[index]![0] };
  });
  return { sales: given, pool_hashes: hashes };
});
/** The same with the players' hashes of windfall/2, which are given. */
const shortPools = soldPools.slice(1).map((sales) => {
  const entries = entriesOf(sales, 32);
  const hashes = [EMPTY_POOL_HASH];
  for (const entry of entries) hashes.push(nextPoolHash(hashes.at(-1)!, entry));
  const given = entries.map(({ firstTicket, count, playerHash }) => {
    return { first_ticket: firstTicket, count, player_hash: playerHash };
  });
  return { sales: given, pool_hashes: hashes };
});

/** The file's text: one vector a line. */
export function makeVectors(): string {
  const lists = {
    hmac,
    seeds,
    words,
    uniform,
    weighted,
    chance,
    configs,
    pools: [...pools, ...shortPools],
    proofs: cases,
    tampered,
  };
  const members = Object.entries(lists).map(([name, list]) => {
    return `  "${name}": [\n${list.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n')}\n  ]`;
  });
  return `{\n  "algorithm": "${ALGORITHM}",\n${members.join(',\n')}\n}\n`;
}

if (import.meta.main) writeFileSync(new URL('vectors.json', import.meta.url), makeVectors());
