import type { HitDraw, TriggerReveal } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { formatDecimal, type Micros } from '../kernel/index.ts';
import type { Snapshot } from '../journal/index.ts';
import { Draw } from './draw.ts';
import { proofHead, type SeedUse } from './draws.ts';
import { drawHidden, type SeedSecrets } from './seed-secrets.ts';
import { drawHits, type BoundHitRate, type PotDraw } from './hit-rate.ts';
import { ALGORITHM, type HitRateProof, type TriggerProof } from './proof.ts';
import { serverSeed, type MasterKeys } from './seeds.ts';
import { nextSeed, type NextSeed } from './stream.ts';
import { bindTrigger, formatTrigger } from './trigger.ts';

/** The draw of one contribution under a stream's current seed, which many contributions share. */
export interface HitDrawing {
  readonly drawn: readonly PotDraw[];
  /** The draw as a fact stores it. */
  readonly data: HitDraw;
}

interface HitInputs {
  readonly bound: BoundHitRate;
  /** The number of the stream. */
  readonly stream: number;
  /** How many draws were made under the seed. */
  readonly nonce: number;
  readonly clientSeed: string;
  /** The amount that buys attempts for each pot. */
  readonly amount: Micros;
}

/** Draws all hit-rate pots of a contribution. Throws INVALID_ARGUMENT for an `amount` beyond 10,000 attempts. */
export function drawContribution(
  { bound, stream, nonce, clientSeed, amount }: HitInputs,
  secrets: SeedSecrets,
  snapshot: Snapshot,
): HitDrawing {
  const seed = nextSeed(snapshot, stream);
  const draw = new Draw({ serverSeed: secrets.hitKey(seed), clientSeed, nonce, sub: 0, configHash: bound.configHash });
  const drawn = drawHits(
    draw,
    bound,
    bound.pots.map(() => amount),
  );
  return {
    drawn,
    data: {
      keyId: seed.keyId,
      streamName: seed.name,
      clientSeed,
      position: BigInt(seed.position),
      nonce: BigInt(nonce),
      readableSince: BigInt(seed.readableSince),
      words: draw.wordsConsumed,
      pots: drawn.map(({ attempts, hit }) => ({ attempts, hit })),
    },
  };
}

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

/**
 * How a hidden trigger was reached: the value before, unless that had reached it; the value or time after. Null: not.
 */
export type TriggerReached = { readonly before: bigint | undefined; readonly after: bigint } | null;

/** The reveal of a hidden trigger whose cycle is over, as a fact stores it. */
export function revealTrigger(
  seed: NextSeed,
  {
    triggerFrom,
    triggerTo,
    byTime,
  }: { readonly triggerFrom: bigint; readonly triggerTo: bigint; readonly byTime: boolean },
  reached: TriggerReached,
): TriggerReveal {
  return {
    byTime,
    streamName: seed.name,
    keyId: seed.keyId,
    position: BigInt(seed.position),
    readableSince: BigInt(seed.readableSince),
    from: triggerFrom,
    to: triggerTo,
    before: reached?.before,
    after: reached?.after,
  };
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
