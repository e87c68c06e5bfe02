import { ApiError } from '../kernel/index.ts';
import { Check } from './check.ts';
import { isClientSeed } from './draw.ts';
import { ALGORITHM, type Proof } from './proof.ts';
import { serverSeedHash, streamKind, type StreamKind } from './seeds.ts';
import { checkGacha, checkHitRate, checkRaffle, checkTable, checkTrigger } from './verify-recipes.ts';

export interface Verdict {
  readonly valid: boolean;
  /** The failures, each as "field: what is wrong". */
  readonly failures: readonly string[];
}

/** The kind of stream that a recipe draws from, and the member of its proofs that contains the draw. */
const RECIPES: Readonly<Record<Proof['recipe'], { stream: StreamKind; part: string }>> = {
  table: { stream: 'player', part: 'opens' },
  gacha: { stream: 'player', part: 'gacha' },
  hit_rate: { stream: 'jackpot', part: 'hit_rate' },
  trigger: { stream: 'pot', part: 'trigger' },
  raffle: { stream: 'raffle', part: 'raffle' },
};
const ORIGINS = ['request', 'player', 'outside'];
const HASH = /^[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * Recomputes a proof of windfall/1: the seed's hash, the config's hash, every draw, and all counts. It cannot check
 * what only the server states: when the hash became readable, who supplied the client seed, the counters and
 * amounts that went in, and that no open was omitted. So compare both hashes with those read before the
 * draw. It returns a verdict for any values.
 */
export function verifyProof(proof: Proof): Verdict {
  const check = new Check();
  check.same('algorithm', proof.algorithm, ALGORITHM);
  if (Object.hasOwn(RECIPES, proof.recipe)) checkProof(check, proof);
  else check.fail(`recipe: is none that ${ALGORITHM} has`);
  return { valid: check.failures.length === 0, failures: check.failures };
}

function checkProof(check: Check, proof: Proof): void {
  try {
    checkHead(check, proof);
    const drawable = checkClientSeed(check, proof);
    const { part } = RECIPES[proof.recipe];
    if (!Object.hasOwn(proof, part)) check.fail(`${part}: is missing`);
    // Without a well-formed seed and client seed there is nothing to draw from.
    else if (HASH.test(proof.server_seed) && drawable) checkRecipe(check, proof);
  } catch (error) {
    // The recipes throw if they cannot draw: a config of another shape, an empty box, an empty range.
    if (error instanceof ApiError) check.refused(error);
    else if (error instanceof RangeError) check.fail(`proof: ${error.message}`);
    else throw error;
  }
}

function checkHead(check: Check, proof: Proof): void {
  const kind = streamKind(proof.stream);
  const { stream } = RECIPES[proof.recipe];
  check.holds('stream', kind === stream, `is not the name of a ${stream} stream`);
  if (check.counts({ position: proof.position, nonce: proof.nonce }) && kind !== 'jackpot') {
    check.same('nonce', proof.nonce, kind === 'player' ? proof.position : 0);
  }
  check.holds('server_seed', HASH.test(proof.server_seed), 'is not 64 hex digits: not revealed yet?');
  check.same('server_seed_hash', proof.server_seed_hash, serverSeedHash(proof.server_seed));
  const since = proof.seed_readable_since;
  check.holds('seed_readable_since', TIME.test(since) && Date.parse(since) > 0, 'is not a time (RFC 3339)');
}

/** Returns whether a draw can be made from the client seed. */
function checkClientSeed(check: Check, { client_seed: seed, client_seed_origin: origin }: Proof): boolean {
  check.holds('client_seed', isClientSeed(seed), 'is not up to 64 printable ASCII characters');
  check.holds('client_seed_origin', [...ORIGINS, 'none'].includes(origin), 'is none of the known ones');
  check.holds(
    'client_seed_origin',
    (origin === 'none') === (seed === ''),
    'is none if and only if the client seed is empty',
  );
  return isClientSeed(seed);
}

function checkRecipe(check: Check, proof: Proof): void {
  switch (proof.recipe) {
    case 'table':
      return checkTable(check, proof);
    case 'gacha':
      return checkGacha(check, proof);
    case 'hit_rate':
      return checkHitRate(check, proof);
    case 'trigger':
      return checkTrigger(check, proof);
    case 'raffle':
      return checkRaffle(check, proof);
  }
}
