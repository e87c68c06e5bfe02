import type { JackpotWon, PotLapsed, JackpotContributed } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { JackpotContributedV2, JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { findHead, idOfCode, type FixedVersion } from '../../catalogue/index.ts';
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
  type MasterKeys,
  type SeedUse,
} from '../../fairness/index.ts';
import { readRowsById } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { ProofSources } from '../../platform/index.ts';
import { bindPot, configOf, withCycles, type Phase } from './bound.ts';
import { jackpotContributed } from './contributed.ts';
import { jackpots } from './definition.ts';
import { jackpot } from './entities.ts';
import { amountOf, firstContributed, firstLapsed, firstWon } from './first-version.ts';
import { potEndDraws } from './pot-end-record.ts';
import { roundDraws } from './raffle/proof.ts';
import { drawnContribution } from './record.ts';

/** How FairnessService proves jackpots' draws, of both algorithms. */
export const jackpotDraws = (sources: ProofSources): DrawKind[] => [
  contributionDraws(sources),
  potEndDraws(sources),
  roundDraws(sources),
  ...firstDraws(sources),
];

/** How contributions are proved. */
function contributionDraws({ reads, keys, versions }: ProofSources): DrawKind<JackpotContributedV2> {
  return {
    kind: jackpotContributed,
    stream: 'jackpot',
    leaf: ({ leaf }) => leaf,
    async prove(operator, id, data, place, withSeeds = true) {
      if (data.draw === undefined) return undefined;
      const version = await versions.get(jackpots, operator, Number(data.versionId));
      const bound = await configThen(versions, operator, data, version);
      const named = { engine: jackpots.engine, id: version.code, version: version.version };
      const drawn = drawnContribution(data, named, bound);
      const sealed = !withSeeds || (await isSealed(reads, keys, operator, id, drawn.use));
      return {
        definitionId: named.id,
        definitionVersion: named.version,
        proofs: [],
        records: [proofOf(keys, place, drawn, bound.config, sealed)],
      };
    },
  };
}

/** Whether a seed will make more draws, which must stay unpredictable. Those of an earlier epoch make none. */
async function isSealed(
  reads: ProofSources['reads'],
  keys: MasterKeys,
  operator: OperatorNo,
  id: number,
  { streamName, position }: Pick<SeedUse, 'streamName' | 'position'>,
): Promise<boolean> {
  const [stream] = await reads((em) => readRowsById(em, seedStream, operator, [streamId('jackpot', id)]));
  return streamName === fullStream(stream!.name, keys.epoch) && position >= stream!.position;
}

/** The last config that contributions to a version were drawn from, and the versions that its terms are of. */
const kept = new WeakMap<JackpotDefinitionV2, { readonly from: string; readonly bound: BoundJackpot }>();

/** The config that a contribution was drawn from: of its version, with the terms of each pot's cycle. */
async function configThen(
  versions: ProofSources['versions'],
  operator: OperatorNo,
  { pots: fed }: JackpotContributedV2,
  { content, versionId }: FixedVersion<JackpotDefinitionV2>,
): Promise<BoundJackpot> {
  const from = fed.map(({ termsFrom }) => Number(termsFrom) || versionId);
  const phases = fed.map(({ phase }) => phase as Phase);
  const text = [...from, ...phases].join();
  const known = kept.get(content);
  if (known?.from === text) return known.bound;
  const contents = await Promise.all(from.map(async (one) => (await versions.get(jackpots, operator, one)).content));
  const cycles = fed.map(({ pot }, i) => {
    const definition = contents[i]!.pots.find((one) => one.pot === pot)!;
    return { terms: bindPot(definition).terms, phase: phases[i]! };
  });
  const bound = withCycles(configOf(content).jackpot, cycles);
  kept.set(content, { from: text, bound });
  return bound;
}

/** The hit-rate pots of a definition as windfall/1 drew them. */
function firstHitRate({ pots }: JackpotDefinitionV2): BoundHitRate {
  const drawn = pots.filter(({ hitCost }) => hitCost > 0n);
  return bindHitRate(drawn.map(({ code, hitCost, hitOdds }) => ({ id: code, cost: hitCost, n: Number(hitOdds) })));
}

/** How FairnessService proves the draws that jackpots made by windfall/1. */
function firstDraws({ reads, keys, versions }: ProofSources): DrawKind[] {
  const hit: DrawKind<JackpotContributed> = {
    kind: firstContributed,
    async prove(operator, id, data) {
      if (data.draw === undefined) return undefined;
      const [stream] = await reads((em) => readRowsById(em, seedStream, operator, [streamId('jackpot', id)]));
      const { code, version, content } = await versions.get(jackpots, operator, Number(data.versionId));
      // Draws from before epochs have no name of their own.
      const name = data.draw.streamName || stream!.name;
      // The seed in use will make more draws, which must stay unpredictable. Those of an earlier epoch make none.
      const sealed = name === fullStream(stream!.name, keys.epoch) && Number(data.draw.position) >= stream!.position;
      return {
        definitionId: code,
        definitionVersion: version,
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
