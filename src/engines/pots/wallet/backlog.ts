import { readText } from '../../../journal/index.ts';
import { ApiError, chain, type OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { ReadThrough } from '../../../tenants/index.ts';
import { Turns } from './turns.ts';

/** How many debits of one operator are under way in a process, and how many contributions wait for theirs. */
const AT_ONCE = 64;
const WAITING_MAX = 2000;
/** How many cancellations and credits of one operator are under way in a process. */
const FINISHING = 8;
/**
 * How many contributions of one operator may be open, in all processes. Credits that the wallet has refused do not
 * count: it may refuse them for good, and others are not to wait for that.
 */
const OPEN_MAX = 10_000;
const FRESH_MS = 1000;
const QUICK_MS = 2000;
/** After so many calls in a row without an answer a wallet gets one new contribution in this time. */
const FAILURES_MAX = 5;
const PROBE_MS = 1000;
const OPERATORS_MAX = 10_000;

interface Silence {
  /** How many calls in a row have had no answer. */
  readonly failures: number;
  /** When it gets the next contribution, by `performance.now()`. */
  readonly probeAt: number;
}

/** What one operator's wallets have to do. */
class Load {
  readonly debits = new Turns(AT_ONCE);
  readonly finishing = new Turns(FINISHING);
  /** Of wallets that do not answer, by their URLs. What is open with one that was replaced says nothing of another. */
  readonly #silent = new Map<string, Silence>();

  /** Notes whether a call had an answer. */
  note(url: string, answered: boolean): void {
    if (answered) return void this.#silent.delete(url);
    const { failures, probeAt } = this.#silent.get(url) ?? { failures: 0, probeAt: 0 };
    this.#silent.set(url, { failures: failures + 1, probeAt });
  }

  /** Whether a wallet does not answer, and is not to get a contribution now. */
  isSilent(url: string): boolean {
    const silence = this.#silent.get(url);
    if (silence === undefined || silence.failures < FAILURES_MAX) return false;
    const now = performance.now();
    if (now < silence.probeAt) return true;
    this.#silent.set(url, { ...silence, probeAt: now + PROBE_MS });
    return false;
  }
}

/** What the wallets have to do: bounded for each operator, so that a wallet that hangs holds up no other one. */
export class Backlog {
  readonly #loads = new Map<OperatorNo, Load>();
  readonly #open: ReadThrough<OperatorNo, number>;

  constructor({ reads }: Pick<Platform, 'reads'>) {
    this.#open = new ReadThrough<OperatorNo, number>({
      foundMs: FRESH_MS,
      missingMs: FRESH_MS,
      sizeMax: OPERATORS_MAX,
      async read(operators) {
        const text =
          'select o.id, (select count(*) from (select from pots_wallet_call c where c.operator_id = o.id ' +
          "and c.is_open = 1 and c.refusal = '' limit $2) c) as open from unnest($1::int8[]) as o (id)";
        const rows = await reads(
          (em) => readText<{ id: string; open: string }>(em, text, [operators, OPEN_MAX]),
          QUICK_MS,
        );
        return new Map(rows.map(({ id, open }) => [Number(id), Number(open)]));
      },
    });
  }

  of(operator: OperatorNo): Load {
    let load = this.#loads.get(operator);
    if (load === undefined) this.#loads.set(operator, (load = new Load()));
    return load;
  }

  /** Throws OVERLOADED, or WALLET_ERROR if the wallet does not answer. No promise if the count is cached. */
  admit(operator: OperatorNo, url: string): void | Promise<void> {
    const load = this.of(operator);
    if (load.isSilent(url))
      throw new ApiError('WALLET_ERROR', 'the wallet does not answer: nothing was contributed', {
        details: { state: 'refused' },
        retryAfterMs: PROBE_MS,
      });
    if (load.debits.waiting >= WAITING_MAX) throw overloaded();
    return chain(this.#open.get(operator), (open = 0) => {
      if (open >= OPEN_MAX) throw overloaded();
    });
  }
}

const overloaded = (): ApiError =>
  new ApiError('OVERLOADED', 'too many contributions wait for the wallet', { retryAfterMs: 1000 });
