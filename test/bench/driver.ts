/** What puts a case under load. Drivers live in the load process, so that what they use is counted apart. */
export interface Driver {
  /** Prepares what is not measured, enough for a slice of this many seconds. */
  prepare?(seconds: number): Promise<void>;
  /**
   * One call of one of the callers. Resolves to how many items are done now; 0: there is nothing left to do.
   * Rejects if any item was refused: a bench that is refused measures nothing.
   */
  call(caller: number): Promise<number>;
  close(): Promise<void>;
}

export type OpenDriver<Options> = (options: Options) => Promise<Driver>;

/** What a slice came to. */
export interface Slice {
  readonly items: number;
  readonly seconds: number;
  /** Of calls, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}
