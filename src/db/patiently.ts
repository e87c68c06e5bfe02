import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../kernel/index.ts';

/** As long as lanes wait while the database restarts. A call whose deadline passes fails earlier. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 100;

/**
 * Reads, and retries while the database does not respond: a call should not fail because PostgreSQL restarts.
 * Throws UNAVAILABLE. @param tryMs how long one try may take.
 */
export async function patiently<T>(read: () => Promise<T>, tryMs: number): Promise<T> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await withinTry(read, tryMs);
    } catch (error) {
      if (!isOutage(error)) throw error;
      if (Date.now() >= giveUpAt) {
        throw new ApiError('UNAVAILABLE', 'the database does not answer', { retryAfterMs: 1000 });
      }
      await sleep(PAUSE_MS);
    }
  }
}

async function withinTry<T>(read: () => Promise<T>, tryMs: number): Promise<T> {
  const { promise: slow, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timeout of a read')), tryMs);
  try {
    return await Promise.race([read(), slow]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * No connection (08, a network error), too many connections (53300), or a server that stops, starts or is slow (57).
 */
function isOutage(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== undefined) return /^(08|53300|57|E[A-Z]+$)/.test(code);
  return /connection|terminated|timeout/i.test(message ?? '');
}
