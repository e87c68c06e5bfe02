import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, HookSettings, Poster } from '../../../webhooks/index.ts';
import type { WalletSettings } from './settings.ts';

/** A wallet with its secret, and where it may be. */
export interface Wallet extends WalletSettings {
  readonly secret: string;
  /** Its destination is checked again at each call. */
  readonly destinations: HookSettings;
}

/** What the wallet is asked to do. */
export type Action = 'authenticate' | 'debit' | 'cancel' | 'credit';

/** What became of a call, and of all tries of it. */
export type Told =
  | { readonly is: 'done' }
  /** It will not be done; but a try before, that had no answer, may have done it. */
  | { readonly is: 'refused'; readonly cause: string }
  /** It may have been done. */
  | { readonly is: 'unknown'; readonly error: string };

/** The codes by which a wallet refuses, and what contributions are told. */
const CAUSES: Readonly<Record<string, string>> = {
  INSUFFICIENT_FUNDS: 'InsufficientFunds',
  TOKEN_INVALID: 'TokenInvalid',
  PLAYER_NOT_FOUND: 'PlayerNotFound',
  PLAYER_BLOCKED: 'PlayerBlocked',
  LIMIT_REACHED: 'LimitReached',
  CURRENCY_NOT_SUPPORTED: 'CurrencyNotSupported',
  REFUSED: 'WalletRefused',
  SIGNATURE_INVALID: 'WalletError',
  TRANSACTION_CANCELLED: 'WalletError',
};
/** Statuses of 4xx that say "not now". */
const LATER = new Set([408, 425, 429]);

/** The signature of a body: its HMAC-SHA256 under the secret, in hexadecimal digits. */
export const signatureOf = (secret: string, body: string): string =>
  createHmac('sha256', secret).update(body).digest('hex');

/** Calls wallets, which are not trusted. */
export class WalletClient {
  readonly #poster: Poster;
  readonly #signal: AbortSignal;

  /** @param signal ends all calls. */
  constructor(poster: Poster, signal: AbortSignal) {
    this.#poster = poster;
    this.#signal = signal;
  }

  /**
   * Makes a call until it has an answer, or was tried often enough; each time with the same body. Never rejects.
   * @param echo the fields that the answer must repeat.
   * @param until when no further try is begun, by `performance.now()`.
   */
  async call(
    wallet: Wallet,
    action: Action,
    document: Readonly<Record<string, string>>,
    echo: readonly string[],
    until = Infinity,
  ): Promise<Told> {
    const body = JSON.stringify(document);
    let last: Told = { is: 'unknown', error: 'it was not asked' };
    for (let nth = 1; nth <= wallet.tries; nth++) {
      if (this.#signal.aborted || performance.now() > until) break;
      last = toldBy(await this.#send(wallet, action, body), document, echo);
      if (last.is !== 'unknown') return last;
      if (nth < wallet.tries) await this.#pause(wallet.retryMs * wallet.backOff ** (nth - 1));
    }
    return last;
  }

  #send(wallet: Wallet, action: Action, body: string): Promise<Answer> {
    return this.#poster.send({
      body,
      url: `${wallet.url}/${action}`,
      settings: wallet.destinations,
      timeoutMs: wallet.timeoutMs,
      wantsBody: true,
      signal: this.#signal,
      headers: { 'user-agent': 'Windfall-Wallet/1', 'x-server-authorization': signatureOf(wallet.secret, body) },
    });
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => undefined);
  }
}

/** What an answer says. Only what the protocol defines counts as one. */
export function toldBy(
  { status, error, body = '' }: Answer,
  asked: Readonly<Record<string, string>>,
  echo: readonly string[],
): Told {
  if (error !== null) return { is: 'unknown', error };
  const answered = parse(body);
  if (status === 200) {
    const wrong = echo.find((name) => answered?.[name] !== asked[name]);
    return wrong === undefined ? { is: 'done' } : { is: 'unknown', error: `the answer has another ${wrong}` };
  }
  const code = answered?.['code'];
  const cause = typeof code === 'string' && Object.hasOwn(CAUSES, code) ? CAUSES[code] : undefined;
  if (status >= 400 && status < 500 && !LATER.has(status) && cause !== undefined) return { is: 'refused', cause };
  return { is: 'unknown', error: `the answer is ${status}` };
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
