import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import pg from 'pg';
import { verifyOperator, type Verification } from '../../../src/journal/index.ts';
import { register } from '../../journal/fixture.ts';
import { grpcApi, type Outcome } from '../../support/api.ts';
import { Callers } from '../../support/callers.ts';
import { freshDatabase } from '../../support/database.ts';
import { startServer, type ServerProcess } from '../../support/service.ts';

/** What an event has done to a journey. */
export interface Affected {
  readonly journey_id: string;
  readonly action: string;
  readonly current_step: number;
  readonly reward_winz_granted: number;
  readonly rewards: readonly JsonObject[];
}

/** Servers on one database. A call goes to the one with a number; the others may be dead. */
export class Stage {
  readonly url: string;
  readonly #servers: ServerProcess[] = [];
  readonly #apis: ReturnType<typeof grpcApi>[] = [];
  readonly #down = new Set<number>();
  #callers: Callers | undefined;

  private constructor(url: string) {
    this.url = url;
  }

  static async open(servers: number): Promise<Stage> {
    const stage = new Stage(await freshDatabase());
    for (let i = 0; i < servers; i++) await stage.start(i);
    stage.#callers = new Callers((...call) => stage.#apis[0]!.call(...call), stage.url);
    return stage;
  }

  /** Starts a server under a number. */
  async start(i: number): Promise<void> {
    this.#servers[i] = await startServer(this.url);
    this.#apis[i] = grpcApi(this.#servers[i].address);
    this.#down.delete(i);
  }

  /** Ends a server with SIGKILL. */
  async kill(i: number): Promise<void> {
    await this.#servers[i]!.end('SIGKILL');
    this.#down.add(i);
    this.#apis[i]!.close();
  }

  async close(): Promise<void> {
    for (const api of this.#apis) api.close();
    for (const server of this.#servers) await server.end();
  }

  async call(rpc: string, as: string, request: JsonObject, server = 0): Promise<Outcome> {
    const headers = await this.#callers!.headers(as, '');
    if (this.#down.has(server))
      return { status: 'UNAVAILABLE', reason: null, details: {}, body: null, replayed: false };
    return this.#apis[server]!.call(rpc, request, headers);
  }

  /** The body of a call that succeeds. */
  async done(rpc: string, as: string, request: JsonObject, server = 0): Promise<any> {
    const { status, reason, details, body } = await this.call(rpc, as, request, server);
    assert.equal(status, 'OK', `${rpc}: ${reason} ${JSON.stringify(details)}`);
    return body;
  }

  create = (id: string, request: JsonObject): Promise<unknown> =>
    this.done('JourneyService.CreateJourney', 'admin', { id, ...request });

  /** What an event affects. */
  async fire(user: string, trigger: string, more: JsonObject = {}, server = 0): Promise<Affected[]> {
    const request = { user_id: user, trigger, ...more };
    return (await this.done('JourneyService.FireEvent', 'service', request, server)).affected;
  }

  /** A player's balance in WINZ. */
  async winz(user: string): Promise<string> {
    const { balances } = await this.done('LedgerService.ListBalances', 'service', { user_id: user });
    return (balances as { asset: string; amount: string }[]).find(({ asset }) => asset === 'WINZ')?.amount ?? '0';
  }

  /** Compares the rows with the journal. */
  async verify(): Promise<Verification> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      return await verifyOperator(client, register, 1);
    } finally {
      await client.end();
    }
  }
}
