import { prepareAll, runPrepared, workOf, type Prepared, type Work } from '../journal/index.ts';
import { ApiError, chain, failureOf, invalid, type Caller } from '../kernel/index.ts';
import type { Context, Definition, RequestOf, ResponseOf } from '../rpc/index.ts';
import { answerAhead } from './answer-ahead.ts';
import type { OperationOf, Platform } from './platform.ts';
import { withReceipt } from './receipts.ts';
import { asksReceipt, type Response, type WriteOperation } from './write.ts';

/** The results of items: each is a response under a name, or a failure. */
type Results = { results: { outcome: { $case: string; value: unknown } }[] };

/** The work of a batch's items. Each is checked separately: `check` throws an ApiError for an invalid one. */
function checking<Item, Request, Answer>(
  work: Work<Item, Request, Answer>,
  check: (item: unknown) => void,
): Work<Item, Request, Answer> {
  return {
    ...work,
    prepare(item, fresh) {
      check(item);
      return work.prepare(item, fresh);
    },
  };
}

/** Converts the outcomes of items to results. */
function resulting<M extends Definition>({ path, respond, drawId }: WriteOperation<M>, name: string) {
  return async (
    outcomes: readonly PromiseSettledResult<any>[],
    call: { readonly platform: Platform; readonly caller: Caller },
    items: readonly RequestOf<M>[],
  ): Promise<Results> => {
    const failures = new Map<number, ApiError>();
    const responses = outcomes.map((outcome, i) => {
      if (outcome.status === 'rejected') {
        failures.set(i, outcome.reason as ApiError);
        return undefined;
      }
      const response = respond(outcome.value, call, items[i]!);
      if (!(response instanceof Promise)) return response;
      return response.catch((error: unknown) => {
        failures.set(i, error instanceof ApiError ? error : call.platform.journal.blame(error, path));
        return undefined;
      });
    });
    // oxlint-disable-next-line typescript/await-thenable -- each may be a promise or a value
    const waited = responses.some((one) => one instanceof Promise) ? await Promise.all(responses) : responses;
    const answers =
      drawId !== undefined && items.some(asksReceipt)
        ? await Promise.all(
            (waited as (Response<M> | undefined)[]).map(async (one, i) =>
              one !== undefined && asksReceipt(items[i]!) ? withReceipt(one, drawId(one), call) : one,
            ),
          )
        : waited;
    return {
      results: answers.map((answer, i) => {
        const failure = failures.get(i);
        return failure === undefined
          ? { outcome: { $case: name, value: answer } }
          : { outcome: { $case: 'failure', value: failureOf(failure, call.platform.codeOf) } };
      }),
    };
  };
}

/**
 * How many items of a batch may ask for their receipts, each of which has some kilobytes: so that the answer stays
 * below 4 MiB, which is what clients of gRPC take unless they are set up for more.
 */
const RECEIPTS_MAX = 100;

/** Throws INVALID_ARGUMENT if too many items ask for their receipts. */
function checkReceipts(items: readonly { readonly receipt?: unknown }[]): void {
  let asking = 0;
  for (const item of items)
    if (asksReceipt(item) && ++asking > RECEIPTS_MAX)
      throw invalid('items', `must not ask for more than ${RECEIPTS_MAX} receipts`);
}

/**
 * How much work the items of a batch may be together: 10,000 rewards are 150 ms of the server, and less than 4 MiB to
 * answer, which is what clients of gRPC take unless they are set up for more.
 */
const WORK_MAX = 10_000;

/** The work of items that can be queued. Throws INVALID_ARGUMENT if it is too much for one batch. */
function workOfAll({ command }: Work<any, any, any>, ready: readonly Prepared<unknown>[]): number {
  const work = ready.reduce((sum, one) => sum + ('request' in one ? workOf(command, one.request) : 1), 0);
  if (work <= WORK_MAX) return work;
  throw invalid('items', `must not draw more than ${WORK_MAX} rewards together`);
}

/** The name of the outcome in a batch result that holds an item's response; the other one is `failure`. */
type Answered<B extends Definition> =
  ResponseOf<B> extends {
    readonly results: readonly { readonly outcome?: { readonly $case: infer Name } | undefined }[];
  }
    ? Exclude<Name, 'failure'> & string
    : never;

/**
 * The batch sibling of a write: its items in order, each with its own key and its own error. @param name the name of
 * the outcome that holds an item's response.
 */
export function batchOf<M extends Definition, B extends Definition>(
  _: B,
  operation: WriteOperation<M>,
  name: Answered<B>,
): OperationOf<B> {
  const result = resulting(operation, name);
  return ((platform: Platform) => {
    const workFor = operation.work(platform);
    const each = platform.itemCheck(operation.path);
    return async ({ items }: { readonly items: readonly RequestOf<M>[] }, context: Context) => {
      checkReceipts(items);
      const work = checking(workFor(context), each);
      const ready = await prepareAll(work, items);
      context.charge(workOfAll(work, ready));
      return result(await runPrepared(work, items, ready), { platform, caller: context.caller }, items);
    };
  }) as unknown as OperationOf<B>;
}

/** The stream sibling: each message is a batch, answered in order. @param atMost how many items may be in progress. */
export function streamOf<M extends Definition, B extends Definition>(
  _: B,
  operation: WriteOperation<M>,
  name: Answered<B>,
  atMost: number,
): OperationOf<B> {
  const result = resulting(operation, name);
  type Message = { readonly items: readonly RequestOf<M>[]; readonly messageId: string };
  return ((platform: Platform) => {
    const workFor = operation.work(platform);
    const each = platform.itemCheck(operation.path);
    return (requests: AsyncIterable<Message>, context: Context) => {
      const work = checking(workFor(context), each);
      const call = { platform, caller: context.caller };
      return answerAhead({
        requests,
        atMost,
        sizeOf: ({ items }) => items.length,
        prepare({ items }) {
          checkReceipts(items);
          return chain(prepareAll(work, items), (ready) =>
            chain(context.chargeLater(workOfAll(work, ready)), () => ready),
          );
        },
        answer: async ({ items, messageId }, ready: readonly Prepared<unknown>[]) => ({
          ...(await result(await runPrepared(work, items, ready), call, items)),
          messageId,
        }),
      });
    };
  }) as unknown as OperationOf<B>;
}
