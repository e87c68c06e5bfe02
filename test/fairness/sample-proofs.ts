import type { BoundConfig } from '../../src/fairness/config-hash.ts';
import { Draw } from '../../src/fairness/draw.ts';
import { bindGacha, drawGacha, type GachaBox, type PityCounters } from '../../src/fairness/gacha.ts';
import { bindHitRate, drawHits, type HitRatePot } from '../../src/fairness/hit-rate.ts';
import { HmacKey } from '../../src/fairness/hmac.ts';
import {
  ALGORITHM,
  type ClientSeedOrigin,
  type GachaProof,
  type HitRateProof,
  type ProofHead,
  type RaffleProof,
  type TableProof,
  type TriggerProof,
} from '../../src/fairness/proof.ts';
import {
  bindRaffle,
  drawWinners,
  EMPTY_POOL_HASH,
  nextPoolHash,
  playerHash,
  type RaffleEntry,
} from '../../src/fairness/raffle.ts';
import { serverSeed, serverSeedHash, type StreamKind } from '../../src/fairness/seeds.ts';
import { bindTable, drawOpens, type PrizeTable } from '../../src/fairness/table.ts';
import { bindTrigger, drawTrigger, formatTrigger, type TriggerRange } from '../../src/fairness/trigger.ts';
import { formatDecimal, type Micros } from '../../src/kernel/index.ts';

/** The inputs of a proof besides its recipe: where its seed comes from, and the client seed. */
export interface Place {
  readonly position?: number;
  readonly nonce?: number;
  readonly clientSeed?: string;
}

const masterKey = new HmacKey(Buffer.alloc(32, 'windfall'));

function headOf(kind: StreamKind, bound: BoundConfig, place: Place): ProofHead {
  const { position = 0, nonce = kind === 'player' ? position : 0, clientSeed = '' } = place;
  const stream = `${kind}/0123456789abcdef0123456789abcdef`;
  const seed = serverSeed(masterKey, stream, position);
  const origin: ClientSeedOrigin = clientSeed === '' ? 'none' : kind === 'raffle' ? 'outside' : 'request';
  return {
    algorithm: ALGORITHM,
    stream,
    position,
    nonce,
    client_seed: clientSeed,
    client_seed_origin: origin,
    server_seed: seed,
    server_seed_hash: serverSeedHash(seed),
    seed_readable_since: '2026-01-01T00:00:00.000001Z',
    config: bound.config,
    config_hash: bound.configHash,
  };
}

function drawOf(head: ProofHead): Draw {
  const { server_seed: serverSeed, nonce, config_hash: configHash } = head;
  return new Draw({ serverSeed, clientSeed: head.client_seed, nonce, sub: 0, configHash });
}

export function tableProof(table: PrizeTable, place: Place, count = 1): TableProof {
  const bound = bindTable(table);
  const head = headOf('player', bound, place);
  const { server_seed: serverSeed, nonce } = head;
  const opens = drawOpens({ serverSeed, clientSeed: head.client_seed, nonce }, bound, count);
  return {
    ...head,
    recipe: 'table',
    opens: opens.map(({ sub, rolls, wordsConsumed }) => ({ sub, rolls, words_consumed: wordsConsumed })),
  };
}

export function gachaProof(box: GachaBox, before: PityCounters, place: Place): GachaProof {
  const bound = bindGacha(box);
  const head = headOf('player', bound, place);
  const draw = drawOf(head);
  const { slots, after } = drawGacha(draw, bound, before);
  const gacha = {
    since_tier_3: before.sinceTier3,
    since_tier_4: before.sinceTier4,
    slots,
    since_tier_3_after: after.sinceTier3,
    since_tier_4_after: after.sinceTier4,
    words_consumed: draw.wordsConsumed,
  };
  return { ...head, recipe: 'gacha', gacha };
}

export function hitRateProof(pots: readonly HitRatePot[], amounts: readonly Micros[], place: Place): HitRateProof {
  const bound = bindHitRate(pots);
  const head = headOf('jackpot', bound, place);
  const draw = drawOf(head);
  const drawn = drawHits(draw, bound, amounts).map((pot, index) => {
    return { id: pots[index]!.id, amount: formatDecimal(amounts[index]!), ...pot };
  });
  return { ...head, recipe: 'hit_rate', hit_rate: { pots: drawn, words_consumed: draw.wordsConsumed } };
}

/**
 * The pot drops with the contribution that reaches the trigger exactly, from one unit below it; or otherwise.
 */
export function triggerProof(range: TriggerRange, reached: boolean, place: Place): TriggerProof {
  const bound = bindTrigger(range);
  const head = headOf('pot', bound, place);
  const draw = drawOf(head);
  const value = drawTrigger(draw, bound);
  const trigger = {
    value: formatTrigger(value, range.kind),
    before: reached ? formatTrigger(value - 1n, range.kind) : '',
    after: reached ? formatTrigger(value, range.kind) : '',
    words_consumed: draw.wordsConsumed,
  };
  return { ...head, recipe: 'trigger', trigger };
}

export type Sale = readonly [playerId: string, count: number];

/** @param digits of the players' hashes: 64 in windfall/1, 32 in windfall/2. */
export function entriesOf(sales: readonly Sale[], digits = 64): RaffleEntry[] {
  let firstTicket = 0;
  return sales.map(([playerId, count]) => {
    const entry = { firstTicket, count, playerHash: playerHash(playerId).slice(0, digits) };
    firstTicket += count;
    return entry;
  });
}

export function raffleProof(
  sales: readonly Sale[],
  rules: { winners: number; onePerPlayer: boolean },
  place: Place,
): RaffleProof {
  const entries = entriesOf(sales);
  const poolHash = entries.reduce(nextPoolHash, EMPTY_POOL_HASH);
  const totalTickets = sales.reduce((sum, [, count]) => sum + count, 0);
  const bound = bindRaffle({ poolHash, totalTickets, ...rules });
  const head = headOf('raffle', bound, place);
  const draw = drawOf(head);
  const winners = drawWinners(draw, bound, entries).map(({ ticket, playerHash }) => {
    return { ticket, player_hash: playerHash };
  });
  const stated = entries.map(({ firstTicket, count, playerHash }) => {
    return { first_ticket: firstTicket, count, player_hash: playerHash };
  });
  const raffle = { entries: stated, winners, words_consumed: draw.wordsConsumed };
  return { ...head, recipe: 'raffle', raffle };
}

/**
 * The first proof, by position from 0, for which something holds: to reach rare cases without choosing seeds
 * by hand.
 */
export function firstWhere<Of>(make: (position: number) => Of, holds: (proof: Of) => boolean): Of {
  for (let position = 0; position < 1_000_000; position++) {
    const proof = make(position);
    if (holds(proof)) return proof;
  }
  throw new Error('no position gives such a proof');
}
