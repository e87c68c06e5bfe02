import type pg from 'pg';
import { settingsText, SILENCE_SETTINGS, WatchedClient } from '../db/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import { journalTx } from './epoch.ts';

/** How many facts a follower reads in one transaction. */
const STEP = 2000;
/** Longer than a step's longest statement. */
const ANSWER_MS = 30_000;
// A step reads names between its statements, which may wait for the database.
const SETTINGS = [...SILENCE_SETTINGS, 'idle_in_transaction_session_timeout=10000'];

/** A position in an operator's journal: that of the last fact that was processed. */
export interface Cursor {
  readonly tx: string;
  readonly operationId: string;
  readonly part: string;
}

/** Runs a statement in the follower's transaction; rows are texts. */
export type Execute = (text: string, params: readonly unknown[]) => Promise<string[][]>;

/** A projection of the journal. It processes each fact once. */
export interface Projection {
  /** The name of its cursor: never changed. */
  readonly name: string;
  /**
   * Reads the facts of `STEP_ROWS` and writes what follows from them, in the transaction that moves the cursor.
   * Resolves to their number, and the position of the last one.
   */
  step(params: StepParams, execute: Execute): Promise<{ readonly count: number; readonly last: Cursor }>;
}

/** The parameters of `STEP_ROWS`, $1 to $5: operator, the cursor's position, and the maximum number of facts. */
export type StepParams = readonly [operator: OperatorNo, tx: string, operationId: string, part: string, limit: number];

/**
 * The rows of `journal j` after the cursor, in no order: only those that no running transaction can still precede.
 * Transactions do not commit in the order of their numbers, and a late commit must not be skipped.
 */
export const NEW_ROWS =
  'j.operator_id = $1 and (j.tx, j.operation_id, j.part) > ($2::xid8, $3::uuid, $4::int2) ' +
  `and j.tx < ${journalTx('pg_snapshot_xmin(pg_current_snapshot())')}`;
/** Those of them that are in a step. */
export const STEP_ROWS = `${NEW_ROWS} order by j.tx, j.operation_id, j.part limit $5`;
const START = ['0', '00000000-0000-0000-0000-000000000000', '-1'];

/**
 * Runs one step over an operator's journal: reads facts after the cursor, writes what follows from them, and moves the
 * cursor, in one transaction. Returns the number of facts; fewer than a full step means that the follower is at the
 * end. Safe to run in several processes: they queue on the cursor.
 */
export async function followStep(client: pg.ClientBase, operator: OperatorNo, following: Projection): Promise<number> {
  const texts = { types: { getTypeParser: () => (value: string) => value } as never, rowMode: 'array' as const };
  const query: Execute = async (text, values) =>
    (await client.query({ text, values: [...values], ...texts })).rows as string[][];
  await client.query('begin');
  try {
    await query(
      'insert into follower (operator_id, name, tx, operation_id, part) values ($1, $2, $3, $4, $5) ' +
        'on conflict do nothing',
      [operator, following.name, ...START],
    );
    const [cursor] = await query(
      'select tx, operation_id, part from follower where operator_id = $1 and name = $2 ' + 'for update',
      [operator, following.name],
    );
    const [tx, operationId, part] = cursor as [string, string, string];
    const { count, last } = await following.step([operator, tx, operationId, part, STEP], query);
    if (count > 0) {
      await query('update follower set tx = $3, operation_id = $4, part = $5 where operator_id = $1 and name = $2', [
        operator,
        following.name,
        last.tx,
        last.operationId,
        last.part,
      ]);
    }
    await client.query('commit');
    return count;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

interface FollowerHost {
  readonly databaseUrl: string;
  operators(): Promise<readonly OperatorNo[]>;
  fault(error: unknown, name: string): void;
}

/** Runs followers over all operators repeatedly, until it is stopped. */
export class Followers {
  readonly #host: FollowerHost;
  readonly #followings: readonly Projection[];
  readonly #pauseMs: number;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(host: FollowerHost, followings: readonly Projection[], pauseMs = 1000) {
    this.#host = host;
    this.#followings = followings;
    this.#pauseMs = pauseMs;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const client = new WatchedClient({
        connectionString: this.#host.databaseUrl,
        application_name: 'windfall follower',
        connectionTimeoutMillis: 5000,
        answerMs: ANSWER_MS,
        keepAlive: true,
        options: settingsText(SETTINGS),
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
        while (!signal.aborted) {
          await this.#round(client, signal);
          await pause(this.#pauseMs, signal);
        }
      } catch (error) {
        this.#host.fault(error, 'follower');
        await pause(this.#pauseMs, signal);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  /** One round over all operators. A failure does not block the others; afterwards rejects with the first error. */
  async #round(client: pg.Client, signal: AbortSignal): Promise<void> {
    const errors: unknown[] = [];
    for (const operator of await this.#host.operators()) {
      for (const following of this.#followings) {
        try {
          while (!signal.aborted && (await followStep(client, operator, following)) === STEP);
        } catch (error) {
          errors.push(error);
        }
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** Waits, at most until the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
