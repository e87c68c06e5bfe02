import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal, type OperatorNo } from '../kernel/index.ts';
import type { AssetNo } from './account.ts';
import type { Call } from './call.ts';
import { STALE } from './command.ts';
import { connect, statement, troubleOf, type Connection } from './connection.ts';
import { decide, type Decided, type Outcome } from './decide.ts';
import { load, Wanted, type Loaded } from './load.ts';
import { abandon, save } from './save.ts';

/** Where batches run: a database, how assets are called in refusals, and where faults are told. */
export interface BatchHost {
  readonly databaseUrl: string;
  assetCode(operator: OperatorNo, asset: AssetNo): string;
  fault(error: unknown, command: string): void;
}

// Collisions are rare (two processes on the same rows); five times in a row means something else is wrong.
const TRIES = 5;
/** How long a batch waits for a database that does not answer, before its callers are told UNAVAILABLE. */
const PATIENCE_MS = 20_000;
const transactionStatus = statement('transaction_status', 'select pg_xact_status($1::xid8)');

/** Runs batches, one after another, on a connection of its own. */
export class BatchRunner {
  readonly #host: BatchHost;
  #connection: Connection | null = null;

  constructor(host: BatchHost) {
    this.#host = host;
  }

  /**
   * Runs a batch of one operator's calls and settles each, save those that must wait for the next batch: these are
   * returned. Deadlocks and key collisions run the batch again; any other failure runs its calls one by one, so that only
   * the culprit fails.
   */
  async run(operator: OperatorNo, calls: readonly Call[]): Promise<readonly Call[]> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (let tries = 1; ; tries++) {
      try {
        const decided = await this.#attempt(operator, calls, giveUpAt);
        return settle(calls, decided.outcomes, (error, name) => this.#host.fault(error, name));
      } catch (error) {
        const trouble = error instanceof Undecided ? 'undecided' : troubleOf(error);
        await this.#drop();
        if (trouble === 'undecided' || (trouble === 'lost' && Date.now() >= giveUpAt)) {
          return refuseAll(calls, new Refusal('UNAVAILABLE', 'the database does not answer', { retryAfterMs: 1000 }));
        }
        if (trouble === 'lost' || (trouble === 'again' && tries < TRIES)) {
          await sleep(Math.random() * 20 * tries);
        } else {
          return this.#isolate(operator, calls, error);
        }
      }
    }
  }

  /** One try: load, decide, save. Rejects with the database's error, the transaction then being undone. */
  async #attempt(operator: OperatorNo, calls: readonly Call[], giveUpAt: number): Promise<Decided> {
    const connection = await this.#connected(giveUpAt);
    const wanted = new Wanted();
    for (const call of calls) call.command.needs(call.request, wanted);
    const loaded = await load(connection, operator, wanted, calls);
    const decided = decide(operator, calls, loaded, (asset) => this.#host.assetCode(operator, asset));
    if (decided.entries.length === 0) {
      await abandon(connection);
      return decided;
    }
    try {
      await save(connection, operator, loaded, decided);
    } catch (error) {
      if (troubleOf(error) !== 'lost' || !(await this.#wasCommitted(loaded, giveUpAt))) throw error;
    }
    return decided;
  }

  /** Asks what became of a transaction whose commit was not answered, until the database knows. */
  async #wasCommitted({ tx }: Loaded, giveUpAt: number): Promise<boolean> {
    for (;;) {
      await this.#drop();
      try {
        const connection = await this.#connected(giveUpAt);
        const { rows } = await connection.run(transactionStatus, [String(tx)]);
        const status = rows[0]?.[0];
        if (status === 'committed') return true;
        if (status === 'aborted') return false;
      } catch (error) {
        if (troubleOf(error) !== 'lost') throw error;
      }
      if (Date.now() >= giveUpAt) throw new Undecided('it is not known whether the transaction was committed');
      await sleep(50);
    }
  }

  async #isolate(operator: OperatorNo, calls: readonly Call[], error: unknown): Promise<readonly Call[]> {
    if (calls.length === 1) {
      this.#host.fault(error, calls[0]!.command.name);
      calls[0]!.reject(error);
      return [];
    }
    const later: Call[] = [];
    for (const call of calls) later.push(...await this.run(operator, [call]));
    return later;
  }

  async #connected(giveUpAt: number): Promise<Connection> {
    while (this.#connection === null || this.#connection.lost) {
      try {
        this.#connection = await connect(this.#host.databaseUrl);
      } catch (error) {
        if (Date.now() >= giveUpAt) throw Object.assign(new Error('no connection'), { code: 'ECONNREFUSED', cause: error });
        await sleep(100);
      }
    }
    return this.#connection;
  }

  async #drop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.end();
  }

  async close(): Promise<void> {
    await this.#drop();
  }
}

class Undecided extends Error {}

function refuseAll(calls: readonly Call[], refusal: Refusal): readonly Call[] {
  for (const call of calls) call.reject(refusal);
  return [];
}

/** Tells each caller; only now, after the commit. Returns the calls that wait for the next batch. */
function settle(calls: readonly Call[], outcomes: readonly Outcome[], fault: BatchHost['fault']): readonly Call[] {
  const later: Call[] = [];
  calls.forEach((call, i) => {
    const outcome = outcomes[i]!;
    switch (outcome.is) {
      case 'done': return answer(call, outcome, fault);
      case 'refused': return call.reject(outcome.refusal);
      case 'stale': return call.reject(STALE);
      case 'later': return void later.push(call);
      case 'failed':
        fault(outcome.error, call.command.name);
        return call.reject(outcome.error);
    }
  });
  return later;
}

function answer(call: Call, { operation, replayed }: Outcome & { is: 'done' }, fault: BatchHost['fault']): void {
  try {
    call.resolve(call.command.answer(operation, replayed));
  } catch (error) {
    fault(error, call.command.name);
    call.reject(error);
  }
}
