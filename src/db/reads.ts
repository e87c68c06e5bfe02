import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { patiently } from './patiently.ts';

/**
 * Runs reads on an EntityManager of their own, and again while the database is started anew. Refuses: UNAVAILABLE.
 * @param tryMs how long one try may take.
 */
export type Reads = <T>(read: (em: EntityManager) => Promise<T>, tryMs?: number) => Promise<T>;

/** Longer than the statement_timeout of the pool: what takes this long hangs on a connection that is gone. */
const TRY_MS = 12_000;

/** Makes the reads of a MikroORM. */
export function createReads(orm: MikroORM): Reads {
  return (read, tryMs = TRY_MS) => patiently(() => read(orm.em.fork()), tryMs);
}
