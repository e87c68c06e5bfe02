import http from 'node:http';
import http2 from 'node:http2';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** What came after the body. */
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly text: string;
  readonly json: any;
  /** Whether the connection has served another request before. */
  readonly reused: boolean;
}

export type Body = string | Buffer | object | undefined;
export type Headers = Readonly<Record<string, string>>;

/** A client with one connection. */
export interface HttpClient extends Disposable {
  send(method: string, path: string, body?: Body, headers?: Headers): Promise<Reply>;
}

function reply(
  status: number,
  { headers, trailers }: Pick<Reply, 'headers' | 'trailers'>,
  parts: readonly Buffer[],
  reused: boolean,
): Reply {
  const body = Buffer.concat(parts);
  const text = body.toString();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers, trailers, body, text, json, reused };
}

/** An object goes out as JSON, with the header that says so. */
function prepare(body: Body, headers: Headers): { bytes: Buffer | undefined; headers: Record<string, string> } {
  if (body === undefined) return { bytes: undefined, headers: { ...headers } };
  const plain = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = Buffer.from(plain ? body : JSON.stringify(body));
  return {
    bytes,
    headers: { 'content-type': 'application/json', 'content-length': String(bytes.length), ...headers },
  };
}

/** HTTP/1.1 with keep-alive; from an address of this machine. */
export function http1(base: string, from: { readonly localAddress?: string } = {}): HttpClient {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1, ...from });
  return {
    send: (method, path, body, more = {}) =>
      new Promise((resolve, reject) => {
        const { bytes, headers } = prepare(body, more);
        const request = http.request(base + path, { method, headers, agent }, (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () => resolve(reply(response.statusCode!, response, parts, request.reusedSocket)));
          response.on('error', reject);
        });
        request.on('error', reject).end(bytes);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** HTTP/2 without TLS. */
export function h2c(base: string): HttpClient {
  const session = http2.connect(base).on('error', () => undefined);
  let used = false;
  return {
    send: (method, path, body, more = {}) =>
      new Promise((resolve, reject) => {
        const { bytes, headers } = prepare(body, more);
        const reused = used;
        used = true;
        // Else a GET would have no body.
        const options = { endStream: bytes === undefined };
        const request = session.request({ ':method': method, ':path': path, ...headers }, options);
        const parts: Buffer[] = [];
        let head: Record<string, unknown> = {};
        let trailers: Record<string, unknown> = {};
        request.on('response', (received) => {
          head = received;
        });
        request.on('trailers', (received) => {
          trailers = received;
        });
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('close', () => resolve(reply(Number(head[':status']), { headers: head, trailers }, parts, reused)));
        request.on('error', reject);
        if (bytes !== undefined) request.end(bytes);
      }),
    [Symbol.dispose]: () => session.destroy(),
  };
}
