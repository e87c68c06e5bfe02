import type { Platform } from '../../../platform/index.ts';
import type { Order, Task } from '../../../tasks/index.ts';
import { WALLET_TASK } from '../../../wallets/index.ts';
import { walletsOf } from './wallets.ts';

/** The waits between the tries of what is open: they grow with its age. */
const LEAST_MS = 2000;
const MOST_MS = 60_000;
/** Of what the wallet has refused: it may never be otherwise. */
const REFUSED_MOST_MS = 86_400_000;
const GROWTH = 4;

// One order for (operator, task, id). This run's own order is about to be done: the new one is another one.
const AGAIN =
  "select graphile_worker.add_job(?::text, json_build_object('operator', ?::int8, 'id', ?::int8, 'at', ?::int8), " +
  "null, clock_timestamp() + ?::int8 * interval '1 ms', 10000, ?::text || '/' || ?::int8 || '/' || ?::int8)";

/**
 * Finishes contributions by HTTP wallets: what a process has left, debits that are to be cancelled, credits. It does
 * not wait for the wallet, because other tasks wait for their turn: it orders itself again until nothing is open.
 */
export const walletTask: Task = {
  name: WALLET_TASK,
  async run(platform, { operator, id, at }) {
    const wallets = walletsOf(platform);
    const row = await wallets.row(operator, id);
    if (row === undefined || row.isOpen === 0) return;
    const ageMs = Date.now() - row.reservedAt / 1000;
    const mostMs = row.refusal === '' ? MOST_MS : REFUSED_MOST_MS;
    await again(platform, { operator, id, at }, Math.min(mostMs, Math.max(LEAST_MS, ageMs / GROWTH)));
    void wallets.resume(operator, row);
  },
};

async function again({ orm }: Platform, { operator, id, at }: Order, afterMs: number): Promise<void> {
  const key = [WALLET_TASK, operator, id];
  await orm.em.fork().execute(AGAIN, [...key, at, Math.round(afterMs), ...key]);
}
