import type { Answer } from './post.ts';

/** How often an event is tried. */
export const TRIES_MAX = 12;
const SECOND = 1000;
const FIRST_MS = 5 * SECOND;
const FACTOR = 4;
const LONGEST_MS = 6 * 3600 * SECOND;
const JITTER = 0.2;
/** After so many failed tries in a row a receiver gets one try at a time. */
export const FAILURES_MAX = 5;
const BREAK_LONGEST_MS = 60 * SECOND;
/** After which time without success a webhook is disabled. */
const DISABLE_MS = 5 * 24 * 3600 * SECOND;
/** Statuses of 4xx that say "not now". */
const LATER = new Set([408, 425, 429]);

/** What becomes of a delivery after a try. */
export type Outcome =
  | { readonly state: 'delivered' }
  | { readonly state: 'failed'; readonly error: string; readonly why: 'refused' | 'gone' | 'exhausted' }
  | { readonly state: 'again'; readonly error: string; readonly afterMs: number };

/** @param tries how often it was tried, this one included. @param random from 0 to 1. */
export function outcomeOf(answer: Answer, tries: number, nowMs: number, random: number): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { state: 'delivered' };
  const error = answer.error ?? `the answer is ${status}`;
  if (status === 410) return { state: 'failed', error, why: 'gone' };
  if (status >= 400 && status < 500 && !LATER.has(status)) return { state: 'failed', error, why: 'refused' };
  if (tries >= TRIES_MAX) return { state: 'failed', error, why: 'exhausted' };
  const backOff = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** (tries - 1)) * (1 + JITTER * (2 * random - 1));
  return { state: 'again', error, afterMs: Math.max(backOff, retryAfterMs(answer.retryAfter, nowMs)) };
}

/** How long a receiver asks to wait, as seconds or as a date; 0: it does not ask. */
function retryAfterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * SECOND : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.min(LONGEST_MS, Math.max(0, ms));
}

/** How a receiver has answered lately. */
export interface Health {
  /** How many tries have failed since one has reached it. */
  readonly failures: number;
  readonly failingSince: Date | null;
}

/** What follows from a try for the whole webhook. */
export interface HealthAfter extends Health {
  /** How long nothing is sent. */
  readonly pauseMs: number;
  readonly disabled: boolean;
}

/** An answer that refuses an event comes from a receiver that works. */
export function healthAfter({ failures, failingSince }: Health, outcome: Outcome, now: Date): HealthAfter {
  const gone = outcome.state === 'failed' && outcome.why === 'gone';
  if (outcome.state === 'delivered' || (outcome.state === 'failed' && outcome.why !== 'exhausted'))
    return { failures: 0, failingSince: null, pauseMs: 0, disabled: gone };
  const since = failingSince ?? now;
  const disabled = now.getTime() - since.getTime() > DISABLE_MS;
  return { failures: failures + 1, failingSince: since, pauseMs: breakMs(failures + 1), disabled };
}

/** How long a receiver is left alone after so many failed tries in a row. */
const breakMs = (failures: number): number =>
  failures < FAILURES_MAX ? 0 : Math.min(BREAK_LONGEST_MS, SECOND * 2 ** Math.min(failures - FAILURES_MAX, 10));
