import type { RaffleDefinition } from '../../../../gen/ts/windfall/facts/v1/raffle.ts';
import { RaffleServiceService, type Raffle } from '../../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { pageOf, positionNumber } from '../../../kernel/index.ts';
import { read } from '../../../platform/index.ts';
import { userIdFor } from '../../../players/index.ts';
import { entriesFrom } from '../../../tickets/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { raffles } from '../definition.ts';

/** Returns the entries of a raffle in the order of their tickets. Services and admins see who has bought them. */
export const listEntries = read(RaffleServiceService.listEntries, (platform) => async (request, { caller }) => {
  const { reads, players } = platform;
  const { operator, role } = caller;
  const named = { id: request.id, version: 0 };
  const { shown } = await getDefinition<RaffleDefinition, Partial<Raffle>>(platform, raffles, named, caller);
  const pool = Number(shown.content.pool);
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
});
