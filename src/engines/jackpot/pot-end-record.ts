import type { PotClosed, PotPaid } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import type { PotsInstance } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import {
  ALGORITHM_2,
  bindPotEnd,
  drawEndTime,
  potEndText,
  proofOf,
  serverSeed,
  type DrawKind,
  type Drawn,
  type MasterKeys,
  type PotEnd,
} from '../../fairness/index.ts';
import { readRowsById } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { ProofSources } from '../../platform/index.ts';
import { jackpots } from './definition.ts';
import { pot as pots } from './entities.ts';
import { potPaid } from './pot-ends.ts';
import { reason } from './winning.ts';

/** How draws among all who fed a pot are proved. Their seeds are revealed as soon as they are drawn. */
export function potEndDraws({ reads, keys, versions }: ProofSources): DrawKind<PotPaid> {
  return {
    kind: potPaid,
    stream: 'pot',
    leaf: ({ closed }) => closed!.leaf,
    aggregateOf: (operator, id) => reads(async (em) => (await readRowsById(em, pots, operator, [id]))[0]!.jackpotId),
    async prove(operator, _, data, place) {
      const { definition } = await definitionOf(versions, operator, data.closed!);
      const drawn = drawnPotEnd(data, definition, seedOf(keys, data.closed!));
      return {
        definitionId: definition.id,
        definitionVersion: definition.version,
        proofs: [],
        records: [proofOf(keys, place, drawn, bindPotEnd(endOf(data.closed!)).config)],
      };
    },
  };
}

/** The definition that was in force when a pot was closed, and what it has as an instance. */
export async function definitionOf(
  versions: ProofSources['versions'],
  operator: OperatorNo,
  { versionId }: PotClosed,
): Promise<{ readonly definition: Drawn['definition']; readonly instance: PotsInstance | undefined }> {
  const { code, version, content } = await versions.get(jackpots, operator, Number(versionId));
  return { definition: { engine: jackpots.engine, id: code, version }, instance: content.instance };
}

/** The seed that a pot was closed with, 64 hex digits. */
export const seedOf = (keys: MasterKeys, { keyId, streamName, position }: PotClosed): string =>
  serverSeed(keys.key(keyId), streamName, Number(position));

/** What the end of a pot has drawn, as its record says it. */
export function drawnPotEnd(data: PotPaid, definition: Drawn['definition'], seed: string): Drawn {
  const { streamName, keyId, position, readableSince, chain, point, words, value, reserve, dueAt } = data.closed!;
  const end = endOf(data.closed!);
  return {
    recipe: 'pot_end',
    definition,
    player: data.playerHash,
    configHash: bindPotEnd(end).configHash,
    use: {
      algorithm: ALGORITHM_2,
      streamName,
      keyId,
      position: Number(position),
      nonce: 0,
      clientSeeds: [],
      readableSince: Number(readableSince),
    },
    outcome: potEndText({
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
    }),
  };
}

const endOf = ({ reason: number, potCode, cycle, sum, hiddenFrom, hiddenTo }: PotClosed): PotEnd => ({
  end: number === reason.final_draw ? 'final' : 'time',
  hidden: hiddenTo === 0n ? null : { from: Number(hiddenFrom), to: Number(hiddenTo) },
  pot: potCode,
  cycle: Number(cycle),
  sum,
});
