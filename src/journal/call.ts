import type { CallOptions, Command } from './command.ts';

/** A command that waits in a queue, with the promise that its caller holds. */
export interface Call {
  readonly command: Command<any, any>;
  readonly request: unknown;
  readonly options: CallOptions;
  /** @param replayed whether a key was known: the answer is that of the first call. */
  resolve(answer: unknown, replayed: boolean): void;
  /** With an ApiError, with StaleVersionError, or with the Error of a fault. */
  reject(reason: unknown): void;
}
