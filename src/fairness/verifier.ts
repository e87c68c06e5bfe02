/*
 * Checks a draw of Windfall without trusting its server: one file, nothing but Node's crypto. It shares no
 * code with the server, so that a mistake in either shows.
 *
 *     node verifier.ts PROOF.json [--hash SERVER_SEED_HASH] [--config-hash CONFIG_HASH]
 *     node verifier.ts --vectors vectors.json
 *
 * PROOF.json is the answer of GET /v1/fairness/proofs/{draw_id}; "-" reads standard input. Its further proofs
 * are checked too; --hash and --config-hash are of the first. Only --hash, as
 * read from GetCommitment before the draw, shows that the seed was fixed beforehand, and only a client seed
 * of your own that it was not picked to suit you. Prints VALID or INVALID with reasons; exits with 0 or 1.
 */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

// Whatever JSON holds: every step below either fits or is a reason for INVALID.
type Json = any;

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string, message: string): Buffer =>
  createHmac('sha256', Buffer.from(key, 'hex')).update(message).digest();

/**
 * RFC 8785 for what configs hold: objects, lists, strings, booleans, integers. JavaScript sorts as the RFC
 * does.
 */
function jcs(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(jcs).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${jcs(value[key])}`);
  return `{${members.join(',')}}`;
}

/** A count; transcoders to JSON write integers of 64 bits as strings and may leave zeros out. */
function int(value: Json): number {
  const number = Number(value ?? 0);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${value} is not a count`);
  return number;
}

/** A decimal of at most 6 places, in millionths. */
function micros(text: string): bigint {
  const parts = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) throw new Error(`"${text}" is not an amount`);
  return BigInt(parts[1] + (parts[2] ?? '').padEnd(6, '0'));
}

const decimal = (amount: bigint): string =>
  String(amount)
    .padStart(7, '0')
    .replace(/(\d{6})$/, '.$1')
    .replace(/\.?0{0,6}$/, '');

/**
 * The words of a draw: block i is HMAC(seed, "client:nonce:sub:config hash:i"), four words of 64 bits each.
 */
function* wordsOf(proof: Json, sub: number): Generator<bigint> {
  for (let i = 0; ; i++) {
    const message = `${proof.client_seed ?? ''}:${int(proof.nonce)}:${sub}:${proof.config_hash}:${i}`;
    const block = hmac(proof.server_seed, message);
    for (let at = 0; at < 32; at += 8) yield block.readBigUInt64BE(at);
  }
}

class Dice {
  taken = 0;
  words: Iterator<bigint>;

  constructor(words: Iterator<bigint>) {
    this.words = words;
  }

  uniform(n: bigint | number): bigint {
    const size = BigInt(n);
    if (size < 1n || size > 2n ** 63n) throw new Error(`cannot draw below ${n}`);
    const limit = (2n ** 64n / size) * size;
    for (;;) {
      const word = this.words.next().value as bigint;
      this.taken++;
      if (word < limit) return word % size;
    }
  }

  weighted(weights: number[]): number {
    let r = this.uniform(weights.reduce((sum, weight) => sum + BigInt(weight), 0n));
    return weights.findIndex((weight) => (r -= BigInt(weight)) < 0n);
  }
}

function tableOpen(proof: Json, { prizes, rolls }: Json, sub: number): Json {
  const dice = new Dice(wordsOf(proof, sub));
  const weights = prizes.map((prize: Json) => prize.weight);
  const drawn = weights.length === 0 ? [] : Array.from({ length: rolls }, () => dice.weighted(weights));
  return { sub, rolls: drawn, words_consumed: dice.taken };
}

function gacha(dice: Dice, config: Json, stated: Json): Json {
  const before = { since_tier_3: int(stated.since_tier_3), since_tier_4: int(stated.since_tier_4) };
  let [calm3, calm4] = [before.since_tier_3, before.since_tier_4];
  const pick = (holds: (prize: Json) => boolean): number[] =>
    config.prizes.flatMap((prize: Json, index: number) => (holds(prize) ? [index] : []));
  const slots: Json[] = [];
  while (slots.length < config.choices_show) {
    const t = Number(dice.uniform(100_000_000));
    const stop = BigInt(config.tier_4_chance_stop);
    const climb = BigInt(config.tier_4_chance_max - config.tier_4_chance);
    const climbed = stop === 0n ? 0n : (climb * (BigInt(calm4) < stop ? BigInt(calm4) : stop)) / stop;
    const legendary = config.tier_4_chance + Number(climbed);
    const epic = legendary + config.tier_3_chance;
    let tier = t < legendary ? 4 : t < epic ? 3 : t < epic + config.tier_2_chance ? 2 : 1;
    if (config.tier_3_guarantee > 0 && calm3 >= config.tier_3_guarantee) tier = Math.max(tier, 3);
    if (config.tier_4_guarantee > 0 && calm4 >= config.tier_4_guarantee) tier = 4;
    const stocked = [1, 2, 3, 4].filter((other) => config.prizes.some((prize: Json) => prize.tier === other));
    tier = stocked.findLast((other) => other <= tier) ?? stocked[0]!;
    let group = pick((prize) => prize.tier === tier);
    if (tier === 4 && new Set(group.map((index) => config.prizes[index].rate_up)).size === 2) {
      const rateUp = dice.uniform(100_000_000) < BigInt(config.rate_up_chance);
      group = pick((prize) => prize.tier === 4 && prize.rate_up === rateUp);
    }
    slots.push({ tier, prize: group[Number(dice.uniform(group.length))] });
    calm3 = tier >= 3 ? 0 : calm3 + 1;
    calm4 = tier === 4 ? 0 : calm4 + 1;
  }
  return { ...before, slots, since_tier_3_after: calm3, since_tier_4_after: calm4 };
}

function hitPot(dice: Dice, { cost, id, n }: Json, amount: string): Json {
  const millionths = (micros(amount) * 1_000_000n) / micros(cost);
  const [whole, rest] = [Number(millionths / 1_000_000n), millionths % 1_000_000n];
  if (whole > 10_000) throw new Error(`${amount} buys more than 10,000 attempts`);
  let [attempts, hit] = [0, false];
  while (!hit && attempts < whole) {
    attempts++;
    hit = dice.uniform(n) === 0n;
  }
  if (hit || rest === 0n) return { id, amount, attempts, hit };
  return { id, amount, attempts: attempts + 1, hit: dice.uniform(BigInt(n) * 1_000_000n) < rest };
}

function trigger(dice: Dice, { from, kind, to }: Json, { before = '', after = '' }: Json): Json {
  const read = (text: string): bigint => (kind === 'value' ? micros(text) : BigInt(text));
  const value = read(from) + dice.uniform(read(to) - read(from) + 1n);
  return {
    value: kind === 'value' ? decimal(value) : String(value),
    before: before === '' || read(before) < value ? before : 'below the trigger',
    after: after === '' || read(after) >= value ? after : 'at least the trigger',
  };
}

/** H(k) of a list of sales, from H(0) on. */
function poolHashes(entries: Json[]): string[] {
  const hashes = ['0'.repeat(64)];
  for (const { first_ticket: first, count, player_hash: player } of entries) {
    const numbers = int(first).toString(16).padStart(16, '0') + int(count).toString(16).padStart(8, '0');
    hashes.push(sha256(Buffer.from(hashes.at(-1) + numbers + player, 'hex')));
  }
  return hashes;
}

function raffle(dice: Dice, config: Json, { entries = [] }: Json): Json {
  let sold = 0;
  let left = entries.map(({ first_ticket: first, count, player_hash: player }: Json) => {
    if (int(first) !== sold || int(count) === 0) throw new Error(`entries have no ticket ${sold}`);
    sold += int(count);
    return { first: int(first), count: int(count), player };
  });
  const tickets = (): number => left.reduce((sum: number, { count }: Json) => sum + count, 0);
  if (poolHashes(entries).at(-1) !== config.pool_hash) throw new Error('entries do not give the pool_hash');
  if (sold !== config.total_tickets) throw new Error('entries are not config.total_tickets');
  const winners: Json[] = [];
  while (winners.length < config.winners && left.length > 0) {
    let skip = Number(dice.uniform(tickets()));
    const won = left.find(({ count }: Json) => (skip -= count) < 0);
    const ticket = won.first + won.count + skip;
    winners.push({ ticket, player_hash: won.player });
    left = left.flatMap((some: Json) => {
      if (config.one_per_player === true && some.player === won.player) return [];
      if (some !== won) return [some];
      const after = { ...some, first: ticket + 1, count: some.first + some.count - ticket - 1 };
      return [{ ...some, count: ticket - some.first }, after].filter(({ count }) => count > 0);
    });
  }
  return { entries, winners };
}

/**
 * What each recipe computes, beside its words: by the config, and by the inputs that the proof's own part
 * states.
 */
type Compute = (dice: Dice, config: Json, stated: Json) => Json;
const recipes: Record<string, { stream: string; compute?: Compute }> = {
  table: { stream: 'player' },
  gacha: { stream: 'player', compute: gacha },
  hit_rate: {
    stream: 'jackpot',
    compute: (dice, { pots }, stated) => {
      return { pots: pots.map((pot: Json, index: number) => hitPot(dice, pot, stated.pots[index].amount)) };
    },
  },
  trigger: { stream: 'pot', compute: trigger },
  raffle: { stream: 'raffle', compute: raffle },
};

function computeDraws(proof: Json): Json {
  const config = JSON.parse(proof.config);
  const { compute } = recipes[proof.recipe]!;
  if (compute === undefined) {
    if (proof.opens.length < 1) throw new Error('it has no opens');
    return { opens: proof.opens.map((_: Json, sub: number) => tableOpen(proof, config, sub)) };
  }
  const dice = new Dice(wordsOf(proof, 0));
  const outcome = compute(dice, config, proof[proof.recipe]);
  return { [proof.recipe]: { ...outcome, words_consumed: dice.taken } };
}

/**
 * Where a statement differs from what was computed, path by path; what transcoders leave out is no
 * difference.
 */
function differences(stated: Json, computed: Json, path: string): string[] {
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

function headFailures(proof: Json, expected: { hash?: string; configHash?: string }): string[] {
  const { stream } = recipes[proof.recipe]!;
  const origins = (proof.client_seed ?? '') === '' ? ['none'] : ['request', 'player', 'outside'];
  const since = proof.seed_readable_since;
  const nonce = { player: int(proof.position), jackpot: int(proof.nonce) }[stream] ?? 0;
  const must: [field: string, holds: boolean][] = [
    ['stream', new RegExp(`^${stream}/[0-9a-f]{32}$`).test(proof.stream)],
    ['nonce', int(proof.nonce) === nonce],
    ['client_seed', /^[ -~]{0,64}$/.test(proof.client_seed ?? '')],
    ['client_seed_origin', origins.includes(proof.client_seed_origin)],
    ['server_seed_hash', proof.server_seed_hash === sha256(proof.server_seed)],
    ['server_seed_hash', (expected.hash ?? proof.server_seed_hash) === proof.server_seed_hash],
    ['seed_readable_since', /^\d{4}-.*T.*[Z\d]$/.test(since) && Date.parse(since) > 0],
    ['config_hash', proof.config_hash === sha256(proof.config)],
    ['config_hash', (expected.configHash ?? proof.config_hash) === proof.config_hash],
  ];
  return must.filter(([, holds]) => !holds).map(([field]) => `${field}: does not hold`);
}

/** Why a proof is not valid; empty: it is. `expected` holds what was read before the draw. */
export function verify(proof: Json, expected: { hash?: string; configHash?: string } = {}): string[] {
  if (proof.algorithm !== 'windfall/1') return ['algorithm: is not known here'];
  if (!Object.hasOwn(recipes, proof.recipe)) return ['recipe: is not known here'];
  if (!/^[0-9a-f]{64}$/.test(proof.server_seed)) return ['server_seed: is not 64 hex digits; still sealed?'];
  const failures: string[] = [];
  try {
    failures.push(...headFailures(proof, expected));
    if (jcs(JSON.parse(proof.config)) !== proof.config) failures.push('config: is not canonical (RFC 8785)');
    failures.push(...differences(proof, computeDraws(proof), ''));
  } catch (error) {
    const part = proof.recipe === 'table' ? 'opens' : proof.recipe;
    failures.push(`${part}: cannot be computed: ${(error as Error).message}`);
  }
  return failures;
}

const fixed = (words: string[]): Dice => new Dice(words.map((word) => BigInt(`0x${word}`)).values());

/** The vectors of each kind: what must come out of what is given. */
const vectorChecks: Record<string, (vector: Json) => Json> = {
  hmac: ({ key, message }) => ({ digest: hmac(key, message).toString('hex') }),
  seeds: ({ master_key: key, stream, position }) => {
    const seed = hmac(key, `windfall/seed/v1|${stream}|${position}`).toString('hex');
    return { server_seed: seed, server_seed_hash: sha256(seed) };
  },
  words: (vector) => {
    const words = wordsOf(vector, vector.sub);
    return { words: vector.words.map(() => (words.next().value as bigint).toString(16).padStart(16, '0')) };
  },
  uniform: ({ words, n }) => {
    const dice = fixed(words);
    return { outcome: String(dice.uniform(BigInt(n))), words_consumed: dice.taken };
  },
  weighted: ({ words, weights }) => ({ outcome: fixed(words).weighted(weights) }),
  chance: ({ words, p, q }) => ({ outcome: fixed(words).uniform(q) < BigInt(p) }),
  configs: ({ value }) => ({ config: jcs(value), config_hash: sha256(jcs(value)) }),
  pools: ({ sales }) => {
    const entries = sales.map((sale: Json) => ({ ...sale, player_hash: sha256(sale.player_id) }));
    return { pool_hashes: poolHashes(entries) };
  },
  proofs: ({ proof }) => ({ failures: verify(proof) }),
  tampered: ({ proof, fails }) => {
    const named = verify(proof).find((failure) => /^(:|\.|\[)/.test(failure.replace(fails, '')));
    return { fails: named?.startsWith(fails) ? fails : 'not named' };
  },
};

/** Why a file of vectors does not hold. */
export function verifyVectors(vectors: Json): string[] {
  return Object.entries(vectorChecks).flatMap(([kind, compute]) => {
    if (!(vectors[kind]?.length > 0)) return [`${kind}: there are none`];
    return vectors[kind].flatMap((vector: Json, index: number) => {
      const computed = compute(vector);
      const given = Object.fromEntries(Object.keys(computed).map((key) => [key, vector[key]]));
      return differences({ [index]: given }, { [index]: computed }, kind);
    });
  });
}

function main(): void {
  const text = { type: 'string' } as const;
  const options = { hash: text, 'config-hash': text, vectors: text };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const file = values.vectors ?? positionals[0];
  if (file === undefined) throw new Error('say which proof to check; "-" reads standard input');
  const json = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  const proof = json.proof ?? json;
  const { hash, 'config-hash': configHash } = values;
  const failures =
    values.vectors === undefined
      ? [
          ...verify(proof, { ...(hash && { hash }), ...(configHash && { configHash }) }),
          ...(json.further_proofs ?? []).flatMap((one: Json, i: number) =>
            verify(one).map((failure) => `further_proofs[${i}]: ${failure}`),
          ),
        ]
      : verifyVectors(json);
  console.log([failures.length === 0 ? 'VALID' : 'INVALID', ...failures].join('\n  '));
  if (values.vectors === undefined && hash === undefined) {
    console.log('Not checked: that the seed was fixed before the draw. Give its earlier hash as --hash.');
  }
  process.exitCode = failures.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) main();
