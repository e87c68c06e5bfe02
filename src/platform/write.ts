import type { DefinitionKind, VersionName } from '../catalogue/index.ts';
import {
  callOptions,
  runOne,
  workOf,
  type Command,
  type NaturalKey,
  type PreparedCall,
  type Work,
} from '../journal/index.ts';
import { chain, type Caller } from '../kernel/index.ts';
import type { PlayerRef, PlayerSelector } from '../players/index.ts';
import type { Context, Definition, RequestOf, ResponseOf } from '../rpc/index.ts';
import type { OperationOf, Platform } from './platform.ts';
import { withReceipt, type Drawing, type Unreceipted } from './receipts.ts';

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
  /** The idempotency key, empty: none; unset: the request's field idempotency_key. */
  readonly key?: string;
}

/** A write operation: how its request is converted for the command, and the command's answer to a response. */
export interface Write<M extends Definition, Bound extends VersionName, Request, Answer> {
  /** The RPC, from the generated service. */
  readonly method: M;
  readonly command: (platform: Platform) => Command<Request, Answer>;
  /** What is to be refused before a player is looked up, or made. */
  admit?(request: RequestOf<M>, call: Pick<CallOf<Bound>, 'platform' | 'caller'>): void | Promise<void>;
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
  ): Response<M> | Promise<Response<M>>;
}

/** A response without the receipt that it may have. */
export type Response<M extends Definition> = Unreceipted<ResponseOf<M>>;

/** A write, as an RPC and as the basis of its batch and stream siblings. */
export interface WriteOperation<M extends Definition> extends OperationOf<M> {
  /** The RPC's path. */
  readonly path: string;
  readonly work: (platform: Platform) => (context: Context) => Work<RequestOf<M>, any, any>;
  readonly respond: (
    answer: any,
    call: { readonly platform: Platform; readonly caller: Caller },
    request: RequestOf<M>,
  ) => Response<M> | Promise<Response<M>>;
  /** See `Drawing`. */
  readonly drawId: ((response: Response<M>) => string) | undefined;
}

/** Whether a request asks for the receipt of its draw. */
export const asksReceipt = (request: { readonly receipt?: unknown }): boolean => request.receipt === true;

const NOBODY: PlayerRef = { brandId: 0, player: 0, publicHash: '' };

/**
 * Describes a write. The platform does what every write needs: player, brand, cached definition, keys and request hash,
 * and a retry if the definition has changed in the meantime.
 */
export function write<M extends Definition, Bound extends VersionName, Request, Answer>(
  spec: Write<M, Bound, Request, Answer> & Drawing<M>,
): WriteOperation<M> {
  const work = (platform: Platform): ((context: Context) => Work<RequestOf<M>, Request, Answer>) =>
    working(spec, platform);
  const drawId: WriteOperation<M>['drawId'] = spec.drawId;
  const operation = (platform: Platform) => {
    const workFor = work(platform);
    return async (request: RequestOf<M>, context: Context): Promise<ResponseOf<M>> => {
      const answer = await runOne(charging(workFor(context), context), request, () => context.markReplayed());
      const call = { platform, caller: context.caller };
      const response = await spec.respond(answer, call, request);
      const asked = drawId !== undefined && asksReceipt(request);
      return asked ? withReceipt(response, drawId(response), call) : response;
    };
  };
  return Object.assign(operation as unknown as OperationOf<M>, {
    work,
    path: spec.method.path,
    drawId,
    respond: spec.respond.bind(spec),
  });
}

/** Counts what a call draws against its caller, before it is queued. */
function charging<Item, Request, Answer>(
  work: Work<Item, Request, Answer>,
  context: Context,
): Work<Item, Request, Answer> {
  const { command, prepare } = work;
  if (command.work === undefined) return work;
  return {
    ...work,
    prepare: (item, fresh) =>
      chain(prepare(item, fresh), (ready) => {
        if (!fresh) context.charge(workOf(command, ready.request));
        return ready;
      }),
  };
}

function working<M extends Definition, Bound extends VersionName, Request, Answer>(
  { method, command: commandOf, admit, player, definition, prepare }: Write<M, Bound, Request, Answer>,
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
        key: input.key ?? request.idempotencyKey,
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
        const identified = (): PlayerRef | Promise<PlayerRef> =>
          named === null ? NOBODY : identify.ensure(named, caller);
        return chain(
          admit === undefined ? identified() : chain(admit(request, { platform, caller }), identified),
          (who) =>
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
