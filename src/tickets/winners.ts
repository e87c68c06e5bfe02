import type { Reads } from '../db/index.ts';
import { drawRaffle, drawTickets, type BoundRaffle, type Draw, type TicketRange } from '../fairness/index.ts';
import { readRows } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import { ticketEntry, type EntryRow } from './pool.ts';

/** A winning ticket. */
export interface TicketWinner {
  readonly ticket: number;
  readonly player: number;
  readonly playerHash: string;
}

/** How many entries are read at once. */
const PAGE = 5000;
/** How many winners are looked up at once, where they do not depend on each other. */
const AT_ONCE = 5;

/**
 * Draws the winners of a closed pool, first to last: for each one look-up of its ticket by an index, and with one prize
 * per player the winner's other tickets. Memory is bounded by what leaves the pool, however large the pool is.
 */
export async function drawWinningTickets(
  reads: Reads,
  operator: OperatorNo,
  pool: number,
  draw: Draw,
  bound: BoundRaffle,
): Promise<TicketWinner[]> {
  const winners: TicketWinner[] = [];
  const find = async (ticket: number): Promise<TicketWinner> => {
    const { player, playerHash } = await ownerOf(reads, operator, pool, ticket);
    return { ticket, player, playerHash };
  };
  if (!bound.pool.onePerPlayer) {
    const tickets = drawRaffle(draw, bound, (ticket) => [{ firstTicket: ticket, count: 1 }]);
    for (let i = 0; i < tickets.length; i += AT_ONCE)
      winners.push(...(await Promise.all(tickets.slice(i, i + AT_ONCE).map(find))));
    return winners;
  }
  const drawing = drawTickets(draw, bound);
  for (let next = drawing.next(); !next.done;) {
    const winner = await find(next.value);
    winners.push(winner);
    next = drawing.next(await ticketsOf(reads, operator, pool, winner.player));
  }
  return winners;
}

/** Up to `limit` entries of a pool from a ticket on, in the order of their tickets. */
export function entriesFrom(
  reads: Reads,
  operator: OperatorNo,
  pool: number,
  ticket: number,
  limit: number,
): Promise<EntryRow[]> {
  return reads((em) =>
    readRows(em, ticketEntry, operator, (query) =>
      query.where('t.pool_id', '=', pool).where('t.first_ticket', '>=', ticket).orderBy('t.first_ticket').limit(limit),
    ),
  );
}

/** The entry that a ticket of the pool belongs to: the last one that begins with it or before it. */
async function ownerOf(reads: Reads, operator: OperatorNo, pool: number, ticket: number): Promise<EntryRow> {
  const [entry] = await reads((em) =>
    readRows(em, ticketEntry, operator, (query) =>
      query
        .where('t.pool_id', '=', pool)
        .where('t.first_ticket', '<=', ticket)
        .orderBy('t.first_ticket', 'desc')
        .limit(1),
    ),
  );
  return entry!;
}

/** All tickets of a player, in order; entries that follow each other are one range. */
async function ticketsOf(reads: Reads, operator: OperatorNo, pool: number, player: number): Promise<TicketRange[]> {
  const ranges: { firstTicket: number; count: number }[] = [];
  for (let from = 0; ;) {
    const page = await reads((em) =>
      readRows(em, ticketEntry, operator, (query) =>
        query
          .where('t.pool_id', '=', pool)
          .where('t.player', '=', player)
          .where('t.first_ticket', '>=', from)
          .orderBy('t.first_ticket')
          .limit(PAGE),
      ),
    );
    for (const { firstTicket, count } of page) {
      const last = ranges.at(-1);
      if (last !== undefined && last.firstTicket + last.count === firstTicket) last.count += count;
      else ranges.push({ firstTicket, count });
    }
    if (page.length < PAGE) return ranges;
    from = page.at(-1)!.firstTicket + 1;
  }
}
