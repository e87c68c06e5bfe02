import { hash } from 'node:crypto';

import { formatDecimal, invalid, type Micros } from '../kernel/index.ts';
import { bindConfig, type BoundConfig } from './config-hash.ts';
import type { Draw } from './draw.ts';
import { JsonReader } from './json-reader.ts';
import { itemJson, readItem, type RewardItem } from './table.ts';
import { TicketsLeft, type TicketRange } from './tickets-left.ts';

/** One sale of tickets, as the pool hash covers it. */
export interface RaffleEntry extends TicketRange {
  readonly playerHash: string;
}

/** What a raffle's draw depends on, known once its last ticket is sold. */
export interface RafflePool {
  readonly poolHash: string;
  readonly totalTickets: number;
  /** How many winners to draw. */
  readonly winners: number;
  /** Whether all tickets of a winner leave the pool together with the winning one. */
  readonly onePerPlayer: boolean;
  /** Unset for draws of windfall/1, which were not bound to them. */
  readonly terms?: RaffleTerms;
}

/** What a raffle gives, and where its entropy is from. */
export interface RaffleTerms {
  readonly entropy: 'none' | 'beacon' | 'caller';
  /** In the order in which winners are drawn. Their winners together are those of the pool. */
  readonly prizes: readonly RafflePrize[];
}

/** What some of the winners get, each. */
export interface RafflePrize {
  readonly asset: string;
  readonly amount: Micros;
  readonly item?: RewardItem;
  readonly winners: number;
}

export interface BoundRaffle extends BoundConfig {
  readonly pool: RafflePool;
}

export const WINNERS_MAX = 1_000;
export const TICKETS_PER_SALE_MAX = 2 ** 32 - 1;
/** H(0), the pool hash before any sale: 32 zero bytes. */
export const EMPTY_POOL_HASH = '0'.repeat(64);

const HASH = /^[0-9a-f]{64}$/;

/** SHA-256 hex of a player's id in UTF-8: proofs of windfall/1 identify players by it. */
export function playerHash(playerId: string): string {
  return hash('sha256', playerId, 'hex');
}

/**
 * H(k) = SHA-256(H(k−1) ‖ u64be(first ticket) ‖ u32be(count) ‖ player hash), hex to hex; published with each sale. The
 * player hash has 32 bytes in windfall/1, the SHA-256 of the player's id, and 16 in windfall/2: random bytes that are
 * kept with the player, so that they name nobody once the player is erased.
 */
export function nextPoolHash(previous: string, entry: RaffleEntry): string {
  const bytes = Buffer.alloc(32 + 8 + 4 + entry.playerHash.length / 2);
  bytes.write(previous, 0, 'hex');
  bytes.writeBigUInt64BE(BigInt(entry.firstTicket), 32);
  bytes.writeUInt32BE(entry.count, 40);
  bytes.write(entry.playerHash, 44, 'hex');
  return hash('sha256', bytes, 'hex');
}

/**
 * The recipe of raffles. What is hashed, exactly:
 *
 *     {"pool_hash":"…64 hex","total_tickets":10,"winners":1}
 *
 * and `"one_per_player":true` before them if a winner's other tickets leave the pool: the draw depends on
 * it. In windfall/2, which is bound to the prizes and to where the entropy is from,
 *
 *     {"entropy":"beacon","one_per_player":false,"pool_hash":"…64 hex",
 *      "prizes":[{"amount":"5","asset":"WINZ","winners":1}],"total_tickets":10}
 *
 * and a prize that is not an amount has `item` as in tables.
 */
export function bindRaffle(pool: RafflePool): BoundRaffle {
  if (pool.terms !== undefined) return { ...bindConfig(termsJson(pool, pool.terms)), pool };
  const bound = bindConfig({
    ...(pool.onePerPlayer ? { one_per_player: true } : {}),
    pool_hash: pool.poolHash,
    total_tickets: pool.totalTickets,
    winners: pool.winners,
  });
  return { ...bound, pool };
}

const termsJson = ({ onePerPlayer, poolHash, totalTickets }: RafflePool, { entropy, prizes }: RaffleTerms): object => ({
  entropy,
  one_per_player: onePerPlayer,
  pool_hash: poolHash,
  total_tickets: totalTickets,
  prizes: prizes.map(({ winners, ...prize }) => ({ ...prizeJson(prize), winners })),
});

/** What a winner gets, as configs and records say it. */
export const prizeJson = ({ asset, amount, item }: Omit<RafflePrize, 'winners'>): object => ({
  asset,
  amount: formatDecimal(amount),
  ...(item === undefined ? {} : { item: itemJson(item) }),
});

/** Parses the text that `bindRaffle` hashes. @throws ApiError naming the part that has another shape. */
export function readRaffle(config: string): RafflePool {
  const json = JsonReader.parse(config, 'config');
  const poolHash = json.member('pool_hash').string();
  if (!HASH.test(poolHash)) throw invalid('config.pool_hash', 'is not 64 hex digits');
  const terms = json.has('prizes') ? readTerms(json) : undefined;
  const winners = terms?.prizes.reduce((sum, prize) => sum + prize.winners, 0);
  if (winners !== undefined && winners > WINNERS_MAX) throw invalid('config.prizes', 'have too many winners');
  return {
    poolHash,
    totalTickets: json.member('total_tickets').integer(0, Number.MAX_SAFE_INTEGER),
    winners: winners ?? json.member('winners').integer(1, WINNERS_MAX),
    onePerPlayer: json.has('one_per_player') && json.member('one_per_player').boolean(),
    ...(terms && { terms }),
  };
}

const readTerms = (json: JsonReader): RaffleTerms => ({
  entropy: json.member('entropy').matching(/^(none|beacon|caller)$/) as RaffleTerms['entropy'],
  prizes: json
    .member('prizes')
    .items(WINNERS_MAX)
    .map((prize) => ({
      asset: prize.member('asset').string(),
      amount: prize.member('amount').amount(),
      winners: prize.member('winners').integer(1, WINNERS_MAX),
      ...(prize.has('item') ? { item: readItem(prize.member('item')) } : {}),
    })),
});

/**
 * Draws the winning tickets, first to last: `uniform(tickets left)` is an index into the tickets still in the pool,
 * in order of number. Yields fewer winners if the tickets run out. For each it takes the tickets that leave the pool
 * with it, itself included, in order: only that one, or all of its player's.
 */
export function* drawTickets(draw: Draw, { pool }: BoundRaffle): Generator<number, void, readonly TicketRange[]> {
  const left = new TicketsLeft(pool.totalTickets);
  for (let winners = 0; winners < pool.winners && left.count > 0; winners++) {
    left.remove(yield left.at(draw.uniform(left.count)));
  }
}

/** `drawTickets`, where the tickets that leave are known. */
export function drawRaffle(
  draw: Draw,
  bound: BoundRaffle,
  leaving: (ticket: number) => readonly TicketRange[],
): number[] {
  const winners: number[] = [];
  const drawing = drawTickets(draw, bound);
  for (let next = drawing.next(); !next.done; next = drawing.next(leaving(next.value))) winners.push(next.value);
  return winners;
}

/** A winning ticket and its owner. */
export interface RaffleWinner {
  readonly ticket: number;
  readonly playerHash: string;
}

/** `drawRaffle` for a list of all sales, in order and without gaps. */
export function drawWinners(draw: Draw, bound: BoundRaffle, entries: readonly RaffleEntry[]): RaffleWinner[] {
  const byPlayer = Map.groupBy(entries, (entry) => entry.playerHash);
  const ownerOf = (ticket: number): string => entryOf(entries, ticket).playerHash;
  const { onePerPlayer } = bound.pool;
  const tickets = drawRaffle(draw, bound, (ticket) => {
    return onePerPlayer ? byPlayer.get(ownerOf(ticket))! : [{ firstTicket: ticket, count: 1 }];
  });
  return tickets.map((ticket) => ({ ticket, playerHash: ownerOf(ticket) }));
}

/** The sale that a ticket belongs to, by bisection. */
function entryOf(entries: readonly RaffleEntry[], ticket: number): RaffleEntry {
  let [low, high] = [0, entries.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (entries[middle]!.firstTicket <= ticket) low = middle;
    else high = middle - 1;
  }
  return entries[low]!;
}
