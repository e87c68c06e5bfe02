import { JackpotRenewed, type JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { Renewal } from '../../catalogue/index.ts';
import { leafOf, seedStream, streamId, useSeed } from '../../fairness/index.ts';
import { defineFact, type Fact, type Snapshot } from '../../journal/index.ts';
import { configOf } from './bound.ts';
import { endedFact } from './ended.ts';
import { advance, jackpot } from './entities.ts';

/**
 * Another config is in force: the seed of the draws is revealed and replaced, so that a version can make no draw vanish
 * that was due, and the chain goes on.
 */
export const jackpotRenewed = defineFact<JackpotRenewed>({
  name: 'jackpot.renewed',
  number: 1106,
  version: 1,
  aggregate: jackpot,
  codec: JackpotRenewed,
  evolve(data, rows, at) {
    const head = rows.edit(jackpot, at.aggregate);
    head.config = data.configHash.toString('hex');
    head.nonce = 0;
    advance(rows, at, data.leaf);
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
  },
});

/** What follows when a version is in force: nothing, if its config is the one that there was. */
export function renewal(
  content: JackpotDefinitionV2,
  { version, versionId, archives }: Renewal,
  snapshot: Snapshot,
): Fact[] {
  if (archives) return [endedFact(content, snapshot)];
  const id = Number(content.jackpot);
  const { configHash } = configOf(content);
  if (snapshot.row(jackpot, id).config === configHash) return [];
  const data: JackpotRenewed = {
    leaf: leafOf(['windfall/version', String(version), configHash]),
    versionId: BigInt(versionId),
    configHash: Buffer.from(configHash, 'hex'),
  };
  return [{ kind: jackpotRenewed, id, data, transfers: [] }];
}
