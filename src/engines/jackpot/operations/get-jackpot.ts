import type { JackpotDefinition } from '../../../../gen/ts/windfall/facts/v1/facts.ts';
import { JackpotServiceService, type Jackpot } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { readRowsById } from '../../../journal/index.ts';
import { read } from '../../../platform/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { jackpots } from '../definition.ts';
import { jackpotHits, recentHits } from '../entities.ts';
import { hitMessage } from '../view.ts';

/** A jackpot with its last hits; services and admins see who won. */
export const getJackpot = read(JackpotServiceService.getJackpot, (platform) => async (request, { caller }) => {
  const { reads, players } = platform;
  const { operator, role } = caller;
  const { shown, message } = await getDefinition<JackpotDefinition, Partial<Jackpot>>(
    platform,
    jackpots,
    request,
    caller,
  );
  const [row] = await reads((em) => readRowsById(em, jackpotHits, operator, [Number(shown.content.jackpot)]));
  const hits = recentHits(row?.recent ?? '');
  const named = role === 'service' || role === 'admin';
  const users = named
    ? await players.userIds(
        operator,
        hits.map(({ player }) => player),
      )
    : new Map<number, string>();
  return {
    jackpot: {
      ...(message as Jackpot),
      recentHits: hits.map((hit) => hitMessage({ ...hit, userId: users.get(hit.player) ?? '' }, named)),
    },
  };
});
