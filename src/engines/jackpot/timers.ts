import type { Sql } from '../../db/index.ts';
import type { Catalogue } from '../../catalogue/index.ts';
import { runOne, type CallOptions, type Journal } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import { endCycle } from './commands/drop.ts';
import { revealSeed, SEED_AGE } from './commands/reveal-seed.ts';
import type { Jackpot } from './definition.ts';
import { status } from './entities.ts';
import { codeOf } from './queries.ts';

/** How late what is due may be noticed. */
const PAUSE_MS = 1000;

const DUE = 'select p.operator_id, p.jackpot_id, p.id from jackpot_pot p '
  + 'join jackpot j on j.operator_id = p.operator_id and j.id = p.jackpot_id '
  + `where p.due_at > 'epoch' and p.due_at <= now() and j.status = ${status.active} order by p.due_at`;
// Stream 2 of a jackpot is that of its hits: see streamId.
const OLD = 'select j.operator_id, j.id from jackpot j join seed_stream s on s.operator_id = j.operator_id and s.id = j.id * 8 + 2 '
  + "where j.nonce > 0 and s.moved_at <= now() - $1 * interval '1 microsecond'";

interface TimerHost {
  readonly sql: Sql;
  readonly journal: Journal;
  fault(error: unknown, name: string): void;
}

/**
 * Ends what time ends: the cycles of pots that are due, and seeds of hits that were in use for a day. Each step is a command
 * that decides nothing where it was done already, so that every server process may have timers.
 */
export class JackpotTimers {
  readonly #host: TimerHost;
  readonly #jackpots: Catalogue<Jackpot>;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;

  constructor(host: TimerHost, jackpots: Catalogue<Jackpot>) {
    this.#host = host;
    this.#jackpots = jackpots;
    this.#timer = setInterval(() => { this.#running ??= this.#tick().finally(() => { this.#running = null; }); }, PAUSE_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #tick(): Promise<void> {
    await this.#told(async () => {
      for (const [operator, jackpot, pot] of await this.#host.sql(DUE, [])) {
        await this.#told(() => this.#end(Number(operator), Number(jackpot), Number(pot)));
      }
    });
    await this.#told(async () => {
      for (const [operator, id] of await this.#host.sql(OLD, [SEED_AGE])) {
        await this.#told(() => this.#host.journal.run(revealSeed, { id: Number(id) }, optionsOf(Number(operator), Number(id))));
      }
    });
  }

  /** What fails is told, and holds up nothing else: pots of all operators wait behind it. */
  async #told(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#host.fault(error, 'jackpot timers');
    }
  }

  async #end(operator: OperatorNo, id: number, potId: number): Promise<void> {
    const code = await codeOf(this.#host.sql, operator, id);
    await runOne({
      journal: this.#host.journal,
      command: endCycle,
      prepare: async (_: null, fresh) => {
        const jackpot = await this.#jackpots.get(operator, code, fresh);
        const pot = jackpot.pots.find((one) => one.id === potId)!;
        return { request: { jackpot, pot, winner: 0 as const }, options: optionsOf(operator, id) };
      },
    }, null);
  }
}

const optionsOf = (operator: OperatorNo, route: number): CallOptions =>
  ({ operator, caller: 'timer', keys: [], requestHash: '', route, deadlineMs: Infinity });
