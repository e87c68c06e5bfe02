import { sha256 } from './dice.ts';
import { int, jcs, type Json } from './json.ts';
import { computeDraws, recipes } from './recipes.ts';

/** Why a proof is not valid; empty: it is. `expected` is what was read before the draw. */
export function verify(proof: Json, expected: { hash?: string; configHash?: string } = {}): string[] {
  const second = proof.algorithm === 'windfall/2' && proof.client_seeds?.length > 0;
  if (proof.algorithm !== 'windfall/1' && !second) return ['algorithm: is not known here'];
  if (!Object.hasOwn(recipes, proof.recipe)) return ['recipe: is not known here'];
  if (second && recipes[proof.recipe]!.seeds === undefined) return ['recipe: is none of windfall/2'];
  if (!/^[0-9a-f]{64}$/.test(proof.server_seed)) return ['server_seed: is not 64 hex digits; still sealed?'];
  const failures: string[] = [];
  try {
    failures.push(...headFailures(proof, expected), ...(second ? seedFailures(proof) : oneSeedFailures(proof)));
    if (jcs(JSON.parse(proof.config)) !== proof.config) failures.push('config: is not canonical (RFC 8785)');
    failures.push(...differences(proof, computeDraws(proof), ''));
  } catch (error) {
    const part = proof.recipe === 'table' ? 'opens' : proof.recipe;
    failures.push(`${part}: cannot be computed: ${(error as Error).message}`);
  }
  return failures;
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

/** The client seed of windfall/1. */
function oneSeedFailures({ client_seed: seed, client_seed_origin: origin, client_seeds: others }: Json): string[] {
  return failing([
    ['client_seeds', (others ?? []).length === 0],
    ['client_seed', isSeed(seed)],
    ['client_seed_origin', originsOf(seed, ['request', 'player', 'outside']).includes(origin)],
  ]);
}

/** The client seeds of windfall/2: as many as the recipe has, each from where it may come. */
function seedFailures({ recipe, client_seed: one, client_seed_origin: its, client_seeds: seeds }: Json): string[] {
  const known = recipes[recipe]!.seeds!;
  return failing([
    ['client_seed', (one ?? '') === ''],
    ['client_seed_origin', (its ?? '') === ''],
    ['client_seeds', seeds.length === known.length],
    ...seeds.flatMap(({ seed, origin }: Json, i: number) => [
      [`client_seeds[${i}].seed`, isSeed(seed)],
      [`client_seeds[${i}].origin`, originsOf(seed, known[i] ?? []).includes(origin)],
    ]),
  ]);
}

/**
 * The paths where a statement differs from what was computed. Values that transcoders omit are no difference.
 */
export function differences(stated: Json, computed: Json, path: string): string[] {
  if (computed !== null && typeof computed === 'object') {
    const [list, given] = [Array.isArray(computed), stated ?? {}];
    const keys = new Set([...Object.keys(computed), ...(path === '' ? [] : Object.keys(given))]);
    const inside = (key: string): string => (list ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
    return [...keys].flatMap((key) => differences(given[key], computed[key], inside(key)));
  }
  const empty = { number: 0, boolean: false }[typeof computed as string] ?? '';
  const value = typeof computed === 'number' ? Number(stated ?? 0) : (stated ?? empty);
  if (value === computed) return [];
  return [`${path}: is ${JSON.stringify(stated)}, but must be ${JSON.stringify(computed)}`];
}
