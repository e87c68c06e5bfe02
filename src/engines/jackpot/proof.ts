import type { HitDraw, JackpotContributed, JackpotWon, PotLapsed, TriggerReveal } from '../../../gen/windfall/facts/v1/facts.ts';
import type { Sql } from '../../db/index.ts';
import {
  bindTrigger, formatTrigger, proofHead, seedStream, serverSeed, streamId,
  type DrawKind, type HitRateProof, type MasterKeys, type Proved, type TriggerProof,
} from '../../fairness/index.ts';
import { selectRows } from '../../journal/index.ts';
import { formatDecimal, type OperatorNo } from '../../kernel/index.ts';
import { jackpotContributed } from './commands/contribute.ts';
import { jackpotWon, potLapsed } from './commands/win.ts';
import { hitRateOf, type Definition } from './definition.ts';
import { jackpot } from './entities.ts';
import { drawHidden } from './hidden.ts';
import { findVersion } from './queries.ts';

/** What FairnessService tells of jackpots' draws: hits by chance, and hidden triggers. */
export function jackpotDraws(sql: Sql, keys: MasterKeys): DrawKind[] {
  const named = async (operator: OperatorNo, id: number): Promise<Pick<Proved, 'definitionId' | 'definitionVersion'>> => {
    const [head] = await selectRows(sql, jackpot, operator, 't.id = $2', [id]);
    return { definitionId: head!.code, definitionVersion: head!.version };
  };
  const hit: DrawKind<JackpotContributed> = {
    kind: jackpotContributed.name,
    number: jackpotContributed.number,
    async prove(operator, id, data) {
      if (data.draw === undefined) return undefined;
      const [stream] = await selectRows(sql, seedStream, operator, 't.id = $2', [streamId('jackpot', id)]);
      const version = await findVersion(sql, operator, Number(data.versionId));
      const { definitionId } = await named(operator, id);
      // The seed in use has made draws that nobody may foretell.
      const sealed = Number(data.draw.position) >= stream!.position;
      const proofs = sealed ? [] : [hitProof(keys, stream!.name, data, data.draw, JSON.parse(version!.definition) as Definition)];
      return { definitionId, definitionVersion: version!.version, proofs };
    },
  };
  const trigger = (kind: typeof jackpotWon | typeof potLapsed): DrawKind<JackpotWon | PotLapsed> => ({
    kind: kind.name,
    number: kind.number,
    prove: async (operator, id, { trigger: reveal }) =>
      (reveal === undefined ? undefined : { ...await named(operator, id), proofs: [triggerProof(keys, reveal)] }),
  });
  return [hit, trigger(jackpotWon), trigger(potLapsed)];
}

function hitProof(
  keys: MasterKeys, streamName: string, { pots, house }: JackpotContributed, draw: HitDraw, definition: Definition,
): HitRateProof {
  const bound = hitRateOf(definition)!;
  const amount = formatDecimal(pots.reduce((sum, { value, reserve }) => sum + value + reserve, house));
  const use = {
    streamName,
    keyId: draw.keyId,
    position: Number(draw.position),
    nonce: Number(draw.nonce),
    clientSeed: draw.clientSeed,
    origin: draw.clientSeed === '' ? 'none' as const : 'request' as const,
    readableSince: Number(draw.readableSince),
  };
  const drawn = bound.pots.map(({ id }, i) => ({ id, amount, attempts: draw.pots[i]!.attempts, hit: draw.pots[i]!.hit }));
  return { ...proofHead(keys, use, bound), recipe: 'hit_rate', hit_rate: { pots: drawn, words_consumed: draw.words } };
}

function triggerProof(keys: MasterKeys, reveal: TriggerReveal): TriggerProof {
  const { streamName, keyId, from, to, before, after } = reveal;
  const kind = reveal.byTime ? 'time' : 'value';
  const bound = bindTrigger({ kind, from, to });
  const position = Number(reveal.position);
  const { trigger, words } = drawHidden(serverSeed(keys.key(keyId), streamName, position), bound);
  const readableSince = Number(reveal.readableSince);
  const use = { streamName, keyId, position, nonce: 0, clientSeed: '', origin: 'none' as const, readableSince };
  const shown = (point: bigint | undefined): string => (point === undefined ? '' : formatTrigger(point, kind));
  return {
    ...proofHead(keys, use, bound),
    recipe: 'trigger',
    trigger: { value: formatTrigger(trigger, kind), before: shown(before), after: shown(after), words_consumed: words },
  };
}
