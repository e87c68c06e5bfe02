import { StaleVersionError, readRowsById, findOperation, taskOptions } from '../../../journal/index.ts';
import { ApiError, type OperatorNo, type Reason } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { dnsResolve, Poster } from '../../../webhooks/index.ts';
import { answerOf } from '../contribution/contributing.ts';
import type { PotsAnswer } from '../contribution/outcome.ts';
import { Backlog } from './backlog.ts';
import { WalletClient, type Action, type Told, type Wallet } from './client.ts';
import { documentsOf, ECHOES } from './documents.ts';
import { walletCall, walletState, type WalletCallRow } from '../../../wallets/index.ts';
import { applying, cancelled, credited, refused, rejecting, type Finished, type Rejection } from './finishing.ts';
import { reservedBy, type Reserved } from './reserved.ts';
import { resumed } from './resumed.ts';
import { triesMs } from './settings.ts';
import { dropToken, keptToken } from './tokens.ts';
import { WalletVersions } from './versions.ts';

/** What is known of a contribution by an HTTP wallet. */
export type Settled =
  | { readonly is: 'contributed'; readonly answer: PotsAnswer }
  | { readonly is: 'rejected'; readonly cause: string }
  | { readonly is: 'pending' };

const PENDING: Settled = { is: 'pending' };
/** How long a contribution may wait for its turn. */
const TURN_MS = 5000;
/** What a process may be late by: the time between a reservation's clock and the end of its transaction. */
const MARGIN_MS = 5000;
/** How often a contribution is decided again if its instances keep changing. */
const TRIES = 5;
/** Errors that say nothing of a contribution. */
const NO_ANSWER: readonly Reason[] = ['UNAVAILABLE', 'OVERLOADED', 'DEADLINE_EXCEEDED', 'CANCELLED', 'INTERNAL'];

/** Has contributions paid by the operators' own wallets: outside of any transaction. */
export class Wallets {
  readonly #platform: Platform;
  readonly #client: WalletClient;
  readonly #running = new Map<string, Promise<Settled>>();
  readonly #finishing = new Map<string, Promise<void>>();
  readonly versions: WalletVersions;
  readonly backlog: Backlog;

  constructor(platform: Platform) {
    this.#platform = platform;
    const poster = new Poster(dnsResolve());
    platform.stopping.addEventListener('abort', () => poster.close());
    this.#client = new WalletClient(poster, platform.stopping);
    this.versions = new WalletVersions(platform);
    this.backlog = new Backlog(platform);
  }

  /** What this process is doing about a reservation; undefined: nothing. */
  running(operator: OperatorNo, { debitId }: Pick<Reserved, 'debitId'>): Promise<Settled> | undefined {
    return this.#running.get(`${operator}/${debitId}`);
  }

  /** Has a reservation paid, and makes the contribution. Never rejects. @param caller whose operation it is. */
  begin(operator: OperatorNo, caller: string, reserved: Reserved, token: string): Promise<Settled> {
    const known = this.running(operator, reserved);
    if (known !== undefined) return known;
    const key = `${operator}/${reserved.debitId}`;
    const working = this.#perform(operator, caller, reserved, token)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => this.#running.delete(key));
    this.#running.set(key, working);
    return working;
  }

  /** Goes on with what is open. Resolves once it is finished, or was tried in vain. Never rejects. */
  resume(operator: OperatorNo, row: Readonly<WalletCallRow>): Promise<void> {
    const key = `${operator}/${row.id}`;
    const known = this.#finishing.get(key);
    if (known !== undefined) return known;
    const working = this.#resume(operator, row)
      .catch((error: unknown) => void this.#failed(error))
      .finally(() => this.#finishing.delete(key));
    this.#finishing.set(key, working);
    return working;
  }

  async #resume(operator: OperatorNo, row: Readonly<WalletCallRow>): Promise<void> {
    if (row.state !== walletState.reserved)
      return this.backlog.of(operator).finishing.run(() => this.#finish(operator, row));
    if (this.running(operator, row) === undefined) await this.#resumeReserved(operator, row);
  }

  /** A row as it is now. */
  async row(operator: OperatorNo, id: number): Promise<WalletCallRow | undefined> {
    return (await this.#platform.reads((em) => readRowsById(em, walletCall, operator, [id])))[0];
  }

  /** What has become of a row. */
  async stateOf(operator: OperatorNo, row: Readonly<WalletCallRow>): Promise<Settled> {
    if (row.state !== walletState.contributed) return PENDING;
    const { reads, register } = this.#platform;
    const operation = await reads((em) => findOperation(em, register, operator, row.contributionId));
    return { is: 'contributed', answer: answerOf(operation!, true) };
  }

  async #perform(operator: OperatorNo, caller: string, reserved: Reserved, token: string): Promise<Settled> {
    const began = performance.now();
    const { data } = reserved;
    const wallet = await this.versions.wallet(operator, Number(data.wallet));
    const load = this.backlog.of(operator);
    const paid = await load.debits.run(async () =>
      performance.now() - began > TURN_MS || this.#platform.stopping.aborted
        ? null
        : this.#pay(operator, wallet, reserved, token, began),
    );
    // Nothing was asked. What is acknowledged is left to the task.
    if (paid === null)
      return data.callbackUrl === '' ? this.#reject(operator, { reserved, ...failure(false) }) : PENDING;
    if (paid === 'debited') return this.#apply(operator, caller, reserved);
    return this.#reject(operator, { reserved, ...paid });
  }

  /** Authenticates the player, and debits; or says why not. A debit that has failed may have been made all the same. */
  async #pay(
    operator: OperatorNo,
    wallet: Wallet,
    { debitId, data }: Reserved,
    token: string,
    began: number,
  ): Promise<'debited' | Pick<Rejection, 'cause' | 'cancels'>> {
    const documents = await documentsOf(this.#platform, operator, {
      debitId,
      playerId: Number(data.player),
      asset: Number(data.asset),
      amount: data.amount,
      owed: 0n,
      contributionId: '',
    });
    const known = await this.#call(operator, wallet, 'authenticate', documents.authenticate(token));
    if (known.is !== 'done') {
      // What is acknowledged may be begun again: by a repeated call, and by the task, at any server.
      const cancels = data.callbackUrl !== '' && data.amount > 0n;
      return known.is === 'refused' ? { cause: known.cause, cancels } : failure(cancels);
    }
    if (data.amount === 0n) return 'debited';
    const until = began + TURN_MS + 2 * triesMs(wallet);
    const debit = await this.#call(operator, wallet, 'debit', documents.debit(token), until);
    if (debit.is === 'done') return 'debited';
    return debit.is === 'refused' ? { cause: debit.cause, cancels: true } : failure(true);
  }

  async #call(
    operator: OperatorNo,
    wallet: Wallet,
    action: Action,
    document: Readonly<Record<string, string>>,
    until?: number,
  ): Promise<Told> {
    const told = await this.#client.call(wallet, action, document, ECHOES[action], until);
    this.backlog.of(operator).note(wallet.url, told.is !== 'unknown');
    return told;
  }

  async #apply(operator: OperatorNo, caller: string, reserved: Reserved): Promise<Settled> {
    const { journal, keys } = this.#platform;
    const cancels = reserved.data.amount > 0n;
    for (let tries = 1; tries <= TRIES; tries++) {
      try {
        const request = await resumed(this.#platform, operator, reserved, tries > 1);
        const options = { ...taskOptions(operator, request.instances[0]!.id), caller };
        const finished = await journal.run(applying(keys), { request, reserved }, options);
        return await this.#finished(operator, reserved, finished, cancels);
      } catch (error) {
        if (error instanceof StaleVersionError) continue;
        if (!(error instanceof ApiError) || NO_ANSWER.includes(error.reason)) throw error;
        return this.#reject(operator, { reserved, cause: error.message, cancels });
      }
    }
    return this.#reject(operator, { reserved, cause: 'JackpotNotActive', cancels });
  }

  async #reject(operator: OperatorNo, rejection: Rejection): Promise<Settled> {
    const { reserved } = rejection;
    const options = taskOptions(operator, Number(reserved.data.jackpot));
    const finished = await this.#platform.journal.run(rejecting, rejection, options);
    const settled = await this.#finished(operator, reserved, finished, rejection.cancels);
    // It is not known whether the player was debited, until the wallet has acknowledged the cancellation.
    return settled.is === 'rejected' && rejection.cancels && rejection.cause === 'WalletError' ? PENDING : settled;
  }

  /** @param cancels whether the debit may have been made, so that it is to be cancelled if nothing was contributed. */
  async #finished(operator: OperatorNo, reserved: Reserved, finished: Finished, cancels: boolean): Promise<Settled> {
    if (reserved.data.callbackUrl !== '') await dropToken(this.#platform, operator, reserved.row);
    const row = await this.row(operator, reserved.row);
    // Another server has given it up meanwhile. A wallet that has debited after it had cancelled has to cancel again.
    if (finished.is === 'known' && cancels && row!.state === walletState.rejected && row!.debitId === reserved.debitId)
      return this.#reject(operator, { reserved, cause: 'WalletError', cancels: true, late: true });
    if (row!.isOpen === 1 && row!.debitId === reserved.debitId) void this.resume(operator, row!);
    return finished.is === 'known' ? this.stateOf(operator, row!) : finished;
  }

  /** A process has left a reservation. What nobody was told is undone; what is acknowledged is done. */
  async #resumeReserved(operator: OperatorNo, row: Readonly<WalletCallRow>): Promise<void> {
    const { reads, register } = this.#platform;
    const operation = await reads((em) => findOperation(em, register, operator, row.debitId));
    const reserved = reservedBy(operation!)!;
    const token = row.isCallback === 1 ? await keptToken(this.#platform, operator, reserved) : undefined;
    if (token !== undefined) await this.begin(operator, operation!.caller, reserved, token);
    else await this.#reject(operator, { reserved, ...failure(reserved.data.amount > 0n) });
  }

  /** Has a debit cancelled, or a credit made. */
  async #finish(operator: OperatorNo, row: Readonly<WalletCallRow>): Promise<void> {
    const wallet = await this.versions.wallet(operator, row.wallet);
    const documents = await documentsOf(this.#platform, operator, row);
    const action = row.state === walletState.cancelling ? 'cancel' : 'credit';
    const told = await this.#call(operator, wallet, action, documents[action]);
    const options = taskOptions(operator, row.jackpotId);
    if (told.is === 'refused' && action === 'credit' && row.refusal === '')
      await this.#platform.journal.run(refused, { row: row.id, cause: told.cause }, options);
    if (told.is !== 'done') return;
    const command = action === 'cancel' ? cancelled : credited;
    await this.#platform.journal.run(command, { row: row.id, debitId: row.debitId }, options);
  }

  /** The task goes on with what has failed. */
  #failed(error: unknown): Settled {
    if (!(error instanceof ApiError) && !this.#platform.stopping.aborted) this.#platform.journal.blame(error, 'wallet');
    return PENDING;
  }
}

const failure = (cancels: boolean): Pick<Rejection, 'cause' | 'cancels'> => ({ cause: 'WalletError', cancels });

/** After which time nothing can be under way any more for what was reserved. */
export const resumeMs = (wallet: Parameters<typeof triesMs>[0]): number =>
  TURN_MS + 2 * triesMs(wallet) + wallet.timeoutMs + MARGIN_MS;

const all = new WeakMap<Platform, Wallets>();

/** The wallets of a platform. */
export function walletsOf(platform: Platform): Wallets {
  const known = all.get(platform);
  if (known !== undefined) return known;
  const made = new Wallets(platform);
  all.set(platform, made);
  return made;
}
