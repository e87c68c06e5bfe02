import type { RaffleDefinition } from '../../../../gen/ts/windfall/facts/v1/raffle.ts';
import { RaffleServiceService, type Raffle } from '../../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { read } from '../../../platform/index.ts';
import { getDefinition, listTicketEntries } from '../../kit/index.ts';
import { raffles } from '../definition.ts';

/** Returns the entries of a raffle in the order of their tickets. Services and admins see who has bought them. */
export const listEntries = read(RaffleServiceService.listEntries, (platform) => async (request, { caller }) => {
  const named = { id: request.id, version: 0 };
  const { shown } = await getDefinition<RaffleDefinition, Partial<Raffle>>(platform, raffles, named, caller);
  return listTicketEntries(platform, caller, Number(shown.content.pool), request);
});
