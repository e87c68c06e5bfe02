import { serverSeedHash } from '../../src/fairness/seeds.ts';
import { bindTable } from '../../src/fairness/table.ts';
import { chest } from './sample-configs.ts';
import { forge, type Tampered } from './forge.ts';

export type { Tampered };

const table = 'table: five rolls, two blocks';
const seeded = 'table: client seed of the request';
const heavierPrizes = chest.prizes.map((prize) => ({ ...prize, weight: prize.weight + 1 }));
const heavier = bindTable({ ...chest, prizes: heavierPrizes });
const otherSeed = 'f'.repeat(64);

const heads: Tampered[] = [
  forge('another algorithm', 'algorithm', table, (p) => {
    p.algorithm = 'windfall/2';
  }),
  forge('a recipe that does not exist', 'recipe', table, (p) => {
    p.recipe = 'dice';
  }),
  forge('a stream of another kind', 'stream', table, (p) => {
    p.stream = p.stream.replace('player', 'raffle');
  }),
  forge('another position', 'nonce', table, (p) => {
    p.position += 1;
  }),
  forge('another nonce', 'nonce', table, (p) => {
    p.nonce += 1;
  }),
  forge('another position and nonce', 'opens[0].rolls', table, (p) => {
    p.position = p.nonce = 11;
  }),
  forge('another client seed', 'opens[0].rolls', 'table: longest client seed', (p) => {
    p.client_seed = 'another';
  }),
  forge('a client seed that is too long', 'client_seed', seeded, (p) => {
    p.client_seed = 'x'.repeat(65);
  }),
  forge('a client seed beyond ASCII', 'client_seed', seeded, (p) => {
    p.client_seed = 'glück';
  }),
  forge('nobody gave a client seed', 'client_seed_origin', seeded, (p) => {
    p.client_seed_origin = 'none';
  }),
  forge('somebody gave no client seed', 'client_seed_origin', table, (p) => {
    p.client_seed_origin = 'player';
  }),
  forge('the seed is still sealed', 'server_seed', table, (p) => {
    p.server_seed = '';
  }),
  forge('another seed', 'server_seed_hash', table, (p) => {
    p.server_seed = otherSeed;
  }),
  forge('another seed hash', 'server_seed_hash', table, (p) => {
    p.server_seed_hash = otherSeed;
  }),
  forge('another seed with its hash', 'opens[0].rolls', table, (p) => {
    p.server_seed = otherSeed;
    p.server_seed_hash = serverSeedHash(otherSeed);
  }),
  forge('no time since when the hash was readable', 'seed_readable_since', table, (p) => {
    p.seed_readable_since = 'always';
  }),
  forge('another config hash', 'config_hash', table, (p) => {
    p.config_hash = otherSeed;
  }),
  forge('other weights', 'config_hash', table, (p) => {
    p.config = heavier.config;
  }),
  forge('other weights with their hash', 'opens[0].rolls', table, (p) => {
    p.config = heavier.config;
    p.config_hash = heavier.configHash;
  }),
  forge('a config that is not canonical', 'config', table, (p) => {
    p.config = JSON.stringify(JSON.parse(p.config), null, 1);
    p.config_hash = serverSeedHash(p.config);
  }),
];

const opens: Tampered[] = [
  forge('table: another prize', 'opens[0].rolls', table, (p) => {
    p.opens[0].rolls[4] = 0;
  }),
  forge('table: a prize more', 'opens[0].rolls', table, (p) => {
    p.opens[0].rolls.push(0);
  }),
  forge('table: a prize less', 'opens[0].rolls', table, (p) => {
    p.opens[0].rolls.pop();
  }),
  forge('table: other words', 'opens[0].words_consumed', table, (p) => {
    p.opens[0].words_consumed = 6;
  }),
  forge('table: another sub', 'opens[0].sub', table, (p) => {
    p.opens[0].sub = 1;
  }),
  forge('table: opens in another order', 'opens[0]', 'table: ten opens under one seed', (p) => {
    p.opens.reverse();
  }),
  forge('table: no opens', 'opens', table, (p) => {
    p.opens = [];
  }),
];

const gacha = 'gacha: nine prizes';
const hit = "hit rate: a hit ends a pot's attempts";
const miss = 'hit rate: no hit in ten attempts and a third';
const others: Tampered[] = [
  forge('gacha: presented as a table', 'opens', gacha, (p) => {
    p.recipe = 'table';
  }),
  forge('table: presented as a gacha opening', 'gacha', table, (p) => {
    p.recipe = 'gacha';
  }),
  forge('a recipe of JavaScript', 'recipe', table, (p) => {
    p.recipe = 'constructor';
  }),
  forge('gacha: another prize', 'gacha.slots', gacha, (p) => {
    p.gacha.slots[0].prize = 3;
  }),
  forge('gacha: a better tier', 'gacha.slots', gacha, (p) => {
    p.gacha.slots[0].tier = 4;
  }),
  forge('gacha: the guarantee was due', 'gacha.slots', gacha, (p) => {
    p.gacha.since_tier_4 = 50;
  }),
  forge('gacha: the guarantee withheld', 'gacha.slots', 'gacha: legendary guarantee', (p) => {
    p.gacha.since_tier_4 = 49;
  }),
  forge('gacha: counters not moved', 'gacha.since_tier_4_after', gacha, (p) => {
    p.gacha.since_tier_4_after = 0;
  }),
  forge('gacha: other words', 'gacha.words_consumed', gacha, (p) => {
    p.gacha.words_consumed += 1;
  }),
  forge('hit rate: a hit made up', 'hit_rate.pots[0].hit', miss, (p) => {
    p.hit_rate.pots[0].hit = true;
  }),
  forge('hit rate: a hit kept back', 'hit_rate.pots[0].hit', hit, (p) => {
    p.hit_rate.pots[0].hit = false;
  }),
  forge('hit rate: a smaller amount', 'hit_rate.pots[0]', hit, (p) => {
    p.hit_rate.pots[0].amount = '0.2';
  }),
  forge('hit rate: fewer attempts', 'hit_rate.pots[0].attempts', miss, (p) => {
    p.hit_rate.pots[0].attempts = 10;
  }),
  forge('hit rate: another pot', 'hit_rate.pots[0].id', miss, (p) => {
    p.hit_rate.pots[0].id = 'major';
  }),
  forge('trigger: another value', 'trigger.value', 'trigger: value', (p) => {
    p.trigger.value = '499';
  }),
  forge('trigger: had been reached before', 'trigger.before', 'trigger: value', (p) => {
    p.trigger.before = p.trigger.value;
  }),
  forge('trigger: not reached', 'trigger.after', 'trigger: time', (p) => {
    p.trigger.after = p.trigger.before;
  }),
  forge('trigger: a nonce', 'nonce', 'trigger: value', (p) => {
    p.nonce = 1;
  }),
  forge('raffle: another winner', 'raffle.winners', 'raffle: one winner', (p) => {
    p.raffle.winners[0].ticket = 0;
  }),
  forge('raffle: the ticket given to another', 'raffle.winners', 'raffle: one winner', (p) => {
    p.raffle.winners[0].player_hash = p.raffle.entries[0].player_hash;
  }),
  forge('raffle: the sale given to another', 'raffle', 'raffle: one winner', (p) => {
    p.raffle.entries[1].player_hash = p.raffle.entries[0].player_hash;
  }),
  forge('raffle: a sale left out', 'raffle', 'raffle: one winner', (p) => {
    p.raffle.entries.pop();
  }),
  forge('raffle: tickets moved between sales', 'raffle', 'raffle: one winner', (p) => {
    p.raffle.entries[0].count += 1;
    p.raffle.entries[1].count -= 1;
    p.raffle.entries[1].first_ticket += 1;
  }),
  forge('raffle: two prizes for one player', 'raffle.winners', 'raffle: one prize per player', (p) => {
    p.raffle.winners[1] = { ...p.raffle.winners[0], ticket: 7 };
  }),
];

/** Whether a verifier's failures name the field, or one inside it. */
export function names(failures: readonly string[], field: string): boolean {
  const inside = (failure: string) => /^(:|\.|\[)/.test(failure.slice(field.length));
  return failures.some((failure) => failure.startsWith(field) && inside(failure));
}

/** Proofs that must fail. */
export const tampered: readonly Tampered[] = [...heads, ...opens, ...others];
