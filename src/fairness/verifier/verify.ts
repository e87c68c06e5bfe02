import { sha256 } from './dice.ts';
import { int, jcs, type Json } from './json.ts';
import { computeDraws, recipes } from './recipes.ts';

/** The members of every proof, and those of recipes. */
const HEAD = (
  'algorithm recipe stream position nonce client_seed client_seed_origin server_seed server_seed_hash ' +
  'seed_readable_since config config_hash'
).split(' ');
const PARTS = ['opens', 'gacha', 'hit_rate', 'trigger', 'raffle'];

/** Why a proof of windfall/1 is not valid; empty: it is. `expected` is what was read before the draw. */
export function verify(proof: Json, expected: { hash?: string; configHash?: string } = {}): string[] {
  if (proof.algorithm !== 'windfall/1') return ['algorithm: is not known here'];
  if (!Object.hasOwn(recipes, proof.recipe)) return ['recipe: is not known here'];
  if (!/^[0-9a-f]{64}$/.test(proof.server_seed)) return ['server_seed: is not 64 hex digits; still sealed?'];
  const part = proof.recipe === 'table' ? 'opens' : proof.recipe;
  const failures = unknownMembers(proof, part);
  try {
    failures.push(...headFailures(proof, expected), ...seedFailures(proof));
    if (jcs(JSON.parse(proof.config)) !== proof.config) failures.push('config: is not canonical (RFC 8785)');
    failures.push(...differences(proof, computeDraws(proof), ''));
  } catch (error) {
    failures.push(`${part}: cannot be computed: ${(error as Error).message}`);
  }
  return failures;
}

/** Members of other recipes may be there, as transcoders write them, if nothing is in them. */
function unknownMembers(proof: Json, part: string): string[] {
  const empty = (value: Json): boolean => value === null || value === undefined || value.length === 0;
  return Object.keys(proof)
    .filter((key) => !HEAD.includes(key) && key !== part && !(PARTS.includes(key) && empty(proof[key])))
    .map((key) => `${key}: is not known`);
}

function headFailures(proof: Json, expected: { hash?: string; configHash?: string }): string[] {
  const { stream } = recipes[proof.recipe]!;
  const since = proof.seed_readable_since;
  const nonce = { player: int(proof.position), jackpot: int(proof.nonce) }[stream] ?? 0;
  const must: [field: string, holds: boolean][] = [
    ['stream', new RegExp(`^${stream}/[0-9a-f]{32}(-[1-9]\\d{0,15})?$`).test(proof.stream)],
    ['nonce', int(proof.nonce) === nonce],
    ['server_seed_hash', proof.server_seed_hash === sha256(proof.server_seed)],
    ['server_seed_hash', (expected.hash ?? proof.server_seed_hash) === proof.server_seed_hash],
    ['seed_readable_since', /^\d{4}-.*T.*[Z\d]$/.test(since) && Date.parse(since) > 0],
    ['config_hash', proof.config_hash === sha256(proof.config)],
    ['config_hash', (expected.configHash ?? proof.config_hash) === proof.config_hash],
  ];
  return failing(must);
}

const failing = (must: [field: string, holds: boolean][]): string[] =>
  must.filter(([, holds]) => !holds).map(([field]) => `${field}: does not hold`);

const isSeed = (seed: Json): boolean => /^[ -~]{0,64}$/.test(seed ?? '');
const originsOf = (seed: Json, known: string[]): string[] => ((seed ?? '') === '' ? ['none'] : known);

function seedFailures({ client_seed: seed, client_seed_origin: origin }: Json): string[] {
  return failing([
    ['client_seed', isSeed(seed)],
    ['client_seed_origin', originsOf(seed, ['request', 'player', 'outside']).includes(origin)],
  ]);
}

/**
 * The paths where a statement differs from what was computed. Values that transcoders omit are no difference.
 */
export function differences(stated: Json, computed: Json, path: string): string[] {
  if (computed !== null && typeof computed === 'object') {
    const [list, given] = [Array.isArray(computed), stated ?? (Array.isArray(computed) ? [] : {})];
    if (list && given.length !== computed.length) return [`${path}: has not ${computed.length} entries`];
    const keys = new Set([...Object.keys(computed), ...(path === '' ? [] : Object.keys(given))]);
    const inside = (key: string): string => (list ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
    return [...keys].flatMap((key) => differences(given[key], computed[key], inside(key)));
  }
  const empty = { number: 0, boolean: false }[typeof computed as string] ?? '';
  const value = typeof computed === 'number' ? Number(stated ?? 0) : (stated ?? empty);
  if (value === computed) return [];
  return [`${path}: is ${JSON.stringify(stated)}, but must be ${JSON.stringify(computed)}`];
}
