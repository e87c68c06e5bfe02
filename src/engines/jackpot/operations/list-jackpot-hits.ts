import type { JackpotDefinitionV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { JackpotServiceService, type Hit, type Jackpot } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { readRowsById } from '../../../journal/index.ts';
import type { Caller } from '../../../kernel/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { userIdFor } from '../../../players/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { jackpots } from '../definition.ts';
import { jackpotHits, recentHits } from '../entities.ts';
import { hitMessage } from '../view.ts';

/** Returns all hits that are stored. */
export const listJackpotHits = read(JackpotServiceService.listJackpotHits, (platform) => async ({ id }, { caller }) => {
  const { shown } = await getDefinition<JackpotDefinitionV2, Partial<Jackpot>>(
    platform,
    jackpots,
    { id, version: 0 },
    caller,
  );
  return { hits: await hitsOf(platform, shown.content, caller, Infinity) };
});

/** The last hits of a jackpot, at most `limit`. Services and admins see who won, if they may act for that brand. */
export async function hitsOf(
  { reads, players }: Platform,
  { jackpot }: JackpotDefinitionV2,
  caller: Caller,
  limit: number,
): Promise<Hit[]> {
  const { operator, role } = caller;
  const [row] = await reads((em) => readRowsById(em, jackpotHits, operator, [Number(jackpot)]));
  const hits = recentHits(row?.recent ?? '').slice(0, limit);
  const named = role === 'service' || role === 'admin';
  const winners = await players.byId(operator, named ? hits.map(({ player }) => player) : []);
  return hits.map((hit) => hitMessage(hit, userIdFor(caller, winners.get(hit.player))));
}
