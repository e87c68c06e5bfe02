import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import pg from 'pg';
import type { JsonObject } from '@bufbuild/protobuf';
import { engines } from '../../../src/engines/index.ts';
import { verifyOperator } from '../../../src/journal/index.ts';
import { registerOf } from '../../../src/schema.ts';
import { drandServer, sendRound, TestChain } from '../../fairness/drand.ts';
import { grpcApi, type Outcome } from '../../support/api.ts';
import { Callers } from '../../support/callers.ts';
import { freshDatabase } from '../../support/database.ts';
import { startServer, type ServerProcess } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';

/** Two servers on one database, whose beacon is the test's. */
export class Stage {
  readonly databaseUrl: string;
  readonly servers: readonly ServerProcess[];
  /** Whether the beacon has its rounds. */
  readonly #beacon: { due: boolean };
  readonly #apis: readonly ReturnType<typeof grpcApi>[];
  readonly #callers: Callers;
  readonly #close: () => void;
  #made = 0;

  private constructor(
    databaseUrl: string,
    servers: readonly ServerProcess[],
    beacon: { due: boolean },
    close: () => void,
  ) {
    this.databaseUrl = databaseUrl;
    this.#beacon = beacon;
    this.servers = servers;
    this.#close = close;
    this.#apis = servers.map(({ address }) => grpcApi(address));
    this.#callers = new Callers(this.#apis.at(-1)!.call, databaseUrl);
  }

  static async start(): Promise<Stage> {
    const databaseUrl = await freshDatabase();
    const signer = new TestChain(Math.floor(Date.now() / 1000) - 100);
    const state = { due: true };
    const drand = await drandServer((round: number, response: ServerResponse) => {
      const known = round <= (Date.now() / 1000 - signer.chain.genesisTime) / signer.chain.period + 1;
      if (state.due && known) sendRound(response, round, signer.sign(round));
      else response.writeHead(425).end();
    });
    const { hash, publicKey, genesisTime, period } = signer.chain;
    const env = { BEACON_URLS: drand.url, BEACON_CHAIN: `${hash},${publicKey},${genesisTime},${period}` };
    const servers = [await startServer(databaseUrl, env), await startServer(databaseUrl, env)];
    return new Stage(databaseUrl, servers, state, drand.close);
  }

  /** Whether the beacon has its rounds from now on. */
  set due(due: boolean) {
    this.#beacon.due = due;
  }

  async stop(): Promise<void> {
    for (const { close } of this.#apis) close();
    this.#close();
    await Promise.all(this.servers.map((server) => server.end()));
  }

  async call(rpc: string, request: JsonObject, as = 'service', server = 1): Promise<Outcome> {
    return this.#apis[server]!.call(rpc, request, await this.#callers.headers(as, ''));
  }

  /** A call that must succeed. */
  async done(rpc: string, request: JsonObject, as = 'service', server = 1): Promise<any> {
    const { status, reason, details, body } = await this.call(rpc, request, as, server);
    assert.equal(status, 'OK', `${rpc}: ${reason} ${JSON.stringify(details)}`);
    return body;
  }

  /** Creates a raffle; its id is new. */
  async create(request: JsonObject = {}): Promise<string> {
    const id = `raffle-${this.#made++}`;
    await this.done('RaffleService.CreateRaffle', { id, prize_winz: 5000, ...request }, 'admin');
    return id;
  }

  async fund(user: string, amount: number, asset = 'WINZ'): Promise<void> {
    await this.done('LedgerService.CreateTransfer', {
      asset,
      source: { kind: 'operator' },
      destination: { kind: 'player', user_id: user },
      amount: String(amount),
      idempotency_key: `fund-${user}-${asset}-${this.#made++}`,
    });
  }

  enter = (id: string, user: string, tickets: number): Promise<any> =>
    this.done('RaffleService.EnterRaffle', { id, user_id: user, tickets });

  get = (id: string): Promise<any> => this.done('RaffleService.GetRaffle', { id });

  /** Balances of an asset by user id, and of what raffles hold in escrow. */
  async balances(asset = 'WINZ'): Promise<{ readonly of: Map<string, number>; readonly escrow: number }> {
    const [{ no }] = (await runSql(this.databaseUrl, 'select asset_no as no from asset where code = $1 limit 1', [
      asset,
    ])) as [{ no: number }];
    const rows = await runSql(
      this.databaseUrl,
      `select a.id % 32 as kind, p.user_id, a.balance / 1000000 as units
       from account a left join player p on p.id = a.id / 16384 and a.id % 32 = 0
       where a.id % 32 < 2 and (a.id / 32) % 512 = $1`,
      [no],
    );
    const of = new Map(
      rows.flatMap(({ kind, user_id: user, units }) => (Number(kind) === 0 ? [[user, Number(units)]] : [])),
    );
    const escrow = rows.filter(({ kind }) => Number(kind) === 1).reduce((sum, { units }) => sum + Number(units), 0);
    return { of, escrow };
  }

  /** Where the rows are not what the journal folds to. */
  async differences(): Promise<readonly unknown[]> {
    const client = new pg.Client(this.databaseUrl);
    await client.connect();
    try {
      return [...(await verifyOperator(client, registerOf(engines), 1)).differences];
    } finally {
      await client.end();
    }
  }
}
