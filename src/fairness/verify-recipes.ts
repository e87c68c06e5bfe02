import { invalid } from '../kernel/index.ts';
import type { Check } from './check.ts';
import type { BoundConfig } from './config-hash.ts';
import { Draw } from './draw.ts';
import { bindGacha, drawGacha, readGacha } from './gacha.ts';
import { bindHitRate, drawHits, readHitRate } from './hit-rate.ts';
import { JsonReader } from './json-reader.ts';
import {
  type GachaProof,
  type HitRateProof,
  type ProofHead,
  type RaffleProof,
  type TableProof,
  type TriggerProof,
} from './proof.ts';
import {
  bindRaffle,
  drawWinners,
  EMPTY_POOL_HASH,
  nextPoolHash,
  type RaffleEntry,
  readRaffle,
  TICKETS_PER_SALE_MAX,
} from './raffle.ts';
import { bindTable, drawOpens, readTable } from './table.ts';
import { bindTrigger, drawTrigger, formatTrigger, readPoint, readTrigger } from './trigger.ts';

/** The maximum number of opens in one proof: each costs up to 18 µs, with 20 rolls. */
const OPENS_MAX = 1_000;
const ENTRIES_MAX = 100_000;
const PLAYER = /^[0-9a-f]{64}$/;

/**
 * The parsed config must serialize to the same text: this detects unknown members, another order,
 * white space and amounts that are not the shortest. Draws use the hash computed here.
 */
function checkConfig(check: Check, proof: ProofHead, bound: BoundConfig): void {
  check.same('config', proof.config, bound.config);
  check.same('config_hash', proof.config_hash, bound.configHash);
}

function drawOf(proof: ProofHead, bound: BoundConfig): Draw {
  return new Draw({
    serverSeed: proof.server_seed,
    clientSeed: proof.client_seed,
    nonce: proof.nonce,
    sub: 0,
    configHash: bound.configHash,
  });
}

export function checkTable(check: Check, proof: TableProof): void {
  const table = bindTable(readTable(proof.config));
  checkConfig(check, proof, table);
  const count = proof.opens.length;
  if (count < 1 || count > OPENS_MAX) throw invalid('opens', `must be from 1 to ${OPENS_MAX}`);
  const { server_seed: serverSeed, nonce } = proof;
  const opens = drawOpens({ serverSeed, clientSeed: proof.client_seed, nonce }, table, count);
  opens.forEach(({ sub, rolls, wordsConsumed }, index) => {
    const stated = proof.opens[index]!;
    check.same(`opens[${index}].sub`, stated.sub, sub);
    check.same(`opens[${index}].rolls`, stated.rolls, rolls);
    check.same(`opens[${index}].words_consumed`, stated.words_consumed, wordsConsumed);
  });
}

export function checkGacha(check: Check, proof: GachaProof): void {
  const box = bindGacha(readGacha(proof.config));
  checkConfig(check, proof, box);
  const { since_tier_3: sinceTier3, since_tier_4: sinceTier4 } = proof.gacha;
  if (!check.counts({ 'gacha.since_tier_3': sinceTier3, 'gacha.since_tier_4': sinceTier4 })) return;
  const draw = drawOf(proof, box);
  const { slots, after } = drawGacha(draw, box, { sinceTier3, sinceTier4 });
  check.same(
    'gacha.slots',
    proof.gacha.slots.map(({ tier, prize }) => ({ tier, prize })),
    slots,
  );
  check.same('gacha.since_tier_3_after', proof.gacha.since_tier_3_after, after.sinceTier3);
  check.same('gacha.since_tier_4_after', proof.gacha.since_tier_4_after, after.sinceTier4);
  check.same('gacha.words_consumed', proof.gacha.words_consumed, draw.wordsConsumed);
}

export function checkHitRate(check: Check, proof: HitRateProof): void {
  const bound = bindHitRate(readHitRate(proof.config));
  checkConfig(check, proof, bound);
  const { pots } = proof.hit_rate;
  if (pots.length !== bound.pots.length) throw invalid('hit_rate.pots', 'are not the pots of the config');
  const draw = drawOf(proof, bound);
  const amounts = pots.map(({ amount }, index) => {
    return new JsonReader(amount, `hit_rate.pots[${index}].amount`).amount();
  });
  drawHits(draw, bound, amounts).forEach(({ attempts, hit }, index) => {
    const stated = pots[index]!;
    check.same(`hit_rate.pots[${index}].id`, stated.id, bound.pots[index]!.id);
    check.same(`hit_rate.pots[${index}].attempts`, stated.attempts, attempts);
    check.same(`hit_rate.pots[${index}].hit`, stated.hit, hit);
  });
  check.same('hit_rate.words_consumed', proof.hit_rate.words_consumed, draw.wordsConsumed);
}

export function checkTrigger(check: Check, proof: TriggerProof): void {
  const bound = bindTrigger(readTrigger(proof.config));
  checkConfig(check, proof, bound);
  const draw = drawOf(proof, bound);
  const trigger = drawTrigger(draw, bound);
  const { kind } = bound.range;
  const { value, before, after, words_consumed: wordsConsumed } = proof.trigger;
  check.same('trigger.value', value, formatTrigger(trigger, kind));
  const reaches = (text: string, name: string): boolean => {
    return readPoint(new JsonReader(text, `trigger.${name}`), kind) >= trigger;
  };
  check.holds('trigger.before', before === '' || !reaches(before, 'before'), 'had reached it already');
  check.holds('trigger.after', after === '' || reaches(after, 'after'), 'has not reached it');
  check.same('trigger.words_consumed', wordsConsumed, draw.wordsConsumed);
}

export function checkRaffle(check: Check, proof: RaffleProof): void {
  const bound = bindRaffle(readRaffle(proof.config));
  checkConfig(check, proof, bound);
  const entries = readEntries(proof);
  if (entries.length === 0 && bound.pool.totalTickets > 0) {
    throw invalid('raffle.entries', 'are missing: add those that ListEntries returns');
  }
  const total = entries.reduce((sum, { count }) => sum + count, 0);
  const poolHash = entries.reduce(nextPoolHash, EMPTY_POOL_HASH);
  check.holds('raffle.entries', poolHash === bound.pool.poolHash, 'do not give config.pool_hash');
  check.holds('raffle.entries', total === bound.pool.totalTickets, 'are not config.total_tickets');
  if (total !== bound.pool.totalTickets) return;
  const draw = drawOf(proof, bound);
  const winners = drawWinners(draw, bound, entries);
  const stated = proof.raffle.winners.map(({ ticket, player_hash: playerHash }) => ({ ticket, playerHash }));
  check.same('raffle.winners', stated, winners);
  check.same('raffle.words_consumed', proof.raffle.words_consumed, draw.wordsConsumed);
}

/** The stated sales, if each can be hashed and begins where the previous one ended. Throws an ApiError otherwise. */
function readEntries({ raffle }: RaffleProof): RaffleEntry[] {
  if (raffle.entries.length > ENTRIES_MAX) throw invalid('raffle.entries', `are more than ${ENTRIES_MAX}`);
  let next = 0;
  return raffle.entries.map(({ first_ticket: firstTicket, count, player_hash: playerHash }, index) => {
    const countable = Number.isInteger(count) && count >= 1 && count <= TICKETS_PER_SALE_MAX;
    const field = `raffle.entries[${index}]`;
    if (!countable || !PLAYER.test(playerHash)) throw invalid(field, 'is not a sale of tickets');
    if (firstTicket !== next) throw invalid(`${field}.first_ticket`, `is not ${next}`);
    next += count;
    return { firstTicket, count, playerHash };
  });
}
