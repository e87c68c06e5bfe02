import type { EntityManager } from '@mikro-orm/postgresql';

/**
 * Releases jobs that were locked longer than `seconds` ago and have not finished: their process was killed.
 * graphile-worker itself waits four hours, during which a pot would not be paid. A job that is only slow runs twice;
 * every task allows that.
 */
export async function giveBackAbandoned(em: EntityManager, seconds: number): Promise<void> {
  await em.execute(
    'select graphile_worker.force_unlock_workers(array_agg(distinct locked_by)) from graphile_worker.jobs ' +
      "where locked_at < now() - ? * interval '1 second' having count(*) > 0",
    [seconds],
  );
  // An order with the key of a running job takes the key from it and spends its attempts. The job goes when it ends;
  // if its process was killed instead, the row would stay for ever, due and never run. Locked ones are left alone.
  await em.execute(
    'select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs ' +
      'where key is null and attempts >= max_attempts having count(*) > 0',
  );
}

/** A pending task, as graphile-worker stores it. */
export interface Job {
  /** `<task>/<operator>/<id>`. */
  readonly key: string;
  readonly run_at: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

/** Up to `limit` tasks that are pending or have failed: those with the most attempts first, then by time. */
export function listJobs(em: EntityManager, failedOnly: boolean, limit: number): Promise<Job[]> {
  return em.execute<Job[]>(
    'select key, run_at::text, attempts, last_error from graphile_worker.jobs where attempts > 0 or not ? ' +
      'order by attempts desc, run_at limit ?',
    [failedOnly, limit],
  );
}
