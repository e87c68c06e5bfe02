import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { patiently } from './patiently.ts';

/**
 * Runs a read on its own EntityManager, and retries while the database restarts. Throws UNAVAILABLE.
 * @param tryMs how long one try may take.
 */
export type Reads = <T>(read: (em: EntityManager) => Promise<T>, tryMs?: number) => Promise<T>;

/** Longer than the statement_timeout of the pool: a read that takes this long hangs on a broken connection. */
const TRY_MS = 12_000;

/** Creates the reads of a MikroORM. */
export function createReads(orm: MikroORM): Reads {
  return (read, tryMs = TRY_MS) => patiently(() => read(orm.em.fork()), tryMs);
}
