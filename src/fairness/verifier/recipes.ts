import { Dice, wordsOf } from './dice.ts';
import { gacha } from './gacha.ts';
import type { Json } from './json.ts';
import { hitPot, trigger } from './pots.ts';
import { raffle } from './raffle.ts';

type Compute = (dice: Dice, config: Json, stated: Json, proof: Json) => Json;

/**
 * The recipes: the kind of stream that each draws from, and how it computes the outcome from the config and from the
 * inputs that the proof states. Opens of tables are computed one by one.
 */
export const recipes: Record<string, { stream: string; compute?: Compute }> = {
  table: { stream: 'player' },
  gacha: { stream: 'player', compute: gacha },
  hit_rate: {
    stream: 'jackpot',
    compute: (dice, { pots }, stated) => {
      return { pots: pots.map((pot: Json, index: number) => hitPot(dice, pot, stated.pots[index].amount)) };
    },
  },
  trigger: { stream: 'pot', compute: trigger },
  raffle: { stream: 'raffle', compute: raffle },
};

function tableOpen(proof: Json, { prizes, rolls }: Json, sub: number): Json {
  const dice = new Dice(wordsOf(proof, sub));
  const weights = prizes.map((prize: Json) => prize.weight);
  const drawn = weights.length === 0 ? [] : Array.from({ length: rolls }, () => dice.weighted(weights));
  return { sub, rolls: drawn, words_consumed: dice.taken };
}

/** What a proof must state about its draws. */
export function computeDraws(proof: Json): Json {
  const config = JSON.parse(proof.config);
  const { compute } = recipes[proof.recipe]!;
  if (compute === undefined) {
    if (proof.opens.length < 1) throw new Error('it has no opens');
    return { opens: proof.opens.map((_: Json, sub: number) => tableOpen(proof, config, sub)) };
  }
  const dice = new Dice(wordsOf(proof, 0));
  const outcome = compute(dice, config, proof[proof.recipe], proof);
  return { [proof.recipe]: { ...outcome, words_consumed: dice.taken } };
}
