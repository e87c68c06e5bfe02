import type { JackpotDefinition } from '../../../../gen/ts/windfall/facts/v1/facts.ts';
import { JackpotServiceService, type Jackpot } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { read } from '../../../platform/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { jackpots } from '../definition.ts';
import { hitsOf } from './list-jackpot-hits.ts';

/** How many hits a jackpot includes: with them the demo's largest one has 2 KB. */
const RECENT = 5;

/** Returns a jackpot with its last hits. */
export const getJackpot = read(JackpotServiceService.getJackpot, (platform) => async (request, context) => {
  const { caller } = context;
  const { shown, state, message } = await getDefinition<JackpotDefinition, Partial<Jackpot>>(
    platform,
    jackpots,
    request,
    caller,
  );
  const recentHits = await hitsOf(platform, shown.content, caller, RECENT);
  context.tag(state, recentHits);
  return { jackpot: { ...(message() as Jackpot), recentHits } };
});
