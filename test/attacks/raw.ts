import { once } from 'node:events';
import http from 'node:http';
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { status } from '@grpc/grpc-js';

/** `host:port`, without the scheme of a URL. */
const placeOf = (address: string): { host: string; port: number } => {
  const { hostname: host, port } = new URL(address.includes('://') ? address : `http://${address}`);
  return { host, port: Number(port) };
};

/** A connection from one of this machine's addresses. Its errors are ignored. */
export function dial(address: string, localAddress = '127.0.0.1'): Socket {
  return connect({ ...placeOf(address), localAddress }).on('error', () => undefined);
}

/** A session of HTTP/2 from one of this machine's addresses. */
export function session(address: string, localAddress?: string, settings: http2.Settings = {}): ClientHttp2Session {
  const { host, port } = placeOf(address);
  return http2
    .connect(`http://${host}:${port}`, {
      createConnection: () => dial(address, localAddress),
      settings,
      // What waits here to be sent is no reason to give up a call.
      maxSessionMemory: 10_000,
    })
    .on('error', () => undefined);
}

/** A gRPC call of which nothing is sent yet but its headers. */
export function grpcCall(on: ClientHttp2Session, path: string, headers: http2.OutgoingHttpHeaders = {}) {
  const fixed = { ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc' };
  return on.request({ ...fixed, ...headers }, { endStream: false }).on('error', () => undefined);
}

/** The name of what `ended` gives. */
export const codeOf = (ended: string): string => (ended === '0' ? 'answered' : (status[Number(ended)] ?? ended));

/** What a gRPC call ended with: `grpc-status`, or `reset`; and the bytes of its answer. */
export async function ended(stream: ClientHttp2Stream): Promise<{ status: string; bytes: number; body: Buffer }> {
  let code = 'reset';
  const parts: Buffer[] = [];
  stream.on('response', (given) => (code = String(given['grpc-status'] ?? given[':status'])));
  stream.on('trailers', (given) => (code = String(given['grpc-status'])));
  stream.on('data', (part: Buffer) => parts.push(part));
  // A refused call may stay half open: its client has not said all yet.
  const told = new Promise<void>((resolve) => {
    stream.on('response', (given) => given['grpc-status'] !== undefined && resolve());
    stream.on('trailers', () => resolve());
  });
  if (!stream.closed) await Promise.race([told, once(stream, 'close').catch(() => undefined)]);
  const body = Buffer.concat(parts);
  return { status: code, bytes: body.length, body };
}

/** A message as gRPC frames it; `declared` is the length that it says it has. */
export function framed(message: Uint8Array, declared = message.length, packed = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(packed);
  head.writeUInt32BE(declared, 1);
  return Buffer.concat([head, message]);
}

export interface Answer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Sends bytes on a connection of their own and reads one answer. */
export async function sendBytes(address: string, bytes: string | Buffer, from?: string, ms = 5000): Promise<Answer> {
  const socket = dial(address, from);
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString('latin1')));
  await once(socket, 'connect').catch(() => undefined);
  socket.write(bytes);
  await Promise.race([
    once(socket, 'close').catch(() => undefined),
    new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (text.includes('\r\n\r\n')) resolve();
      }, 10);
      socket.once('close', () => clearInterval(timer));
      setTimeout(() => (clearInterval(timer), resolve()), ms).unref();
    }),
  ]);
  socket.destroy();
  return { status: Number(/^HTTP\/1\.\d (\d+)/.exec(text)?.[1] ?? 0), headers: {}, text };
}

/** A request over HTTP/1.1 whose path is sent as it is. */
export function send(base: string, { method = 'GET', path, headers = {}, body, from }: SendOptions): Promise<Answer> {
  const { host, port } = placeOf(base);
  return new Promise((resolve) => {
    const options = { host, port, method, path, headers, agent: false, localAddress: from ?? '127.0.0.1' };
    const request = http.request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('error', () => resolve({ status: 0, headers: answer.headers, text }));
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
    });
    request.setTimeout(15_000, () => request.destroy());
    request.on('error', () => resolve({ status: 0, headers: {}, text: '' })).end(body);
  });
}

export interface SendOptions {
  readonly method?: string;
  readonly path: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** The address of this machine that it comes from. */
  readonly from?: string;
}
