import type { Entry } from '../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { pageOf, positionNumber, type Caller, type PageRequest } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { userIdFor } from '../../players/index.ts';
import { entriesFrom } from '../../tickets/index.ts';

/** A page of a pool's entries, in the order of their tickets. Services and admins see whose they are. */
export async function listTicketEntries(
  { reads, players }: Platform,
  caller: Caller,
  pool: number,
  request: PageRequest,
): Promise<{ readonly entries: Entry[]; readonly nextPageToken: string }> {
  const { operator, role } = caller;
  const { items, nextPageToken } = await pageOf(request, {
    name: `entries/${pool}`,
    read: (after, limit) => entriesFrom(reads, operator, pool, positionNumber(after, 0), limit),
    // The first ticket after it that another entry may begin with: above 0, as positions are.
    position: ({ firstTicket }) => firstTicket + 1,
  });
  const insider = role === 'service' || role === 'admin';
  const owners = await players.byId(operator, insider ? [...new Set(items.map(({ player }) => player))] : []);
  const entries = items.map(({ firstTicket, count, player, playerHash, soldAt }) => ({
    firstTicket,
    count,
    playerHash,
    userId: insider ? userIdFor(caller, owners.get(player)) : undefined,
    enterTime: new Date(soldAt / 1000),
  }));
  return { entries, nextPageToken };
}
