import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type OperatorNo } from '../kernel/index.ts';
import type { AssetNo } from './account.ts';
import type { Activity } from './activity.ts';
import type { Call } from './call.ts';
import { StaleVersionError } from './command.ts';
import { connect, ConnectionLost, statement, troubleOf, type Connection, type Result } from './connection.ts';
import { decide, type Decided, type Outcome } from './decide.ts';
import { holdEpoch, type HeldEpoch } from './epoch.ts';
import { load, LoadPlan, takeCalls, type Loaded } from './load.ts';
import { makeReceipt, type Receipt, type ReceiptSigner } from './receipt.ts';
import type { Register } from './register.ts';
import { abandon, save } from './save.ts';

/**
 * Where batches run: a database, the kinds of facts, the names of assets for errors, and the log of internal errors.
 */
export interface BatchHost {
  readonly databaseUrl: string;
  readonly register: Register;
  assetCode(operator: OperatorNo, asset: AssetNo): string;
  /** Unset: no receipts are made. */
  readonly receipts?: ReceiptSigner;
  /** Throws if the database that a new connection has found is not the one that it should be. */
  admit?(run: (text: string, values: readonly string[]) => Promise<Result['rows']>): Promise<void>;
  /** @param id the id that the caller was given, to find the error in the log. */
  fault(error: unknown, command: string, id?: string): void;
}

// Collisions are rare (two processes on the same rows). Five in a row mean that something else is wrong.
const TRIES = 5;
/** How long a batch waits for a database that does not respond, before its calls fail with UNAVAILABLE. */
const PATIENCE_MS = 20_000;
// After a crash the database may not have assigned this number yet, and `pg_xact_status` fails on such numbers.
const isRunning = statement(
  'is_running',
  'select case when $1::xid8 < pg_current_xact_id() then pg_xact_status($1::xid8) end ' +
    "is not distinct from 'in progress'",
);
const isStored = statement('is_stored', 'select 1 from journal where operator_id = $1 and operation_id = $2 limit 1');

/** Runs batches, one after another, on its own connection. */
export class BatchRunner {
  readonly #host: BatchHost;
  readonly #activity: Activity;
  #connection: Connection | null = null;
  #epoch: HeldEpoch | null = null;

  constructor(host: BatchHost, activity: Activity) {
    this.#host = host;
    this.#activity = activity;
  }

  /**
   * Runs a batch of one operator's calls. Returns each with its outcome, committed but not yet reported: see `settle`.
   * After a deadlock or a key collision the batch is retried. After any other failure its halves are run separately, so
   * that only the call that causes the failure fails; also if it took too long. @param giveUpAt until when to wait for
   * a database that does not respond.
   */
  async run(
    operator: OperatorNo,
    calls: readonly Call[],
    giveUpAt = Date.now() + PATIENCE_MS,
  ): Promise<readonly BatchResult[]> {
    for (let tries = 1; ; tries++) {
      try {
        const results = await this.#attempt(operator, calls, giveUpAt);
        return [...results, ...calls.slice(results.length).map((call) => ({ call, outcome: NOT_TAKEN }))];
      } catch (error) {
        const trouble = error instanceof Undecided ? 'undecided' : troubleOf(error);
        await this.#drop();
        if (trouble === 'undecided' || (trouble !== 'fatal' && Date.now() >= giveUpAt)) {
          const error = new ApiError('UNAVAILABLE', 'the database does not answer', { retryAfterMs: 1000 });
          return calls.map((call) => ({ call, outcome: { is: 'refused', error } }));
        }
        const smaller = trouble === 'slow' && calls.length > 1;
        if (trouble === 'fatal' || smaller || (trouble === 'again' && tries === TRIES)) {
          return this.#isolate(operator, calls, error, giveUpAt);
        }
        await sleep(Math.random() * 20 * tries);
      }
    }
  }

  /**
   * One attempt: load, decide, save. Returns the results of the calls that fit into the batch. Rejects with the
   * database's error; the transaction is then rolled back.
   */
  async #attempt(operator: OperatorNo, calls: readonly Call[], giveUpAt: number): Promise<readonly BatchResult[]> {
    const connection = await this.#connected(giveUpAt);
    const plan = new LoadPlan();
    const taken = takeCalls(calls, plan);
    const source = { connection, operator, register: this.#host.register, epoch: this.#epoch! };
    const loaded = await load(source, plan, taken);
    const { receipts } = this.#host;
    const name = await receipts?.nameOf(operator);
    const decided = decide(operator, taken, loaded, (asset) => this.#host.assetCode(operator, asset), name);
    const receipt = receiptOf(receipts, name, loaded, decided);
    const results = taken.map((call, i) => ({ call, outcome: decided.outcomes[i]! }));
    const active = this.#activity.unnoted(operator, results, loaded.now);
    if (decided.entries.length === 0 && active.length === 0) {
      await abandon(connection);
      return results;
    }
    try {
      await save(connection, operator, loaded, decided, { active, receipt });
    } catch (error) {
      const id = decided.entries[0]?.operation.id;
      if (id === undefined || !['lost', 'slow'].includes(troubleOf(error))) throw error;
      if (!(await this.#wasCommitted(operator, loaded.tx - loaded.epoch.txBase, id, giveUpAt))) throw error;
    }
    this.#activity.noted(operator, active, loaded.now);
    return results;
  }

  /**
   * Finds out whether a transaction whose commit was not answered was committed; waits until it has ended. The journal
   * decides: transaction numbers that a crash rolled back are assigned again, so another transaction may have the
   * number `tx`.
   */
  async #wasCommitted(operator: OperatorNo, tx: number, operationId: string, giveUpAt: number): Promise<boolean> {
    for (;;) {
      await this.#drop();
      try {
        const connection = await this.#connected(giveUpAt);
        const { rows } = await connection.run(isRunning, [String(tx)]);
        if (rows[0]![0] !== 't') return (await connection.run(isStored, [operator, operationId])).rows.length > 0;
      } catch (error) {
        if (troubleOf(error) !== 'lost') throw error;
      }
      if (Date.now() >= giveUpAt) throw new Undecided('it is not known whether the transaction was committed');
      await sleep(50);
    }
  }

  /** Runs the two halves of a batch that failed. A batch of one call is the cause of the failure. */
  async #isolate(
    operator: OperatorNo,
    calls: readonly Call[],
    error: unknown,
    giveUpAt: number,
  ): Promise<readonly BatchResult[]> {
    if (calls.length === 1) return [{ call: calls[0]!, outcome: { is: 'failed', error } }];
    const half = calls.length >> 1;
    const first = await this.run(operator, calls.slice(0, half), giveUpAt);
    return [...first, ...(await this.run(operator, calls.slice(half), giveUpAt))];
  }

  async #connected(giveUpAt: number): Promise<Connection> {
    while (this.#connection === null || this.#epoch === null || this.#connection.lost) {
      try {
        await this.#drop();
        this.#connection = await connect(this.#host.databaseUrl);
        this.#epoch = await this.#enter(this.#connection);
      } catch (error) {
        if (Date.now() >= giveUpAt) throw new ConnectionLost({ cause: error });
        await sleep(100);
      }
    }
    return this.#connection;
  }

  /** Takes part in the epoch of a database that may be written to. */
  async #enter(connection: Connection): Promise<HeldEpoch> {
    const epoch = await holdEpoch(connection);
    await this.#host.admit?.(async (text, values) => (await connection.run(statement('', text), values)).rows);
    return epoch;
  }

  async #drop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#epoch = null;
    await connection?.end();
  }

  async close(): Promise<void> {
    await this.#drop();
  }

  /** Reports the outcome of each call; only after the commit. */
  settle(settled: readonly BatchResult[]): void {
    for (const { call, outcome } of settled) {
      switch (outcome.is) {
        case 'done':
          this.#answer(call, outcome);
          break;
        case 'refused':
          call.reject(outcome.error);
          break;
        case 'stale':
          call.reject(new StaleVersionError());
          break;
        case 'failed':
          this.#fault(outcome.error, call);
          break;
        case 'later':
          break;
      }
    }
  }

  #answer(call: Call, { operation, replayed }: Outcome & { is: 'done' }): void {
    try {
      call.resolve(call.command.answer(operation, replayed), replayed);
    } catch (error) {
      this.#fault(error, call);
    }
  }

  #fault(error: unknown, call: Call): void {
    call.reject(error);
    try {
      this.#host.fault(error, call.command.name);
    } catch {
      // Logging the error failed: that must not affect the other calls.
    }
  }
}

/** The receipt of a batch; undefined: it drew nothing. */
function receiptOf(
  signer: ReceiptSigner | undefined,
  operator: string | undefined,
  { epoch: { number: epoch }, now: time }: Loaded,
  { entries }: Decided,
): Receipt | undefined {
  const leaves = entries.flatMap(({ leaf }) => leaf ?? []);
  if (signer === undefined || operator === undefined || leaves.length === 0) return undefined;
  return makeReceipt(signer, { operator, epoch, time }, leaves);
}

class Undecided extends Error {}

/** A call with its outcome. */
export interface BatchResult {
  readonly call: Call;
  readonly outcome: Outcome;
}

/** The outcome of a call that did not fit into the batch. */
const NOT_TAKEN: Outcome = { is: 'later' };
