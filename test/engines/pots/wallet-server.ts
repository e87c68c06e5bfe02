import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The body of a call. */
export type Asked = Readonly<Record<string, string>>;
export type Action = 'authenticate' | 'debit' | 'cancel' | 'credit';

/** What the wallet does with a call: whether it does what it is asked, and how it answers. */
export interface Manner {
  /** Default: true. */
  readonly does?: boolean;
  /** Default: what the protocol says. */
  readonly answers?: 'nothing' | 'cut' | 'twice' | { readonly status: number; readonly body?: unknown };
  /** Changes an answer of the protocol. */
  readonly lies?: (body: Asked) => unknown;
  readonly afterMs?: number;
  /** It answers only once this has happened. */
  readonly after?: Promise<void>;
  /** It does it only then, and a debit whether it was cancelled meanwhile or not. */
  readonly isLate?: boolean;
}

/** What it does with a call that it got so many times before; undefined: what the protocol says. */
export type Behaviour = (action: Action, asked: Asked, before: number) => Manner | undefined;

interface Transaction {
  readonly player: string;
  readonly amount: bigint;
  readonly made: boolean;
  cancelled: boolean;
}

const micros = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
};

/** A real wallet over HTTP, with books of its own. */
export class WalletServer {
  readonly secret = 'a-secret-of-the-wallet';
  behaviour: Behaviour = () => undefined;
  /** It does nothing until this has happened. */
  held: Promise<void> = Promise.resolve();
  /** How many calls it has got, whether it has begun with them or not. */
  arrived = 0;
  readonly balances = new Map<string, bigint>();
  readonly debits = new Map<string, Transaction>();
  readonly credits = new Map<string, Transaction & { readonly of: string }>();
  readonly calls: { readonly action: Action; readonly asked: Asked; readonly isSigned: boolean }[] = [];
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(port = 0): Promise<WalletServer> {
    const server = new WalletServer();
    await new Promise<void>((resolve) => server.#server.listen(port, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/wallet`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The calls about a transaction. */
  of(id: string): string[] {
    return this.calls.filter(({ asked }) => asked['transaction_id'] === id).map(({ action }) => action);
  }

  /** What it has taken from a player and not given back. */
  takenFrom(player: string): bigint {
    let sum = 0n;
    for (const one of this.debits.values()) if (one.player === player && one.made && !one.cancelled) sum += one.amount;
    return sum;
  }

  givenTo(player: string): bigint {
    let sum = 0n;
    for (const one of this.credits.values()) if (one.player === player) sum += one.amount;
    return sum;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.arrived += 1;
    await this.held;
    const action = request.url!.split('/').at(-1) as Action;
    const asked = JSON.parse(body) as Asked;
    const signature = createHmac('sha256', this.secret).update(body).digest('hex');
    const isSigned = request.headers['x-server-authorization'] === signature;
    const before = this.calls.filter(
      (one) => one.action === action && one.asked['transaction_id'] === asked['transaction_id'],
    ).length;
    this.calls.push({ action, asked, isSigned });
    const manner = this.behaviour(action, asked, before) ?? {};
    if (manner.isLate === true) await (manner.after ?? sleep(manner.afterMs));
    const [status, answer] =
      manner.does === false ? [200, asked] : isSigned ? this.#do(action, asked, manner.isLate) : REFUSED;
    const respond = (): void => {
      const { answers } = manner;
      if (answers === 'nothing') return;
      if (answers === 'cut') return void request.socket.resetAndDestroy();
      const told = typeof answers === 'object' ? answers : { status, body: manner.lies?.(asked) ?? answer };
      const text = JSON.stringify(told.body ?? {});
      if (answers === 'twice')
        return void request.socket.end(
          `HTTP/1.1 ${status} X\r\ncontent-length: ${text.length}\r\n\r\n${text}`.repeat(2),
        );
      response.writeHead(told.status, { 'content-type': 'application/json' }).end(text);
    };
    response.on('error', () => undefined);
    await manner.after;
    setTimeout(respond, manner.isLate === true ? 0 : (manner.afterMs ?? 0));
  }

  #do(action: Action, asked: Asked, isLate = false): readonly [number, unknown] {
    const { player_id: player = '', transaction_id: id = '', token } = asked;
    const amount = micros(asked['amount'] ?? '0');
    switch (action) {
      case 'authenticate':
        return token === 'expired' ? [403, { code: 'TOKEN_INVALID' }] : [200, asked];
      case 'debit':
        if (isLate && this.debits.get(id)?.cancelled) this.debits.delete(id);
        return this.#debit(id, player, amount, asked);
      case 'cancel': {
        const known = this.debits.get(id);
        if (known === undefined) this.debits.set(id, { player, amount, made: false, cancelled: true });
        else if (!known.cancelled) {
          known.cancelled = true;
          this.#add(player, known.amount);
        }
        return [200, asked];
      }
      case 'credit':
        if (!this.credits.has(id)) {
          const of = asked['debit_transaction_id']!;
          this.credits.set(id, { player, amount, of, made: true, cancelled: false });
          this.#add(player, amount);
        }
        return [200, asked];
    }
  }

  #debit(id: string, player: string, amount: bigint, asked: Asked): readonly [number, unknown] {
    const known = this.debits.get(id);
    if (known?.cancelled) return [409, { code: 'TRANSACTION_CANCELLED' }];
    if (known !== undefined) return [200, asked];
    if ((this.balances.get(player) ?? 0n) < amount) return [402, { code: 'INSUFFICIENT_FUNDS' }];
    this.debits.set(id, { player, amount, made: true, cancelled: false });
    this.#add(player, -amount);
    return [200, asked];
  }

  #add(player: string, amount: bigint): void {
    this.balances.set(player, (this.balances.get(player) ?? 0n) + amount);
  }
}

const REFUSED = [401, { code: 'SIGNATURE_INVALID' }] as const;
