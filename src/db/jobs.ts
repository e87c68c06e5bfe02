import type { EntityManager } from '@mikro-orm/postgresql';

/**
 * Gives jobs back that were taken longer than `seconds` ago and not ended: their process was killed. graphile-worker itself
 * waits four hours, in which a pot would not be paid. A job that is merely slow runs twice, which every task allows for.
 */
export async function giveBackAbandoned(em: EntityManager, seconds: number): Promise<void> {
  await em.execute(
    'select graphile_worker.force_unlock_workers(array_agg(distinct locked_by)) from graphile_worker.jobs ' +
      "where locked_at < now() - ? * interval '1 second' having count(*) > 0",
    [seconds],
  );
}

/** A task that waits, as graphile-worker has it. */
export interface Job {
  /** `<task>/<operator>/<id>`. */
  readonly key: string;
  readonly run_at: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

/** Up to `limit` tasks that wait, or that were tried in vain: those tried most first, then by time. */
export function listJobs(em: EntityManager, failedOnly: boolean, limit: number): Promise<Job[]> {
  return em.execute<Job[]>(
    'select key, run_at::text, attempts, last_error from graphile_worker.jobs where attempts > 0 or not ? ' +
      'order by attempts desc, run_at limit ?',
    [failedOnly, limit],
  );
}
