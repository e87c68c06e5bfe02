import { Dice, sha256, wordsFor } from '../dice.ts';
import { decimal, jcs, micros, type Json } from '../json.ts';
import type { Given, Recipe } from './recipe.ts';
import { amount, bool, int, nullable, object, text, time } from './shape.ts';

const HASH = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** A pot that is drawn among all who fed it: at the end of its time, or finally. */
export const potEnd: Recipe = {
  stream: 'pot',
  player: true,
  origins: [],
  config: object({
    cycle: int(1),
    end: text(/^(time|final)$/),
    hidden: nullable(object({ from: int(), to: int() })),
    pot: text(/./),
    sum: amount,
  }),
  outcome: object({
    chain: text(HASH),
    close_time: time,
    contribution: text(UUID),
    cycle: int(1),
    due_time: text(),
    end: text(),
    hidden_end: nullable(object({ from: int(), time: int(), to: int() })),
    point: amount,
    pot: text(),
    reserve: amount,
    sum: amount,
    sum_after: amount,
    sum_before: amount,
    value: amount,
    withheld: bool,
    won: amount,
    words: int(),
  }),
  compute({ record, config, outcome, seed, dice }: Given): Json {
    const [sum, before, after] = [config.sum, outcome.sum_before, outcome.sum_after].map(micros) as [
      bigint,
      bigint,
      bigint,
    ];
    const words = dice(0, outcome.chain);
    const point = words.uniform(sum);
    const [value, reserve] = [micros(outcome.value), micros(outcome.reserve)];
    if (before > point || point >= after || after > sum) throw new Error('outcome: the sums do not hold the point');
    if (config.end === 'time' && reserve > 0n) throw new Error('outcome.reserve: is won only in a final draw');
    const { close_time: closed } = outcome;
    if (closed > record.time) throw new Error('outcome.close_time: is after the payment');
    if (closed < record.seed_readable_since) throw new Error('outcome.close_time: is before the seed could be read');
    return {
      ...outcome,
      ...timesOf(config, outcome, seed),
      cycle: config.cycle,
      end: config.end,
      pot: config.pot,
      sum: config.sum,
      point: decimal(point),
      won: decimal(value + reserve),
      words: words.taken,
    };
  },
};

/** When the cycle was to end, and not before it has. */
function timesOf({ end, hidden }: Json, { due_time: due, close_time: closed }: Json, seed: string): Json {
  if (end === 'final') {
    if (hidden !== null) throw new Error('config.hidden: is only of a time');
    return { due_time: '', hidden_end: null };
  }
  const wrong = time(due, 'outcome.due_time');
  if (wrong.length > 0) throw new Error(wrong[0]);
  if (hidden === null) {
    if (closed < due) throw new Error('outcome.close_time: is before the end');
    return { hidden_end: null };
  }
  if (hidden.to !== milliseconds(due)) throw new Error('config.hidden: does not end when the time is up');
  const configHash = `${sha256(jcs(hidden))}:${'0'.repeat(64)}`;
  const words = new Dice(wordsFor(seed, { clientSeed: '', nonce: 0, sub: 1, configHash }));
  const at = hidden.from + Number(words.uniform(hidden.to - hidden.from + 1));
  if (milliseconds(closed) < at) throw new Error('outcome.close_time: is before the hidden end');
  return { hidden_end: { from: hidden.from, time: at, to: hidden.to } };
}

const milliseconds = (text: string): number => Date.parse(`${text.slice(0, 23)}Z`);
