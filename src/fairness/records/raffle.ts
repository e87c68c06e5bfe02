import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { invalid, timeText } from '../../kernel/index.ts';
import { roundAfter, verifyRound } from '../beacon.ts';
import {
  bindRaffle,
  drawWinners,
  EMPTY_POOL_HASH,
  nextPoolHash,
  prizeJson,
  readRaffle,
  TICKETS_PER_SALE_MAX,
  type BoundRaffle,
  type RafflePrize,
} from '../raffle.ts';
import type { RewardItem } from '../table.ts';
import { checkConfig, type Given, type Recipe } from './given.ts';
import { grantsOf, type TableGrant } from './table.ts';
import { readTime } from './times.ts';

/** What the draw of a raffle has drawn. */
export interface RaffleOutcome {
  /** When the last ticket was sold, in microseconds since 1970. */
  readonly closeTime: number;
  /** The round of drand that the client seed is from; null: it is from elsewhere. */
  readonly beacon: { readonly chainHash: string; readonly round: number; readonly signature: string } | null;
  /** Who supplied the client seed, as the caller has said; empty: nobody did. */
  readonly source: string;
  readonly winners: readonly RaffleWin[];
  readonly grants: readonly TableGrant[];
  readonly words: number;
}

export interface RaffleWin {
  readonly ticket: number;
  readonly playerHash: string;
  readonly prize: Omit<RafflePrize, 'winners'>;
  /** Whether the player cannot have it now: an amount is kept for them, and a grant is not made. */
  readonly withheld: boolean;
}

/** The outcome's canonical text. */
export const raffleText = ({ closeTime, beacon, source, winners, grants, words }: RaffleOutcome): string =>
  canonicalize({
    source,
    words,
    beacon: beacon && { chain_hash: beacon.chainHash, round: beacon.round, signature: beacon.signature },
    close_time: timeText(closeTime),
    grants: grants.map(({ id, expiresAfterSeconds: expires, ...item }) => ({
      ...item,
      id: String(id),
      ...(expires === undefined ? {} : { expires_after_seconds: expires }),
    })),
    winners: winners.map(({ ticket, playerHash, prize, withheld }) => ({
      ticket,
      withheld,
      player: playerHash,
      prize: prizeJson(prize),
    })),
  })!;

const PLAYER = /^[0-9a-f]{32}$/;
const ENTRIES_MAX = 1_000_000;

/** The draw of a raffle. */
export const raffleRecipe: Recipe = {
  stream: 'raffle',
  player: false,
  origins: [['beacon', 'caller']],
  outcome(given) {
    const { check, stated, head, entries, draw } = given;
    const bound = bindRaffle(readRaffle(given.config));
    const { terms } = bound.pool;
    if (terms === undefined) throw invalid('config.prizes', 'are missing');
    checkConfig(given, bound);
    check.same('record.position', head.position, 0);
    checkEntries(given, bound);
    const closeTime = readTime(stated.member('close_time'));
    check.holds('record.outcome.close_time', closeTime <= head.time, 'is after the draw');
    const words = draw(0);
    const drawn = drawWinners(words, bound, entries);
    const prizes = terms.prizes.flatMap(({ winners, ...prize }) => Array<typeof prize>(winners).fill(prize));
    const rows = stated.member('winners').items(drawn.length);
    const winners = drawn.map(({ ticket, playerHash: player }, place) => {
      const withheld = rows[place]?.member('withheld').boolean() ?? false;
      return { ticket, player, withheld, prize: prizeJson(prizes[place]!) };
    });
    const items = winners.flatMap(({ withheld }, place): RewardItem[] => {
      const { item } = prizes[place]!;
      return withheld || item === undefined ? [] : [item];
    });
    return {
      ...sourceOf(given, bound, closeTime),
      winners,
      close_time: timeText(closeTime),
      grants: grantsOf(stated, items),
      words: words.wordsConsumed,
    };
  },
};

/** Notes whether the entries are the sales that the pool hash runs over. */
function checkEntries({ check, entries }: Given, { pool }: BoundRaffle): void {
  if (entries.length === 0 && pool.totalTickets > 0)
    throw invalid('entries', 'are missing: add those that ListEntries returns');
  if (entries.length > ENTRIES_MAX) throw invalid('entries', `are more than ${ENTRIES_MAX}`);
  let next = 0;
  entries.forEach(({ firstTicket, count, playerHash }, i) => {
    const countable = Number.isInteger(count) && count >= 1 && count <= TICKETS_PER_SALE_MAX;
    if (!countable || !PLAYER.test(playerHash)) throw invalid(`entries[${i}]`, 'is not a sale of tickets');
    if (firstTicket !== next) throw invalid(`entries[${i}].first_ticket`, `is not ${next}`);
    next += count;
  });
  if (next !== pool.totalTickets) throw invalid('entries', 'are not config.total_tickets');
  const poolHash = entries.reduce(nextPoolHash, EMPTY_POOL_HASH);
  check.holds('entries', poolHash === pool.poolHash, 'do not give config.pool_hash');
}

/** Where the client seed is from, as it has to be: a beacon signs the seed, and its round follows from the closing. */
function sourceOf({ check, stated, head, beacon: chain }: Given, { pool }: BoundRaffle, closeTime: number): object {
  const [{ seed, origin }] = head.clientSeeds as [(typeof head.clientSeeds)[0]];
  const entropy = pool.terms!.entropy === 'beacon' && pool.totalTickets === 0 ? 'none' : pool.terms!.entropy;
  check.same('record.client_seeds[0].origin', origin, entropy);
  const source = stated.member('source').string();
  if (entropy !== 'beacon') return { beacon: null, source: entropy === 'caller' ? source : '' };
  const beacon = stated.member('beacon');
  const signature = beacon.member('signature').matching(/^[0-9a-f]{96}$/);
  const round = roundAfter(chain, closeTime);
  check.same('record.client_seeds[0].seed', seed, hash('sha256', Buffer.from(signature, 'hex'), 'hex'));
  const signed = verifyRound(chain, round, signature) !== undefined;
  check.holds('record.outcome.beacon.signature', signed, `is not that of round ${round} of ${chain.hash}`);
  return { source: '', beacon: { chain_hash: chain.hash, round, signature } };
}
