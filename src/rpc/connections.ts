import type { Http2Server, ServerOptions } from 'node:http2';
import type { Socket } from 'node:net';
import type { Server } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { TokenBuckets } from '../kernel/index.ts';
import { client, unmapped, within } from './address.ts';
import type { Limits } from './limits.ts';

/** What grpc-js keeps of its HTTP/2 servers, and has no options for. */
interface Inner {
  readonly commonServerOptions?: ServerOptions;
  readonly http2Servers?: ReadonlyMap<Http2Server, unknown>;
}

/**
 * Node closes a connection, with all calls on it, whose client has left more than 1,000 of them and leaves more than 33
 * a second. Behind Envoy that is the connection of everybody: of clients who close their pages, and of one who means
 * to. To leave a call costs no more than to make one, which has its limits. Here: all streams of a server at once, and
 * then a tenth of that each second.
 */
const RESETS = { streamResetBurst: 20_000, streamResetRate: 2000 };

/** The connections of a server's faces: how many of one address, and how often calls on one may be left. */
export class Connections {
  readonly #server: Inner;
  readonly #limits: Limits;
  readonly #log: Logger;
  readonly #open = new Map<string, number>();
  #all = 0;
  readonly #told = new TokenBuckets({ perSecond: 0.1, burst: 1 });

  constructor(server: Server, limits: Limits, log: Logger) {
    this.#server = server as unknown as Inner;
    this.#limits = limits;
    this.#log = log;
    const { commonServerOptions, http2Servers } = this.#server;
    if (commonServerOptions === undefined || http2Servers === undefined)
      throw new Error('this version of grpc-js keeps its HTTP/2 servers elsewhere');
    Object.assign(commonServerOptions, RESETS);
  }

  /**
   * Limits the connections to all that the server is bound to. Not those of a proxy, which has those of many, nor of
   * this machine's own address, where Envoy is.
   */
  limit(): void {
    const isProxy = within(['127.0.0.1', '::1', ...this.#limits.trustedProxies]);
    for (const face of this.#server.http2Servers!.keys()) {
      face.on('connection', (socket: Socket) => {
        const address = unmapped(socket.remoteAddress ?? '');
        if (!isProxy(address)) this.#take(client(address), socket);
      });
    }
  }

  #take(address: string, socket: Socket): void {
    const mine = this.#open.get(address) ?? 0;
    const { connectionsEach, connections } = this.#limits;
    if (mine >= connectionsEach || this.#all >= connections) {
      socket.destroy();
      if (this.#told.take('') === 0) this.#log.warn({ address, mine, all: this.#all }, 'too many connections');
      return;
    }
    this.#all += 1;
    this.#open.set(address, mine + 1);
    socket.once('close', () => this.#leave(address));
  }

  #leave(address: string): void {
    this.#all -= 1;
    const left = this.#open.get(address)! - 1;
    if (left === 0) this.#open.delete(address);
    else this.#open.set(address, left);
  }
}
