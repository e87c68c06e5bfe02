import { Catalogue } from '../../catalogue/index.ts';
import type { Platform } from '../index.ts';
import { bindJackpot, type Jackpot } from './definition.ts';
import { requireJackpot } from './queries.ts';

/** The jackpots' versions, made ready, in memory. Refuses codes that do not exist: JACKPOT_NOT_FOUND. */
export function jackpotCatalogue({ sql }: Pick<Platform, 'sql'>): Catalogue<Jackpot> {
  return new Catalogue(async (operator, code) => {
    const { head: { id, version, versionId, asset }, definition } = await requireJackpot(sql, operator, code);
    return bindJackpot({ id, code, version, versionId, definition }, asset);
  });
}
