import type { PotPaid } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { findVersion, idOfCode } from '../../catalogue/index.ts';
import {
  ALGORITHM_2,
  bindPotEnd,
  drawEndTime,
  potEndText,
  proofOf,
  serverSeed,
  type DrawKind,
  type PotEnd,
} from '../../fairness/index.ts';
import type { Platform } from '../../platform/index.ts';
import { jackpots } from './definition.ts';
import { potPaid } from './pot-ends.ts';
import { reason } from './winning.ts';

/** How draws among all who fed a pot are proved. Their seeds are revealed as soon as they are drawn. */
export function potEndDraws(platform: Platform): DrawKind<PotPaid> {
  const { reads, keys } = platform;
  return {
    kind: potPaid,
    async prove(operator, _, data, place) {
      const { versionId, streamName, keyId, position, readableSince } = data.closed!;
      const { head, version } = (await findVersion(reads, operator, Number(versionId)))!;
      const definition = { engine: jackpots.engine, id: idOfCode(head.code), version: version.version };
      const use = {
        algorithm: ALGORITHM_2,
        streamName,
        keyId,
        position: Number(position),
        nonce: 0,
        clientSeeds: [],
        readableSince: Number(readableSince),
      } as const;
      const { config, configHash } = bindPotEnd(endOf(data));
      const outcome = outcomeOf(data, serverSeed(keys.key(keyId), streamName, use.position));
      const drawn = { recipe: 'pot_end', definition, player: data.playerHash, use, configHash, outcome };
      return {
        definitionId: definition.id,
        definitionVersion: definition.version,
        proofs: [],
        records: [proofOf(keys, place, drawn, config)],
      };
    },
  };
}

function endOf({ closed }: PotPaid): PotEnd {
  const { reason: number, potCode, cycle, sum, hiddenFrom, hiddenTo } = closed!;
  return {
    end: number === reason.final_draw ? 'final' : 'time',
    hidden: hiddenTo === 0n ? null : { from: Number(hiddenFrom), to: Number(hiddenTo) },
    pot: potCode,
    cycle: Number(cycle),
    sum,
  };
}

function outcomeOf(data: PotPaid, seed: string): string {
  const { chain, point, words, value, reserve, dueAt } = data.closed!;
  const end = endOf(data);
  return potEndText({
    ...end,
    point,
    words,
    value,
    reserve,
    chain: chain.toString('hex'),
    closedAt: Number(data.closedAt),
    dueAt: Number(dueAt),
    hiddenTime: end.hidden === null ? 0 : drawEndTime(seed, end.hidden),
    contribution: data.contribution,
    sumBefore: data.sumBefore,
    sumAfter: data.sumAfter,
    withheld: data.withheld,
  });
}
