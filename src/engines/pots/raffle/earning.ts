import { PotsTicketsEarned } from '../../../../gen/ts/windfall/facts/v1/pots_raffle.ts';
import { defineFact, StaleVersionError, type Fact, type RowRequests, type Snapshot } from '../../../journal/index.ts';
import { type Micros, type OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import type { Use } from '../../../players/index.ts';
import { poolState, saleNeeds, sell, ticketPool } from '../../../tickets/index.ts';
import { isOpen, readRound, rejected, type Jackpot } from '../../jackpot/index.ts';
import { potsTickets, ticketsCode } from './entities.ts';

/** A contribution counts for tickets. */
export const ticketsEarned = defineFact<PotsTicketsEarned>({
  name: 'pots.tickets-earned',
  number: 1650,
  version: 1,
  aggregate: potsTickets,
  codec: PotsTicketsEarned,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const row = rows.edit(potsTickets, at.aggregate);
    row.code = ticketsCode(Number(data.round), Number(data.player));
    row.roundId = Number(data.round);
    row.playerId = Number(data.player);
    row.brandId = Number(data.brand);
    row.tickets += Number(data.tickets);
    row.carried = data.carried;
  },
});

/** The round that a contribution to a raffle earns tickets of. */
export interface EarningIn {
  /** The number of its row, and of its pool; 0: no round has begun. */
  readonly round: number;
  /** Whether it was open when it was read. */
  readonly open: boolean;
  /** A new row number: of the entry, and of the player's first tickets. */
  readonly row: number;
}

type Known = Pick<EarningIn, 'round' | 'open'>;
/** The newest rounds of versions. They may be stale: a version that is read anew has none. */
const known = new WeakMap<Jackpot, Known | Promise<Known>>();

/** Where contributions to instances earn tickets, in their order; null: an instance is no raffle. */
export function earningsIn(
  platform: Platform,
  operator: OperatorNo,
  instances: readonly Jackpot[],
): readonly (EarningIn | null)[] | Promise<readonly (EarningIn | null)[]> {
  if (instances.every(({ instance }) => instance!.raffle === undefined)) return NOWHERE;
  return Promise.all(
    instances.map(async (jackpot) => {
      if (jackpot.instance!.raffle === undefined) return null;
      return { ...(await roundOf(platform, operator, jackpot)), row: await platform.newId() };
    }),
  );
}

const NOWHERE: readonly null[] = [];

function roundOf({ reads }: Platform, operator: OperatorNo, jackpot: Jackpot): Known | Promise<Known> {
  const found = known.get(jackpot);
  if (found !== undefined) return found;
  const reading = readRound(reads, operator, jackpot.id).then(
    (newest) => {
      const round = { round: newest?.row.id ?? 0, open: newest === undefined || isOpen(newest) };
      known.set(jackpot, round);
      return round;
    },
    (error: unknown) => {
      known.delete(jackpot);
      throw error;
    },
  );
  known.set(jackpot, reading);
  return reading;
}

/** Requests the rows of a contribution's tickets. */
export function earningNeeds({ round }: EarningIn, player: number, rows: RowRequests): void {
  if (round === 0) return;
  saleNeeds(rows, { pool: round, player, maxPerPlayer: 0 });
  rows.lockCode(potsTickets, ticketsCode(round, player));
}

/** A contribution to instances. */
interface Contribution {
  readonly player: number;
  /** Names the player in public proofs: 32 hex digits. */
  readonly playerHash: string;
  readonly brand: number;
  readonly instances: readonly Jackpot[];
  readonly earning: readonly (EarningIn | null)[];
}

/** The tickets that a contribution earns. */
export interface Earned {
  readonly tickets: bigint;
  readonly facts: readonly Fact[];
}

const NOTHING_EARNED: Earned = { tickets: 0n, facts: [] };

/** What counts towards a player's limits. */
export const usesOf = (tickets: bigint): Use[] => (tickets === 0n ? [] : [{ kind: 'tickets', amount: tickets }]);

/** The largest number of tickets in a round: their numbers are 32-bit integers in the contract. */
const TICKETS_MAX = 2 ** 31 - 1;

/**
 * Decides what a contribution to one instance earns: a ticket for each whole cost, with what is left of earlier ones.
 * Throws CONTRIBUTION_REJECTED (RaffleEnded), TICKET_LIMIT_REACHED, and StaleVersionError if another round has begun.
 * @param wager and amount in the instance's currency.
 */
export function earnedBy(
  contribution: Contribution,
  place: number,
  { wager, amount }: { readonly wager: Micros; readonly amount: Micros },
  snapshot: Snapshot,
): Earned {
  const earningIn = contribution.earning[place] ?? null;
  if (earningIn === null) return NOTHING_EARNED;
  const { player, brand, instances } = contribution;
  const jackpot = instances[place]!;
  const { round, open, row } = earningIn;
  if (!open) throw rejected(jackpot.code, 'RaffleEnded');
  if (round === 0 || snapshot.row(ticketPool, round).state !== poolState.open) throw new StaleVersionError();
  const held = snapshot.find(potsTickets, ticketsCode(round, player));
  const { ticketCost, ofWager } = jackpot.instance!.raffle!;
  const spent = ofWager ? wager : amount;
  const all = spent + (held === undefined ? 0n : snapshot.row(potsTickets, held).carried);
  const tickets = all / ticketCost;
  const data: PotsTicketsEarned = {
    spent,
    tickets,
    place,
    carried: all % ticketCost,
    round: BigInt(round),
    player: BigInt(player),
    brand: BigInt(brand),
  };
  const fact = { kind: ticketsEarned, id: held ?? row, data, transfers: [], creates: held === undefined };
  return {
    tickets,
    facts: tickets === 0n ? [fact] : [fact, sale(contribution, jackpot, tickets, earningIn, snapshot)],
  };
}

function sale(
  { player, playerHash, brand }: Contribution,
  { code, version }: Jackpot,
  tickets: bigint,
  { round: pool, row: entry }: EarningIn,
  snapshot: Snapshot,
): Fact {
  const count = tickets > BigInt(TICKETS_MAX) ? TICKETS_MAX + 1 : Number(tickets);
  const paid = { free: 0, freeAsset: 0, paid: 0n, paidAsset: 0 };
  const limits = { maxTotal: TICKETS_MAX, maxPerPlayer: 0 };
  return sell(snapshot, { pool, code, version, player, playerHash, brand, count, entry, ...paid, ...limits });
}
