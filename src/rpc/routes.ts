import type { DescMessage } from '@bufbuild/protobuf';
import { Metadata } from '@grpc/grpc-js';
import type { RestAnswer, Route } from './adapter.ts';
import type { Gate } from './arrivals.ts';
import type { Calls } from './calls.ts';
import { admission, identification, reception, type Authenticate, type Step } from './chain.ts';
import type { Contract, MethodPolicy } from './contract.ts';
import { compileEvents, compileLines, compileText, once } from './events.ts';
import type { Definition } from './implementation.ts';
import type { Limits } from './limits.ts';
import { compileNulls } from './nulls.ts';
import { TokenBuckets } from '../kernel/index.ts';
import { keepShares, limitStreams } from './shares.ts';
import { takeTurns } from './turns.ts';
import { Unread } from './unread.ts';
import { compileWhole } from './whole-maps.ts';
import { Validation } from './validation/compile.ts';

/** Creates the routes of one server, which share its calls, limits and validators. */
export class Routes {
  /** What is asked of calls before their message is there, by path. */
  readonly gates = new Map<string, Gate>();
  readonly #contract: Contract;
  readonly #calls: Calls;
  readonly #limits: Limits;
  readonly #steps: readonly Step[];
  readonly #limitLists: Step;
  readonly #limitStreams: Step;
  readonly #limitExports: Step;
  readonly #limitFiles: Step;
  readonly #unread: Unread;
  readonly #identification: readonly Step[];
  readonly #validation: Validation;

  constructor(contract: Contract, calls: Calls, limits: Limits, authenticate: Authenticate) {
    this.#contract = contract;
    this.#calls = calls;
    this.#limits = limits;
    this.#unread = new Unread(limits);
    this.#validation = new Validation(contract.registry);
    const rates = {
      callers: new TokenBuckets(limits.caller),
      players: new TokenBuckets(limits.player),
      addresses: new TokenBuckets(limits.throttled),
      strangers: new TokenBuckets(limits.throttled),
      throttled: new TokenBuckets(limits.throttledCaller),
      wrong: new TokenBuckets(limits.wrong),
    };
    this.#identification = identification(authenticate, rates);
    this.#steps = [calls.assertRoom, ...admission(authenticate, rates), keepShares(limits)];
    this.#limitLists = takeTurns(limits.lists);
    this.#limitStreams = limitStreams(limits.streamsEach, ['service', 'admin']);
    this.#limitExports = limitStreams(limits.exportsEach, []);
    this.#limitFiles = limitStreams(limits.filesEach, []);
  }

  of(method: Definition, handler: Route['handler']): Route {
    const policy = this.#contract.methods.get(method.path);
    if (policy === undefined) throw new Error(`${method.path} is not in the contract`);
    const { input, methodKind } = policy.desc;
    const streams = methodKind === 'server_streaming';
    const encode = streams ? once(method.responseSerialize) : method.responseSerialize;
    const calls = this.#calls;
    this.gates.set(method.path, {
      open: (transport) => calls.arriving(policy, transport),
      steps: this.#identification,
      fail: (call, thrown) => calls.fail(call, thrown).status,
    });
    return {
      open: (transport, fail) => calls.open(policy, transport, fail),
      // What nobody reads is asked last: it may be more once the call's turn has come.
      steps: [...this.#steps, ...this.#limitsOf(policy), this.#unread.assertRead],
      stalledMs: streams ? this.#limits.stalledMs : Infinity,
      idleMs: this.#limits.idleMs,
      receive: reception(
        {
          input,
          sizeMax: this.#limits.messageBytes,
          decode: method.requestDeserialize,
          validate: this.#validation.of(input),
        },
        method.requestStream,
      ),
      handler,
      encode,
      unread: this.#unread,
      answer: restAnswer(this.#contract, policy, encode),
      succeed: (call) => calls.succeed(call),
      fail: (call, thrown) => calls.fail(call, thrown),
    };
  }

  /** Limits of what lasts: exports and files are expensive, and so are lists. */
  #limitsOf({ desc: { methodKind, input }, rest }: MethodPolicy): readonly Step[] {
    if (methodKind === 'unary') return isPaged(input) ? [this.#limitLists] : [];
    if (methodKind === 'client_streaming') return [this.#limitFiles];
    return methodKind === 'server_streaming' ? [rest.lines ? this.#limitExports : this.#limitStreams] : [];
  }
}

/** Whether a request is for a page of a list. */
const isPaged = ({ fields }: DescMessage): boolean =>
  fields.some(({ name }) => name === 'page_size' || name === 'limit');

function restAnswer({ registry }: Contract, { rest, desc }: MethodPolicy, encode: Route['encode']): RestAnswer {
  const streams = desc.methodKind === 'server_streaming';
  // Streams have no null markers: the edge could only replace them by buffering the stream.
  const nulls = desc.methodKind === 'unary' ? compileNulls(registry, desc.output) : null;
  const metadata = new Metadata();
  metadata.set('x-rest-status', String(rest.status));
  if (rest.unwrap !== null) metadata.set('x-rest-unwrap', rest.unwrap);
  if (nulls !== null) metadata.set('x-rest-nulls', nulls.names.join(','));
  const events = streams ? (rest.lines ? compileLines : compileEvents)(registry, desc.output, encode) : null;
  const text = rest.text ? compileText(desc.output, encode) : null;
  if (events !== null) metadata.set('cache-control', 'no-cache');
  return { metadata, mark: nulls?.mark, whole: compileWhole(desc.output), events, text };
}
