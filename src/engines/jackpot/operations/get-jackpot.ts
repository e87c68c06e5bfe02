import type { JackpotDefinitionV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { JackpotServiceService, type Hit, type Jackpot } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { Caller } from '../../../kernel/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { getDefinition, type Found } from '../../kit/index.ts';
import { jackpots } from '../definition.ts';
import { hitsOf } from './list-jackpot-hits.ts';

/** How many hits a jackpot includes: with them the demo's largest one has 2 KB. */
const RECENT = 5;

/** Returns a jackpot with its last hits. */
export const getJackpot = read(JackpotServiceService.getJackpot, (platform) => async (request, context) => {
  const { state, recentHits, message } = await findJackpot(platform, request, context.caller);
  context.tag(state, recentHits);
  return { jackpot: message() };
});

/** A jackpot as the caller may see it, with its last hits. Throws JACKPOT_NOT_FOUND, VERSION_NOT_FOUND. */
export async function findJackpot(
  platform: Platform,
  request: { readonly id: string; readonly version: number },
  caller: Caller,
): Promise<Found<JackpotDefinitionV2, Jackpot> & { readonly recentHits: readonly Hit[] }> {
  const found = await getDefinition<JackpotDefinitionV2, Partial<Jackpot>>(platform, jackpots, request, caller);
  const recentHits = await hitsOf(platform, found.shown.content, caller, RECENT);
  return { ...found, recentHits, message: () => ({ ...(found.message() as Jackpot), recentHits }) };
}
