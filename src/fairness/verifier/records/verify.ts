import { Dice, sha256, wordsFor } from '../dice.ts';
import { canonical, jcs, type Json } from '../json.ts';
import { contribution } from './contribution.ts';
import { gacha } from './gacha.ts';
import { potEnd } from './pot-end.ts';
import { raffle } from './raffle.ts';
import type { Recipe } from './recipe.ts';
import { int, list, object, text, time, type Shape } from './shape.ts';
import { table } from './table.ts';

/** The recipes of windfall/2, by their names: one file each. */
const RECIPES: Record<string, Recipe> = { table, gacha, raffle, contribution, pot_end: potEnd };

const HASH = /^[0-9a-f]{64}$/;

/** What was learnt elsewhere: read before the draw, or from a receipt. */
export interface Expected {
  hash?: string;
  configHash?: string;
  digest?: string;
}

/**
 * Why a proof of windfall/2, an object with the texts record, config, server_seed and digest, is not valid; empty: it
 * is. Its paragraphs are those of SPECIFICATION.md.
 */
export function verifyRecord(proof: Json, expected: Expected = {}): string[] {
  const shape = object(
    { record: text(), config: text(), server_seed: text(), digest: text(HASH) },
    { entries: list(() => [], 0, 1_000_000) },
  );
  try {
    const wrong = shape(proof, 'proof');
    return wrong.length > 0 ? wrong : textFailures(proof, expected);
  } catch (error) {
    return [`proof: ${(error as Error).message}`];
  }
}

function textFailures(proof: Json, expected: Expected): string[] {
  const { record: recordText, config: configText, server_seed: seed, digest } = proof;
  const [record, config] = [canonical(recordText, 'record'), canonical(configText, 'config')];
  const recipe = Object.hasOwn(RECIPES, record?.recipe) ? RECIPES[record.recipe]! : undefined;
  if (recipe === undefined) return ['record.recipe: is not known here'];
  const failures = [...headShape(recipe)(record, 'record'), ...recipe.config(config, 'config')];
  if (failures.length > 0) return failures;
  const must: [field: string, holds: boolean][] = [
    ['digest', digest === sha256(Buffer.from(`\0${recordText}`))],
    ['digest', digest === (expected.digest ?? digest)],
    ['config_hash', record.config_hash === sha256(configText)],
    ['config_hash', record.config_hash === (expected.configHash ?? record.config_hash)],
    ['server_seed', HASH.test(seed)],
    ['seed_hash', record.seed_hash === sha256(seed)],
    ['seed_hash', record.seed_hash === (expected.hash ?? record.seed_hash)],
    ['seed_readable_since', record.seed_readable_since <= record.time],
    ['nonce', recipe.stream === 'jackpot' || record.nonce === (recipe.stream === 'player' ? record.position : 0)],
    ['entries', recipe.stream === 'raffle' || (proof.entries ?? []).length === 0],
    ...record.client_seeds.map(({ origin, seed: one }: Json, i: number) => [
      `client_seeds[${i}].origin`,
      one === '' ? origin === 'none' : recipe.origins[i]!.includes(origin),
    ]),
  ];
  failures.push(...must.filter(([, holds]) => !holds).map(([field]) => `${field}: does not hold`));
  if (!HASH.test(seed)) return failures;
  const { outcome } = record;
  const message = { clientSeed: record.client_seeds.map((one: Json) => one.seed).join('\n'), nonce: record.nonce };
  const computed = recipe.compute({
    record,
    config,
    outcome,
    seed,
    entries: (proof.entries ?? []).map(entryOf),
    dice: (sub, chain) => {
      const configHash = chain === undefined ? record.config_hash : `${record.config_hash}:${chain}`;
      return new Dice(wordsFor(seed, { ...message, sub, configHash }));
    },
  });
  return [...failures, ...differences(outcome, computed, 'outcome')];
}

/** Over REST the numbers of an entry are texts. */
const entryOf = ({ first_ticket: first, count, player_hash: player, ...others }: Json): Json => {
  const numbers = [first, count].map(String);
  if (Object.keys(others).length > 0 || !numbers.every((one) => /^\d{1,16}$/.test(one)))
    throw new Error('entries have another form');
  return { first_ticket: Number(first), count: Number(count), player_hash: player };
};

const headShape = ({ stream, player, origins, outcome }: Recipe): Shape =>
  object({
    algorithm: text(/^windfall\/2$/),
    client_seeds: list(object({ origin: text(), seed: text(/^[ -~]{0,64}$/) }), origins.length, origins.length),
    config_hash: text(HASH),
    definition: object({ engine: text(/^[a-z]+$/), id: text(/./), version: int(1) }),
    nonce: int(),
    operation: text(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
    operator: text(/./),
    outcome,
    part: int(),
    player: text(player ? /^[0-9a-f]{32}$/ : /^$/),
    position: int(),
    recipe: text(),
    seed_hash: text(HASH),
    seed_readable_since: time,
    stream: text(new RegExp(`^${stream}/[0-9a-f]{32}-[1-9]\\d{0,15}$`)),
    time,
  });

/** The paths in which a stated value is not the computed one. */
function differences(stated: Json, computed: Json, path: string): string[] {
  if (jcs(stated) === jcs(computed)) return [];
  const both = [stated, computed].every((one) => one !== null && typeof one === 'object');
  if (!both || Array.isArray(stated) !== Array.isArray(computed) || stated.length !== computed.length)
    return [`${path}: is ${jcs(stated)}, but must be ${jcs(computed)}`];
  const keys = new Set([...Object.keys(stated), ...Object.keys(computed)]);
  return [...keys].flatMap((key) => {
    const [is, should] = [stated[key], computed[key]];
    if (is === undefined || should === undefined) return [`${path}.${key}: is missing, or too much`];
    return differences(is, should, `${path}.${key}`);
  });
}
