/** What a suite measures, and what comes of it. */

/** One line of the table: a load on a process, or only on the database. */
export interface Case {
  readonly name: string;
  /** Calls that wait for an answer at any time: a closed loop. */
  readonly inFlight: number;
  /** A module that exports `open`, an OpenDriver; it runs in the load process. */
  readonly driver: URL;
  /** What the driver is opened with: plain data. */
  readonly options: object;
  /** The process under load; undefined: only the database. */
  readonly server?: number;
  /** The Envoy that the load goes through. */
  readonly envoy?: number;
  /** The database whose followers must have caught up before the slice's CPU time is read. */
  readonly database?: string;
  readonly against?: Against;
}

/** What a case is compared with, slice by slice of the same round. */
export interface Against {
  readonly other: Case;
  /** The rate, more is better; or the CPU time of server and Envoy per item, less is better. */
  readonly by: 'rate' | 'cpu';
  /** What is to be reached, as "≥ 0.6". */
  readonly aim?: string;
}

/**
 * CPU time per item in microseconds; null: not part of the case, or not to be had from this operating system.
 */
export interface CpuPerItem {
  readonly server: number | null;
  readonly postgres: number | null;
  readonly client: number | null;
  readonly envoy: number | null;
}

/** One slice of a case. */
export interface Measured {
  readonly items: number;
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: CpuPerItem;
}

/** Medians of a case's rounds. */
export interface Line extends Measured {
  readonly case: Case;
  /** The median of the rounds' ratios. */
  readonly ratio: number | null;
}

/** What was looked at after the load. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
}

export interface SuiteOptions {
  readonly quick: boolean;
  /** Says what goes on. */
  say(line: string): void;
}

/** The cases of an engine, on separate processes. */
export interface Suite {
  readonly cases: readonly Case[];
  /** The postmaster: its CPU time and that of all its children is PostgreSQL's. */
  readonly postmaster: number;
  /** Settings that the figures depend on, a line each. */
  readonly settings: readonly string[];
  /** Checks the books. @param items what was acknowledged of each case, warm-up included. */
  check(items: ReadonlyMap<Case, number>): Promise<Check[]>;
  stop(): Promise<void>;
}

/** The median; null where nothing was measured. */
export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
