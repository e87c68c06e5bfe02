import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import {
  JackpotServiceClient,
  type ContributeToJackpotRequest,
  type ContributionResult,
  type StreamContributionsResponse,
} from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { grpcApi, type Headers } from '../support/api.ts';
import { answerOf, failureOf } from '../support/outcomes.ts';
import type { Contribution, Ending, Outcome, Try } from './jackpot-answered.ts';
import { endingAnswer, endingCall, isEnding } from './jackpot-endings.ts';

const DEADLINE_MS = 20_000;
/** After these errors it is unknown whether anything was done, or nothing was done. */
const AGAIN = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'CANCELLED',
  'OVERLOADED',
  'RATE_LIMITED',
]);
const AUTHORIZATION = { authorization: 'Bearer wf_test_demo' };
const metadata = new Metadata();
metadata.set('authorization', AUTHORIZATION.authorization);

/** The reason of awards. */
export const GIFT = 'a gift';

type Attempts = readonly Try[];

/** A win or a drop as in the response and as in the model, in one text. */
export function winText(pot: string, cycle: unknown, amount: string, opening: string, reason: string): string {
  return `${pot} ${String(cycle)}: ${amount}, ${opening} ${reason}`;
}

/** A contribution's answer in one text. */
export function contributionText(pool: string, wins: readonly string[]): string {
  return [pool, ...wins].join('; ');
}

/** One server as callers see it. It may be gone at any time. */
export class Server {
  readonly #client: JackpotServiceClient;
  readonly #json: ReturnType<typeof grpcApi>;
  readonly #admin: Headers;

  /** @param admin the headers of an admin; a service calls without. */
  constructor(address: string, admin: Headers = {}) {
    this.#admin = admin;
    this.#client = new JackpotServiceClient(address, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 200,
    });
    this.#json = grpcApi(address);
  }

  close(): void {
    this.#client.close();
    this.#json.close();
  }

  /** One BatchContribute. */
  batch(tries: Attempts): Promise<Outcome[]> {
    const request = { items: tries.map(requestOf) };
    return new Promise((resolve, reject) => {
      this.#client.batchContribute(request, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, answer) => {
        if (error === null) resolve(answer.results.map(outcomeOf));
        else if (isUnknown(error)) resolve(tries.map(() => null));
        else reject(error);
      });
    });
  }

  /** One StreamContributions: all messages are written immediately, and items without an answer are unknown. */
  stream(messages: readonly Attempts[]): Promise<Outcome[]> {
    const answers: Outcome[][] = [];
    const call = this.#client.streamContributions(metadata, { deadline: Date.now() + DEADLINE_MS });
    return new Promise((resolve, reject) => {
      call.on('data', ({ results }: StreamContributionsResponse) => answers.push(results.map(outcomeOf)));
      call.on('error', (error: ServiceError) => {
        if (!isUnknown(error)) reject(error);
        resolve(messages.flatMap((tries, i) => answers[i] ?? tries.map(() => null)));
      });
      call.on('end', () => {
        if (answers.length === messages.length) resolve(answers.flat());
      });
      call.on('status', ({ code }) => {
        if (code === status.OK && answers.length < messages.length)
          reject(new Error('a stream ended before its answers'));
      });
      for (const tries of messages) call.write({ items: tries.map(requestOf), messageId: '' });
      call.end();
    });
  }

  /** A call for each try. */
  each(tries: Attempts): Promise<Outcome[]> {
    return Promise.all(tries.map((one) => this.#one(one)));
  }

  async #end(wish: Ending): Promise<Outcome> {
    const { rpc, request } = endingCall(wish);
    const called = await this.#json.call(rpc, request, this.#admin);
    if (called.status === 'OK') return endingAnswer(wish, called);
    return called.reason === null ? null : failed(called.reason);
  }

  async #one({ wish }: Try): Promise<Outcome> {
    if (isEnding(wish)) return this.#end(wish);
    const drop = wish.kind === 'drop';
    const request = drop
      ? {
          id: wish.jackpot,
          pot_id: wish.pot,
          winner_user_id: wish.winner,
          reason: wish.winner === '' ? '' : GIFT,
          idempotency_key: wish.key,
        }
      : {
          id: wish.jackpot,
          user_id: wish.user,
          amount: wish.amount / 1e6,
          source_wager_id: wish.wager,
          idempotency_key: wish.key,
        };
    const method = drop ? 'DropJackpot' : 'ContributeToJackpot';
    const called = await this.#json.call(`JackpotService.${method}`, request, AUTHORIZATION);
    if (called.status !== 'OK') return called.reason === null ? null : failed(called.reason);
    const body = called.body as any;
    const wins = (body.wins ?? []).map((win: any) =>
      winText(win.pot_id, win.cycle, win.won, win.pool_after, win.reason),
    );
    return drop
      ? {
          id: body.drop_id,
          deduped: body.deduped,
          answer:
            `${winText(body.pot_id, body.cycle, body.won, body.pool_after, body.trigger_reason)} ` +
            `to ${body.winner_user_id}, lacking ${body.seed_deficit}`,
        }
      : { id: body.contribution_id, deduped: body.deduped, answer: contributionText(body.pool, wins) };
  }
}

function requestOf({ wish }: Try): ContributeToJackpotRequest {
  const { jackpot, user, amount, key, wager } = wish as Contribution;
  const named = { id: jackpot, userId: user, brandId: '' };
  return { ...named, amount: amount / 1e6, idempotencyKey: key, sourceWagerId: wager, receipt: false };
}

function outcomeOf(result: ContributionResult): Outcome {
  const contributed = answerOf(result);
  if (contributed === undefined) return failed(failureOf(result)!.reason);
  const { contributionId, deduped, pool, wins } = contributed;
  const texts = wins.map(({ potId, cycle, won, poolAfter, reason }) => winText(potId, cycle, won, poolAfter, reason));
  return { id: contributionId, deduped, answer: contributionText(pool, texts) };
}

const failed = (reason: string): Outcome => (AGAIN.has(reason) ? null : { reason });

/** What says no reason does not come from the server, but from a connection that broke. */
function isUnknown({ code, metadata: answered }: ServiceError): boolean {
  return AGAIN.has(status[code]) || answered.get('grpc-status-details-bin').length === 0;
}
