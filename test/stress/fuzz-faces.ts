import type { DescMethod, JsonObject } from '@bufbuild/protobuf';
import { grpcApi, httpOf, methods, restApi, type Headers, type Outcome } from '../support/api.ts';

/** After this time an answer counts as never. */
const HANG_MS = Number(process.env['HANG_MS'] ?? 5000);
/** How long a stream of responses may be silent: it waits for something to happen. */
const SILENT_MS = 500;

/** What became of a call. */
export interface Called {
  /** The code's name, or the HTTP status; "hang"; or "silent", a stream that has said nothing yet. */
  readonly code: string;
  readonly outcome: Outcome | null;
}

export interface Face {
  readonly name: 'grpc' | 'rest';
  /** Whether it has the RPC at all. */
  has(method: DescMethod): boolean;
  /** Undefined: a client cannot write such a request. */
  call(rpc: string, request: JsonObject, headers: Headers): Promise<Called | undefined>;
  close(): void;
}

const isStream = (rpc: string): boolean => methods.get(rpc)!.methodKind === 'server_streaming';

/** gRPC straight to a server. */
export function grpcFace(address: string): Face {
  const [calls, streams] = [grpcApi(address, HANG_MS), grpcApi(address, SILENT_MS)];
  return {
    name: 'grpc',
    has: () => true,
    async call(rpc, request, headers) {
      try {
        const outcome = await (isStream(rpc) ? streams : calls).call(rpc, request, headers);
        const isOver = outcome.status === 'DEADLINE_EXCEEDED';
        return { code: isOver ? (isStream(rpc) ? 'silent' : 'hang') : String(outcome.status), outcome };
      } catch {
        return undefined;
      }
    },
    close() {
      calls.close();
      streams.close();
    },
  };
}

/** REST through Envoy. */
export function restFace(base: string): Face {
  return {
    name: 'rest',
    has: (method) => httpOf(method) !== undefined,
    async call(rpc, request, headers) {
      const ended = new AbortController();
      const { signal } = ended;
      const timer = setTimeout(() => ended.abort(), isStream(rpc) ? SILENT_MS : HANG_MS);
      try {
        const outcome = await restApi(base, (url, init) => fetch(url, { ...init, signal })).call(rpc, request, headers);
        return { code: String(outcome.status), outcome };
      } catch (error) {
        if (signal.aborted) return { code: isStream(rpc) ? 'silent' : 'hang', outcome: null };
        // A stream of responses may end without one, and fetch sends no such URL.
        const { message } = error as Error;
        if (message.startsWith('a stream without a message')) return { code: '200', outcome: null };
        if (error instanceof TypeError && /URL|header|method/i.test(message)) return undefined;
        return { code: `broken: ${message}`, outcome: null };
      } finally {
        clearTimeout(timer);
        ended.abort();
      }
    },
    close: () => undefined,
  };
}
