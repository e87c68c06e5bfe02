import type { HitDraw, TriggerReveal } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { formatDecimal, type Micros } from '../kernel/index.ts';
import { proofHead, type SeedUse } from './draws.ts';
import type { BoundHitRate } from './hit-rate.ts';
import { ALGORITHM, type HitRateProof, type TriggerProof } from './proof.ts';
import { serverSeed, type MasterKeys } from './seeds.ts';
import { bindTrigger, drawHidden, formatTrigger } from './trigger.ts';

/** The proof of a contribution's draw, once its seed is revealed. */
export function hitRateProof(
  keys: MasterKeys,
  stream: string,
  draw: HitDraw,
  bound: BoundHitRate,
  amount: Micros,
): HitRateProof {
  const { keyId, clientSeed } = draw;
  const use: SeedUse = {
    algorithm: ALGORITHM,
    keyId,
    streamName: stream,
    position: Number(draw.position),
    nonce: Number(draw.nonce),
    clientSeeds: [{ seed: clientSeed, origin: clientSeed === '' ? 'none' : 'request' }],
    readableSince: Number(draw.readableSince),
  };
  const pots = bound.pots.map(({ id }, i) => ({
    id,
    amount: formatDecimal(amount),
    attempts: draw.pots[i]!.attempts,
    hit: draw.pots[i]!.hit,
  }));
  return { ...proofHead(keys, use, bound), recipe: 'hit_rate', hit_rate: { pots, words_consumed: draw.words } };
}

/** The proof of a revealed trigger. */
export function triggerProof(
  keys: MasterKeys,
  { streamName, keyId, from, to, before, after, ...reveal }: TriggerReveal,
): TriggerProof {
  const kind = reveal.byTime ? 'time' : 'value';
  const bound = bindTrigger({ kind, from, to });
  const position = Number(reveal.position);
  const { trigger, words } = drawHidden(serverSeed(keys.key(keyId), streamName, position), bound);
  const use: SeedUse = {
    algorithm: ALGORITHM,
    streamName,
    keyId,
    position,
    nonce: 0,
    clientSeeds: [{ seed: '', origin: 'none' }],
    readableSince: Number(reveal.readableSince),
  };
  const shown = (point: bigint | undefined): string => (point === undefined ? '' : formatTrigger(point, kind));
  return {
    ...proofHead(keys, use, bound),
    recipe: 'trigger',
    trigger: { value: formatTrigger(trigger, kind), before: shown(before), after: shown(after), words_consumed: words },
  };
}
