import type { CallOptions, Command } from './command.ts';

/** A command that waits in a queue, with the callbacks that settle its caller's promise. */
export interface Call {
  readonly command: Command<any, any>;
  readonly request: unknown;
  readonly options: CallOptions;
  /** @param replayed whether a key was already used: the answer is that of the first call. */
  resolve(answer: unknown, replayed: boolean): void;
  /** With an ApiError, with StaleVersionError, or with another Error for an internal error. */
  reject(reason: unknown): void;
}
