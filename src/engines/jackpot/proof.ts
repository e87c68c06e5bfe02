import type { JackpotWon, PotLapsed, JackpotContributed } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { JackpotContributedV2, JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { findHead, findVersion, idOfCode } from '../../catalogue/index.ts';
import {
  bindHitRate,
  fullStream,
  hitRateProof,
  proofOf,
  seedStream,
  streamId,
  triggerProof,
  type BoundHitRate,
  type BoundJackpot,
  type DrawKind,
} from '../../fairness/index.ts';
import { readRowsById } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { ProofSources } from '../../platform/index.ts';
import { bindPot, configOf, withTerms } from './bound.ts';
import { jackpotContributed } from './contributed.ts';
import { jackpots } from './definition.ts';
import { jackpot } from './entities.ts';
import { amountOf, firstContributed, firstLapsed, firstWon } from './first-version.ts';
import { potEndDraws } from './pot-end-record.ts';
import { drawnContribution } from './record.ts';

/** How FairnessService proves jackpots' draws, of both algorithms. */
export const jackpotDraws = (sources: ProofSources): DrawKind[] => [
  contributionDraws(sources),
  potEndDraws(sources),
  ...firstDraws(sources),
];

/** How contributions are proved. */
function contributionDraws({ reads, keys }: ProofSources): DrawKind<JackpotContributedV2> {
  return {
    kind: jackpotContributed,
    stream: 'jackpot',
    leaf: ({ leaf }) => leaf,
    async prove(operator, id, data, place) {
      if (data.draw === undefined) return undefined;
      const [stream] = await reads((em) => readRowsById(em, seedStream, operator, [streamId('jackpot', id)]));
      const { head, version } = (await findVersion(reads, operator, Number(data.versionId)))!;
      const bound = await configThen(reads, operator, data, jackpots.read(version.format, version.content));
      const named = { engine: jackpots.engine, id: idOfCode(head.code), version: version.version };
      const drawn = drawnContribution(data, named, bound);
      // The seed in use will make more draws, which must stay unpredictable. Those of an earlier epoch make none.
      const { streamName, position } = drawn.use;
      const sealed = streamName === fullStream(stream!.name, keys.epoch) && position >= stream!.position;
      return {
        definitionId: named.id,
        definitionVersion: named.version,
        proofs: [],
        records: [proofOf(keys, place, drawn, bound.config, sealed)],
      };
    },
  };
}

/** The config that a contribution was drawn from: of its version, with the terms of each pot's cycle. */
async function configThen(
  reads: ProofSources['reads'],
  operator: OperatorNo,
  { pots: fed, versionId }: JackpotContributedV2,
  content: JackpotDefinitionV2,
): Promise<BoundJackpot> {
  const contents = new Map([[versionId, content]]);
  for (const { termsFrom } of fed) {
    if (termsFrom === 0n || contents.has(termsFrom)) continue;
    const { version } = (await findVersion(reads, operator, Number(termsFrom)))!;
    contents.set(termsFrom, jackpots.read(version.format, version.content));
  }
  const terms = fed.map(({ pot, termsFrom }) => {
    const definition = contents.get(termsFrom || versionId)!.pots.find((one) => one.pot === pot)!;
    return { terms: bindPot(definition).terms };
  });
  return withTerms(configOf(content).jackpot, terms);
}

/** The hit-rate pots of a definition as windfall/1 drew them. */
function firstHitRate({ pots }: JackpotDefinitionV2): BoundHitRate {
  const drawn = pots.filter(({ hitCost }) => hitCost > 0n);
  return bindHitRate(drawn.map(({ code, hitCost, hitOdds }) => ({ id: code, cost: hitCost, n: Number(hitOdds) })));
}

/** How FairnessService proves the draws that jackpots made by windfall/1. */
function firstDraws({ reads, keys }: ProofSources): DrawKind[] {
  const hit: DrawKind<JackpotContributed> = {
    kind: firstContributed,
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
        proofs: sealed ? [] : [hitRateProof(keys, name, data.draw, firstHitRate(content), amountOf(data))],
      };
    },
  };
  const trigger = (kind: typeof firstWon | typeof firstLapsed): DrawKind<JackpotWon | PotLapsed> => ({
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
  return [hit, trigger(firstWon), trigger(firstLapsed)];
}
