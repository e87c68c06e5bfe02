import type { JackpotContributed, JackpotWon, PotLapsed } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import { findHead, findVersion, idOfCode } from '../../catalogue/index.ts';
import { fullStream, hitRateProof, seedStream, streamId, triggerProof, type DrawKind } from '../../fairness/index.ts';
import { readRowsById } from '../../journal/index.ts';
import type { Platform } from '../../platform/index.ts';
import { hitRateOf } from './bound.ts';
import { jackpots } from './definition.ts';
import { jackpot } from './entities.ts';
import { jackpotContributed } from './operations/contribute-to-jackpot.ts';
import { jackpotWon, potLapsed } from './winning.ts';

const amountOf = ({ pots, house }: JackpotContributed): bigint =>
  pots.reduce((sum, { value, reserve }) => sum + value + reserve, house);

/** How FairnessService proves jackpots' draws: hits by chance, and hidden triggers. */
export function jackpotDraws({ reads, keys }: Platform): DrawKind[] {
  const hit: DrawKind<JackpotContributed> = {
    kind: jackpotContributed,
    async prove(operator, id, data) {
      if (data.draw === undefined) return undefined;
      const [stream] = await reads((em) => readRowsById(em, seedStream, operator, [streamId('jackpot', id)]));
      const { head, version } = (await findVersion(reads, operator, Number(data.versionId)))!;
      const content = jackpots.read(version.format, version.content);
      // Draws from before epochs have no name of their own.
      const name = data.draw.streamName || stream!.name;
      // The seed in use will make more draws, which must stay unpredictable. Those of an earlier epoch make none.
      const sealed = name === fullStream(stream!.name, keys.epoch) && Number(data.draw.position) >= stream!.position;
      return {
        definitionId: idOfCode(head.code),
        definitionVersion: version.version,
        proofs: sealed ? [] : [hitRateProof(keys, name, data.draw, hitRateOf(content)!, amountOf(data))],
      };
    },
  };
  const trigger = (kind: typeof jackpotWon | typeof potLapsed): DrawKind<JackpotWon | PotLapsed> => ({
    kind: kind as never,
    async prove(operator, id, { trigger: reveal }) {
      if (reveal === undefined) return undefined;
      const [row] = await reads((em) => readRowsById(em, jackpot, operator, [id]));
      const head = await findHead(reads, operator, row!.definitionId);
      return {
        definitionId: idOfCode(head!.code),
        definitionVersion: head!.version,
        proofs: [triggerProof(keys, reveal)],
      };
    },
  });
  return [hit, trigger(jackpotWon), trigger(potLapsed)];
}
