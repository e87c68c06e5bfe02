import type { DefinitionKind, VersionName } from '../catalogue/index.ts';
import {
  callOptions,
  prepareAll,
  runInOrder,
  runOne,
  runPrepared,
  type Command,
  type NaturalKey,
  type Prepared,
  type PreparedCall,
  type Work,
} from '../journal/index.ts';
import { chain, failureOf, type Caller } from '../kernel/index.ts';
import type { PlayerRef, PlayerSelector } from '../players/index.ts';
import type { Context, Definition, RequestOf, ResponseOf } from '../rpc/index.ts';
import { answerAhead } from './answer-ahead.ts';
import type { OperationOf, Platform } from './platform.ts';

/** The inputs of an operation, besides the request. */
export interface CallOf<Bound> {
  readonly platform: Platform;
  readonly caller: Caller;
  /** The player that the request is about; player 0: none. */
  readonly who: PlayerRef;
  /** The version in force of the definition that the request names. */
  readonly definition: Bound;
  /** Whether what was cached has turned out to be outdated: the call is prepared again. */
  readonly fresh: boolean;
}

/** A request prepared for its command. */
export interface Input<Request> {
  readonly request: Request;
  /** The aggregate that the call is about: calls with the same route are decided in order. */
  readonly route: number;
  readonly natural?: NaturalKey | undefined;
  /** To what this happens at most once, by numbers of rows: a repeated call gets the first answer, with any key. */
  readonly once?: number | string;
  /** The brand that scopes the keys; unset: the player's. */
  readonly brand?: number;
}

/** A write operation: how its request is converted for the command, and the command's answer to a response. */
export interface Write<M extends Definition, Bound extends VersionName, Request, Answer> {
  /** The RPC, from the generated service. */
  readonly method: M;
  readonly command: (platform: Platform) => Command<Request, Answer>;
  /** The player that the request names, created if unknown; null: it names none. Unset: it never does. */
  readonly player?: (request: RequestOf<M>) => PlayerSelector | null;
  /** The definition that the field `id` names. */
  readonly definition?: DefinitionKind<any, Bound>;
  /** Converts the request for the command. Throws an ApiError for what the field rules cannot express. */
  prepare(request: RequestOf<M>, call: CallOf<Bound>): Input<Request> | Promise<Input<Request>>;
  respond(
    answer: Answer,
    call: Pick<CallOf<Bound>, 'platform' | 'caller'>,
    request: RequestOf<M>,
  ): ResponseOf<M> | Promise<ResponseOf<M>>;
}

/** A write, as an RPC and as the basis of its batch and stream siblings. */
export interface WriteOperation<M extends Definition> extends OperationOf<M> {
  /** The RPC's path. */
  readonly path: string;
  readonly work: (platform: Platform) => (context: Context) => Work<RequestOf<M>, any, any>;
  readonly respond: (
    answer: any,
    call: { readonly platform: Platform; readonly caller: Caller },
    request: RequestOf<M>,
  ) => ResponseOf<M> | Promise<ResponseOf<M>>;
}

const NOBODY: PlayerRef = { brandId: 0, player: 0, publicHash: '' };

/**
 * Describes a write. The platform does what every write needs: player, brand, cached definition, keys and request hash,
 * and a retry if the definition has changed in the meantime.
 */
export function write<M extends Definition, Bound extends VersionName, Request, Answer>(
  spec: Write<M, Bound, Request, Answer>,
): WriteOperation<M> {
  const work = (platform: Platform): ((context: Context) => Work<RequestOf<M>, Request, Answer>) =>
    workOf(spec, platform);
  const operation = (platform: Platform) => {
    const workFor = work(platform);
    return async (request: RequestOf<M>, context: Context): Promise<ResponseOf<M>> => {
      const answer = await runOne(workFor(context), request, () => context.markReplayed());
      return spec.respond(answer, { platform, caller: context.caller }, request);
    };
  };
  return Object.assign(operation as unknown as OperationOf<M>, {
    work,
    path: spec.method.path,
    respond: spec.respond.bind(spec),
  });
}

function workOf<M extends Definition, Bound extends VersionName, Request, Answer>(
  { method, command: commandOf, player, definition, prepare }: Write<M, Bound, Request, Answer>,
  platform: Platform,
): (context: Context) => Work<RequestOf<M>, Request, Answer> {
  const { journal, identify, definitions } = platform;
  const hash = platform.requestHash(method.path);
  const command = commandOf(platform);
  type Keyed = RequestOf<M> & { readonly id: string; readonly idempotencyKey: string };
  return (context) => {
    const { caller } = context;
    const ready = (request: Keyed, who: PlayerRef, input: Input<Request>): PreparedCall<Request> => ({
      request: input.request,
      options: callOptions(context, {
        operation: command.name,
        brand: input.brand ?? who.brandId,
        key: request.idempotencyKey,
        hash: () => hash(request),
        natural: input.natural,
        once: input.once,
        route: input.route,
      }),
    });
    const prepareOne = (
      request: Keyed,
      who: PlayerRef,
      bound: Bound,
      fresh: boolean,
    ): PreparedCall<Request> | Promise<PreparedCall<Request>> =>
      chain(prepare(request, { platform, caller, who, fresh, definition: bound }), (input) =>
        ready(request, who, input),
      );
    return {
      journal,
      command,
      prepare(request, fresh) {
        const keyed = request as Keyed;
        const named = player?.(request) ?? null;
        return chain(named === null ? NOBODY : identify.ensure(named, caller), (who) =>
          definition === undefined
            ? prepareOne(keyed, who, undefined as never, fresh)
            : chain(definitions.get(definition, caller.operator, keyed.id, fresh), (bound) =>
                prepareOne(keyed, who, bound, fresh),
              ),
        );
      },
    };
  };
}

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
function resulting<M extends Definition>(operation: WriteOperation<M>, name: string) {
  return async (
    outcomes: readonly PromiseSettledResult<any>[],
    call: { readonly platform: Platform; readonly caller: Caller },
    items: readonly RequestOf<M>[],
  ): Promise<Results> => {
    const responses = outcomes.map((outcome, i) =>
      outcome.status === 'fulfilled' ? operation.respond(outcome.value, call, items[i]!) : undefined,
    );
    // oxlint-disable-next-line typescript/await-thenable -- each may be a promise or a value
    const waited = responses.some((one) => one instanceof Promise) ? await Promise.all(responses) : responses;
    return {
      results: outcomes.map((outcome, i) =>
        outcome.status === 'fulfilled'
          ? { outcome: { $case: name, value: waited[i] } }
          : { outcome: { $case: 'failure', value: failureOf(outcome.reason, call.platform.codeOf) } },
      ),
    };
  };
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
    return async ({ items }: { readonly items: readonly RequestOf<M>[] }, context: Context) =>
      result(await runInOrder(checking(workFor(context), each), items), { platform, caller: context.caller }, items);
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
        prepare: ({ items }) => prepareAll(work, items),
        answer: async ({ items, messageId }, ready: readonly Prepared<unknown>[]) => ({
          ...(await result(await runPrepared(work, items, ready), call, items)),
          messageId,
        }),
      });
    };
  }) as unknown as OperationOf<B>;
}
