import { setTimeout as sleep } from 'node:timers/promises';
import type { AnsweredPots } from './pots-answered.ts';

export interface PotsOptions {
  readonly callers: number;
  readonly playersPerCaller: number;
  /** Players who are only opted in and out, all at once: more than 1,000 are carried in pages. */
  readonly crowd: number;
  /** Of all callers together. */
  readonly operations: number;
  readonly seed: number;
}

const PAUSE_MS = 50;
/** A minute without an answer. */
const TRIES = 1200;

export const playerOf = (caller: number, n: number): string => `pots-${caller}-${n}`;
/** Where a player is from: every second one from where some instances withhold wins. */
export const countryOf = (player: string): string => (Number(player.split('-').at(-1)) % 2 === 1 ? 'XX' : 'MT');

/** Calls until it is known what became of it. */
export async function patiently<T>(
  call: (turn: number) => Promise<T | null>,
  answered: AnsweredPots,
  signal: AbortSignal,
): Promise<T> {
  for (let turn = 0; turn < TRIES; turn++) {
    const outcome = await call(turn);
    if (outcome !== null) return outcome;
    answered.retries += 1;
    signal.throwIfAborted();
    await sleep(PAUSE_MS);
  }
  throw new Error('a call is not answered however often it is sent');
}
