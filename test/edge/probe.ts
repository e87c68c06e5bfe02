import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { ApiError, type Caller, type Reason } from '../../src/kernel/index.ts';
import {
  createServer,
  loadContract,
  Metrics,
  type Authenticate,
  type Context,
  type Implementation,
  type Limits,
  type RpcServer,
  type ServerTls,
} from '../../src/rpc/index.ts';
import { ProbeServiceService, type AnswerRequest, type AnswerResponse } from './gen/probe/v1/probe.ts';

export const DESCRIPTORS = new URL('gen/probe.binpb', import.meta.url);
/** The same for Envoy. */
export const EDGE_DESCRIPTORS = new URL('gen/edge.binpb', import.meta.url);
export const contract = loadContract(DESCRIPTORS);

const caller = (role: Caller['role'], name: string, ...scopes: string[]): Caller => ({
  role,
  operator: name === 'key:9' ? 2 : 1,
  brand: null,
  scopes: new Set(scopes),
  userId: role === 'player' ? name : null,
  name,
});

const KNOWN: Readonly<Record<string, Caller>> = {
  all: caller('service', 'key:1', 'read', 'play', 'ledger:issue'),
  reader: caller('service', 'key:2', 'read'),
  ann: caller('player', 'player:ann'),
  boss: caller('admin', 'admin:1'),
  other: caller('service', 'key:9', 'read', 'play'),
  // Of the same name, but of another brand and of another operator.
  ann2: { ...caller('player', 'player:ann'), brand: 2 },
  ann3: { ...caller('player', 'player:ann'), operator: 2 },
};

/** Authenticates callers by their credential; `later` returns a promise. */
export const authenticate: Authenticate = ({ bearer, playerToken, beforeProof }) => {
  const shown = bearer ?? playerToken;
  if (shown === undefined) return caller('anonymous', 'anonymous');
  const found = KNOWN[shown.replace('later-', '')];
  if (found === undefined) beforeProof?.();
  if (found === undefined) throw new ApiError('UNAUTHENTICATED', 'unknown credential');
  return shown.startsWith('later-') ? Promise.resolve(found) : found;
};

/** What the probe has seen of calls, and of those that were left. */
export const seen = { answered: 0, aborted: [] as unknown[], written: 0, stopped: 0, listed: [] as string[] };

const HALF = {
  extent: { wide: 1 },
  label: { colour: '{"label":{"', parts: [], extent: undefined },
};
/** What an answer has besides, by its text. */
const MORE: Readonly<Record<string, Partial<AnswerResponse>>> = {
  half: HALF,
  full: {
    note: 'a note',
    odds: 0.5,
    extent: { wide: 0, odds: 0.25 },
    label: { note: 'n', colour: 'red', parts: [{ wide: 1, odds: 2 }], extent: HALF.extent },
  },
};

async function answer(request: AnswerRequest, { signal }: Context): Promise<AnswerResponse> {
  const { text, act, reason, details, retryAfterMs, waitMs } = request;
  seen.answered++;
  signal.addEventListener('abort', () => seen.aborted.push(signal.reason));
  if (waitMs > 0) await sleep(waitMs, undefined, act === 'wait' ? { signal } : {});
  if (act === 'crash') throw new TypeError('secret: the table players');
  if (act === 'garble') return { text: null, count: 'x' } as never;
  if (act !== 'refuse') return { text, count: 0, extent: undefined, label: undefined, ...MORE[text] };
  throw new ApiError(reason as Reason, text, {
    details: Object.fromEntries(details),
    ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
  });
}

export const probe: Implementation<typeof ProbeServiceService> = {
  answer,
  answerPots: (request, context) =>
    answer(request.text === 'poor' ? { ...request, act: 'refuse', reason: 'INSUFFICIENT_BALANCE' } : request, context),
  answerCoins: (request, context) => answer({ ...request, act: 'refuse', reason: 'INSUFFICIENT_BALANCE' }, context),
  createThing: async ({ thing, idempotencyKey }) => ({ thing, idempotencyKey }),
  getThing: async ({ id }) => ({
    thing:
      id === 'none'
        ? undefined
        : { id, tags: [], createTime: new Date(1_739_972_162_307), metadata: { a: [1, 'b', null] } },
  }),
  deleteThing: async () => ({}),
  async listThings({ count, pad, waitMs }, { address }) {
    seen.listed.push(address);
    await sleep(waitMs);
    const note = pad > 0 ? { note: 'x'.repeat(pad) } : {};
    const thing = { tags: [], createTime: undefined, metadata: undefined, ...note };
    return { things: Array.from({ length: count }, (_, i) => ({ id: `t${i}`, ...thing })) };
  },
  replaceThings: async ({ things }) => ({ things }),
  async *watch({ count, gapMs, failAt, beatAt, pad, lastEventId }, { signal }) {
    try {
      for (let sequence = Number(lastEventId) + 1; sequence <= count; sequence++) {
        if (sequence === failAt) throw new ApiError('INSUFFICIENT_BALANCE', 'no more events');
        seen.written = sequence;
        const event = { $case: 'bigNews' as const, value: { number: BigInt(sequence) } };
        const text = 'x'.repeat(pad);
        yield sequence === beatAt
          ? { sequence: 0, text, eventId: '', event: undefined }
          : { sequence, text, eventId: String(sequence), event };
        if (gapMs > 0) await sleep(gapMs, undefined, { signal });
      }
    } finally {
      seen.stopped++;
    }
  },
  async *export(request, context) {
    for await (const event of probe.watch(request, context)) {
      yield event;
      await context.turn();
    }
  },
  async sum(numbers) {
    let sum = 0n;
    for await (const { number } of numbers) sum += BigInt(number);
    return { sum };
  },
  async *chat(messages) {
    for await (const { text } of messages) {
      if (text === 'fail') throw new ApiError('OVERLOADED', 'enough');
      yield { text: `re: ${text}` };
      if (text === 'bye') return;
    }
  },
  async headers(_, { metadata }) {
    return {
      headers: new Map(Object.entries(metadata.getMap()).map(([name, value]) => [name, value.toString()])),
    };
  },
  logIn: async () => ({}),
  check: async ({ labels }) => ({
    failure: { code: 0, reason: '', message: '', details: labels, fields: [], retryDelay: undefined },
  }),
};

/** A server of the probe, and what it has logged. */
export interface ProbeServer extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly server: RpcServer;
  readonly metrics: Metrics;
  readonly lines: readonly Record<string, any>[];
}

export interface ProbeOptions {
  /** Where to listen; unset: on a free port. */
  readonly address?: string;
  readonly limits?: Partial<Limits>;
  readonly tls?: ServerTls;
}

/** Starts the probe. */
export async function startProbe({ address = '127.0.0.1:0', ...options }: ProbeOptions = {}): Promise<ProbeServer> {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'debug' },
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const metrics = new Metrics();
  const server = createServer({
    contract,
    services: [[ProbeServiceService, probe]],
    authenticate,
    etagKey: Buffer.alloc(32),
    log,
    metrics,
    reflection: true,
    ...options,
  });
  const port = await server.bind(address);
  const stop = (): Promise<void> => server.drain({ waitMs: 0, limitMs: 100 });
  return { address: `127.0.0.1:${port}`, port, server, metrics, lines, [Symbol.asyncDispose]: stop };
}
