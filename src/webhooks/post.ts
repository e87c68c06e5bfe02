import http from 'node:http';
import https from 'node:https';
import { findDestination, type HookSettings } from './destination.ts';
import { ForbiddenAddress, guardedLookup, type Resolve } from './resolve.ts';

/** What became of a try. */
export interface Answer {
  /** The HTTP status; 0: there was none. */
  readonly status: number;
  /** Why there was none; null: there was one. */
  readonly error: string | null;
  /** The header retry-after. */
  readonly retryAfter: string | undefined;
  /** Its body, if it was asked for. */
  readonly body?: string;
}

export interface Post {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly settings: HookSettings;
  readonly signal: AbortSignal;
  /** Unset: the poster's own. */
  readonly timeoutMs?: number;
  /** Whether the answer's body is wanted. One that is too long, or breaks off, is no answer. */
  readonly wantsBody?: boolean;
}

const TIMEOUT_MS = 10_000;
/** How much of an answer's body is read, so that the connection can be used again; and for how long. */
const BODY_MAX = 16_384;
const BODY_MS = 1000;
const IDLE_MS = 5000;

/** Sends signed bodies to receivers that are not trusted. */
export class Poster {
  readonly #resolve: Resolve;
  readonly #timeoutMs: number;
  /** Connections are shared only where the same was allowed. */
  readonly #agents = new Map<string, http.Agent>();

  constructor(resolve: Resolve, timeoutMs = TIMEOUT_MS) {
    this.#resolve = resolve;
    this.#timeoutMs = timeoutMs;
  }

  /** Never rejects. */
  async send(post: Post): Promise<Answer> {
    const { url: text, headers, body, settings, signal, timeoutMs = this.#timeoutMs, wantsBody = false } = post;
    const found = findDestination(text, settings);
    if (typeof found === 'string') return unanswered(found);
    const { url } = found;
    const secure = url.protocol === 'https:';
    const bytes = Buffer.from(body);
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await answerOf(
        (secure ? https : http).request(url, {
          method: 'POST',
          agent: this.#agent(secure, settings),
          signal: AbortSignal.any([timeout, signal]),
          headers: {
            'content-type': 'application/json',
            'content-length': bytes.length,
            'user-agent': 'Windfall-Webhooks/1',
            ...headers,
          },
        }),
        bytes,
        wantsBody,
      );
    } catch (error) {
      return unanswered(timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error));
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #agent(secure: boolean, { privateNetworks }: HookSettings): http.Agent {
    const key = `${secure} ${privateNetworks}`;
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      const lookup = guardedLookup(this.#resolve, { privateNetworks });
      const options = { keepAlive: true, timeout: IDLE_MS, lookup, maxTotalSockets: 1024, maxFreeSockets: 64 };
      agent = secure ? new https.Agent(options) : new http.Agent(options);
      this.#agents.set(key, agent);
    }
    return agent;
  }
}

const unanswered = (error: string): Answer => ({ status: 0, error, retryAfter: undefined });

/** Why there is no answer, for the operator's admins: it tells nothing of networks that they do not see. */
function reasonOf(error: unknown): string {
  if (error instanceof ForbiddenAddress) return error.message;
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (error instanceof AggregateError) return 'no connection';
  return code === undefined ? message.slice(0, 100) : `no answer: ${code}`;
}

function answerOf(request: http.ClientRequest, body: Buffer, wantsBody: boolean): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('the receiver changes the protocol'));
    });
    request.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const retryAfter = headers['retry-after'];
      if (wantsBody) {
        bodyOf(response).then((text) => resolve({ status, error: null, retryAfter, body: text }), reject);
        return;
      }
      // The status decides; that the body breaks off changes nothing.
      request.on('error', () => undefined);
      resolve({ status, error: null, retryAfter });
      discard(response);
    });
    request.end(body);
  });
}

/** A whole body, which is not long. */
async function bodyOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > BODY_MAX) throw new Error('the answer is too long');
  }
  return Buffer.concat(chunks).toString();
}

/** Reads a little of a body that nobody wants: a receiver may send without an end. */
function discard(response: http.IncomingMessage): void {
  let size = 0;
  const timer = setTimeout(() => response.destroy(), BODY_MS);
  response.on('error', () => undefined);
  response.once('close', () => clearTimeout(timer));
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > BODY_MAX) response.destroy();
  });
}
