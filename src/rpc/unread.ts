import { constants, type ServerHttp2Stream } from 'node:http2';
import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import { ApiError } from '../kernel/index.ts';
import type { Call } from './call.ts';
import type { Step } from './chain.ts';

/** Smaller answers are not counted: their streams cost as much as they do, and are limited. */
const LARGE = 16 * 1024;

/** Of whom answers wait: of a caller, or an address without credential, and of all together. */
export interface UnreadLimits {
  readonly unreadEach: number;
  readonly unread: number;
  readonly stalledMs: number;
}

/**
 * Answers that clients have not read yet, which wait in memory: only what was read makes room for more, and what is not
 * read for `stalledMs` is dropped.
 */
export class Unread {
  readonly #limits: UnreadLimits;
  readonly #bytes = new Map<string, number>();
  #total = 0;

  constructor(limits: UnreadLimits) {
    this.#limits = limits;
  }

  /** Throws OVERLOADED for a caller who does not read, and where all together read too little. */
  assertRead: Step = (call) => {
    if (this.#total === 0) return;
    const { unreadEach, unread } = this.#limits;
    if (this.#total < unread && (this.#bytes.get(call.account) ?? 0) < unreadEach) return;
    throw new ApiError('OVERLOADED', 'too much that was answered is not read yet: nothing was done', {
      retryAfterMs: WAIT_MS,
    });
  };

  /** Counts an answer until its stream has ended. */
  hold({ account }: Call, bytes: number, stream: ServerHttp2Stream): void {
    if (bytes < LARGE || stream.closed) return;
    this.#add(account, bytes);
    stream.once('close', () => this.#add(account, -bytes));
    stream.setTimeout(this.#limits.stalledMs, () => stream.close(constants.NGHTTP2_CANCEL));
  }

  #add(account: string, bytes: number): void {
    this.#total += bytes;
    const left = (this.#bytes.get(account) ?? 0) + bytes;
    if (left === 0) this.#bytes.delete(account);
    else this.#bytes.set(account, left);
  }
}

/** About as long as 64 MiB take on a line of 1 Gbit/s. */
const WAIT_MS = 500;

/** A call with responses that are written one after another. */
export type Writing = ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

/** Drops what a client has not read, its error too. grpc-js would keep it with the connection, and has no call. */
export const reset = (transport: Writing): void => streamOf(transport).close(constants.NGHTTP2_CANCEL);

/** The stream of a call, which grpc-js shows to interceptors only. */
export const streamOf = (transport: unknown): ServerHttp2Stream =>
  (transport as { readonly call: { readonly stream: ServerHttp2Stream } }).call.stream;

/**
 * Waits until the client has read on. This is backpressure: a slow reader delays the handler, and responses do not
 * accumulate in memory. Throws READER_TOO_SLOW if that takes longer than `stalledMs`.
 */
export function drained(transport: Writing, signal: AbortSignal, stalledMs: number): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const go = (): void => {
      transport.off('drain', go);
      signal.removeEventListener('abort', go);
      clearTimeout(timer);
      resolve();
    };
    const stop = (): void => {
      reject(new ApiError('READER_TOO_SLOW', `nothing was read for ${stalledMs / 1000} s`));
      go();
    };
    const timer = stalledMs === Infinity ? undefined : setTimeout(stop, stalledMs);
    transport.once('drain', go);
    signal.addEventListener('abort', go);
  });
}
