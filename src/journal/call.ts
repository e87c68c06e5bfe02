import type { CallOptions, Command } from './command.ts';

/** A command that waits in a queue, with the promise that its caller holds. */
export interface Call {
  readonly command: Command<any, any>;
  readonly request: unknown;
  readonly options: CallOptions;
  resolve(answer: unknown): void;
  /** With a Refusal, with STALE, or with the Error of a fault. */
  reject(reason: unknown): void;
}
