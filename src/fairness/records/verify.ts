import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';
import { ApiError, invalid } from '../../kernel/index.ts';
import type { BeaconChain } from '../beacon.ts';
import { Check } from '../check.ts';
import { Draw, isClientSeed } from '../draw.ts';
import { HmacKey } from '../hmac.ts';
import { JsonReader } from '../json-reader.ts';
import { ALGORITHM_2, joinClientSeeds, type ClientSeed } from '../proof.ts';
import type { RaffleEntry } from '../raffle.ts';
import { serverSeedHash } from '../seeds.ts';
import type { Verdict } from '../verify-proof.ts';
import { compare, type Recipe } from './given.ts';
import { RECIPES } from './recipes.ts';
import { digestOf, type RecordHead, type RecordProof } from './record.ts';
import { readTime } from './times.ts';

const HASH = /^[0-9a-f]{64}$/;
const PLAYER = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEAD = [
  'algorithm',
  'client_seeds',
  'config_hash',
  'definition',
  'nonce',
  'operation',
  'operator',
  'outcome',
  'part',
  'player',
  'position',
  'recipe',
  'seed_hash',
  'seed_readable_since',
  'stream',
  'time',
];

/** What a proof of a raffle's draw is checked with besides. */
export interface VerifyOptions {
  /** All sales of the pool, in order; for other recipes none. */
  readonly entries: readonly RaffleEntry[];
  readonly beacon: BeaconChain;
}

/**
 * Recomputes a proof of windfall/2: the digest, both hashes, every draw and what follows from it. What it cannot know
 * is what only the server states, listed in SPECIFICATION.md: for that the digest is compared with a receipt, and the
 * seed's hash and the config's hash with what was read before the draw. It returns a verdict for any texts.
 */
export function verifyRecord(proof: RecordProof, options: VerifyOptions): Verdict {
  const check = new Check();
  check.same('digest', proof.digest, digestOf(proof.record));
  try {
    checkRecord(check, proof, options);
  } catch (error) {
    if (error instanceof ApiError) check.refused(error);
    else if (error instanceof RangeError) check.fail(`record: ${error.message}`);
    else throw error;
  }
  return { valid: check.failures.length === 0, failures: check.failures };
}

function checkRecord(check: Check, { record, config, server_seed: seed }: RecordProof, options: VerifyOptions): void {
  const json = canonical(record, 'record').exactly(HEAD);
  check.same('record.algorithm', json.member('algorithm').string(), ALGORITHM_2);
  const recipe = RECIPES.get(json.member('recipe').string());
  if (recipe === undefined) throw invalid('record.recipe', `is none that ${ALGORITHM_2} has`);
  const head = readHead(json, recipe);
  checkHead(check, head, recipe);
  check.same('record.config_hash', head.configHash, hash('sha256', config, 'hex'));
  check.same('record.seed_hash', head.seedHash, serverSeedHash(seed));
  if (!HASH.test(seed)) throw invalid('server_seed', 'is not 64 hex digits: not revealed yet?');
  canonical(config, 'config');
  if (recipe.stream !== 'raffle' && options.entries.length > 0) throw invalid('entries', 'are only of raffles');
  const key = HmacKey.fromHex(seed);
  const clientSeed = joinClientSeeds(head.clientSeeds);
  const stated = json.member('outcome');
  const computed = recipe.outcome({
    ...options,
    check,
    head,
    config,
    stated,
    serverSeed: key,
    draw: (sub, chain) => {
      const configHash = chain === undefined ? head.configHash : `${head.configHash}:${chain}`;
      return new Draw({ serverSeed: key, clientSeed, nonce: head.nonce, sub, configHash });
    },
  });
  compare(check, stated.value, computed, 'record.outcome');
}

/** A text in the form of RFC 8785: this finds repeated members, white space, and other ways to write the same. */
function canonical(text: string, path: string): JsonReader {
  const json = JsonReader.parse(text, path);
  if (canonicalize(json.value) !== text) throw invalid(path, 'is not canonical (RFC 8785)');
  return json;
}

function readHead(json: JsonReader, recipe: Recipe): RecordHead {
  const count = (name: string): number => json.member(name).integer(0, Number.MAX_SAFE_INTEGER);
  const matching = (name: string, pattern: RegExp): string => json.member(name).matching(pattern);
  const definition = json.member('definition').exactly(['engine', 'id', 'version']);
  return {
    operator: matching('operator', /./),
    operation: matching('operation', UUID),
    part: count('part'),
    time: readTime(json.member('time')),
    definition: {
      engine: definition.member('engine').matching(/^[a-z]+$/),
      id: definition.member('id').matching(/./),
      version: definition.member('version').integer(1, Number.MAX_SAFE_INTEGER),
    },
    player: matching('player', recipe.player ? PLAYER : /^$/),
    stream: matching('stream', new RegExp(`^${recipe.stream}/[0-9a-f]{32}-[1-9]\\d{0,15}$`)),
    position: count('position'),
    nonce: count('nonce'),
    seedHash: matching('seed_hash', HASH),
    seedReadableSince: readTime(json.member('seed_readable_since')),
    clientSeeds: json.member('client_seeds').exactItems(recipe.origins.length).map(readClientSeed),
    configHash: matching('config_hash', HASH),
  };
}

function readClientSeed(json: JsonReader): ClientSeed {
  const { origin, seed } = { origin: json.exactly(['origin', 'seed']).member('origin'), seed: json.member('seed') };
  if (!isClientSeed(seed.string())) return seed.refuse('is not up to 64 printable ASCII characters');
  return { origin: origin.string() as ClientSeed['origin'], seed: seed.string() };
}

function checkHead(check: Check, head: RecordHead, { stream, origins }: Recipe): void {
  const { nonce, position, clientSeeds, seedReadableSince, time } = head;
  if (stream !== 'jackpot') check.same('record.nonce', nonce, stream === 'player' ? position : 0);
  check.holds('record.seed_readable_since', seedReadableSince <= time, 'is after the draw');
  clientSeeds.forEach(({ seed, origin }, i) => {
    const known = seed === '' ? ['none'] : (origins[i] ?? []);
    check.holds(`record.client_seeds[${i}].origin`, known.includes(origin), 'is none that it can have');
  });
}
