import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request that a receiver got. */
export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The event's id. */
  readonly id: string;
  /** The event, if the body is one. */
  readonly event: { readonly type: string; readonly aggregate: string; readonly sequence: string; readonly data: any };
  readonly at: number;
}

/** What a receiver answers. It gets the request, and how often it got this event before. */
export type Behaviour = (received: Received, before: number, response: ServerResponse, socket: Socket) => void;

export const ok: Behaviour = (_, __, response) => void response.end();
export const status =
  (code: number, headers: Record<string, string> = {}): Behaviour =>
  (_, __, response) =>
    void response.writeHead(code, headers).end();

/** A real HTTP server that records all that it gets. */
export class Receiver {
  readonly received: Received[] = [];
  behaviour: Behaviour = ok;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(behaviour: Behaviour = ok): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.behaviour = behaviour;
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const headers = request.headers as Record<string, string>;
    const id = headers['webhook-id'] ?? '';
    const received = { path: request.url!, headers, body, id, event: parse(body), at: Date.now() };
    const before = this.received.filter((one) => one.id === id).length;
    this.received.push(received);
    response.on('error', () => undefined);
    this.behaviour(received, before, response, request.socket);
  }
}

function parse(body: string): Received['event'] {
  try {
    return JSON.parse(body) as Received['event'];
  } catch {
    return { type: '', aggregate: '', sequence: '0', data: null };
  }
}
