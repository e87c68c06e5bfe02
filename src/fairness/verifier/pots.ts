import type { Dice } from './dice.ts';
import { decimal, micros, type Json } from './json.ts';

/** Whether a contribution hits a pot: whole attempts, then one for the remainder. */
export function hitPot(dice: Dice, { cost, id, n }: Json, amount: string): Json {
  const millionths = (micros(amount) * 1_000_000n) / micros(cost);
  const [whole, rest] = [Number(millionths / 1_000_000n), millionths % 1_000_000n];
  if (whole > 10_000) throw new Error(`${amount} buys more than 10,000 attempts`);
  let [attempts, hit] = [0, false];
  while (!hit && attempts < whole) {
    attempts++;
    hit = dice.uniform(n) === 0n;
  }
  if (hit || rest === 0n) return { id, amount, attempts, hit };
  return { id, amount, attempts: attempts + 1, hit: dice.uniform(BigInt(n) * 1_000_000n) < rest };
}

/** The hidden trigger of a pot, and on which side of it the pot was before and after. */
export function trigger(dice: Dice, { from, kind, to }: Json, { before = '', after = '' }: Json): Json {
  const read = (text: string): bigint => (kind === 'value' ? micros(text) : BigInt(text));
  const value = read(from) + dice.uniform(read(to) - read(from) + 1n);
  return {
    value: kind === 'value' ? decimal(value) : String(value),
    before: before === '' || read(before) < value ? before : 'below the trigger',
    after: after === '' || read(after) >= value ? after : 'at least the trigger',
  };
}
