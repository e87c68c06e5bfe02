import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { TablePlayed } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { createOrm, createReads } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { Events, type CallbackKind, type EventKind } from '../../src/events/index.ts';
import { followStep } from '../../src/journal/index.ts';
import { uuidv7 } from '../../src/kernel/index.ts';
import type { Players } from '../../src/players/index.ts';
import { loadContract } from '../../src/rpc/index.ts';
import { entitiesOf, registerOf } from '../../src/schema.ts';
import { bootstrapDemo, Directory } from '../../src/tenants/index.ts';
import { recordDeliveries } from '../../src/webhooks/index.ts';
import { freshDatabase } from '../support/database.ts';

/** The number of the fact of opens, and its version. */
const KIND: readonly [kind: number, version: number] = [1001, 3];

/** A follower of a journal that a test writes itself. */
export class Recording {
  readonly databaseUrl: string;
  readonly #orm: ReturnType<typeof createOrm>;
  readonly #events: Events;
  readonly #tenants: Directory;
  readonly #clients: pg.Client[] = [];
  readonly #own: pg.Client;

  private constructor(
    databaseUrl: string,
    orm: ReturnType<typeof createOrm>,
    own: pg.Client,
    kinds: readonly EventKind[],
    callbacks: readonly CallbackKind[],
  ) {
    this.databaseUrl = databaseUrl;
    this.#orm = orm;
    this.#own = own;
    const reads = createReads(orm);
    this.#tenants = new Directory(reads);
    const contract = loadContract(new URL('../../gen/api.binpb', import.meta.url));
    // Nobody is known: names are empty.
    const players = { byId: async () => new Map() } as unknown as Players;
    const sources = { reads, players, tenants: this.#tenants, register: registerOf(engines) };
    this.#events = new Events({ ...sources, registry: contract.registry }, kinds, callbacks);
  }

  static async start(kinds: readonly EventKind[], callbacks: readonly CallbackKind[] = []): Promise<Recording> {
    const databaseUrl = await freshDatabase();
    const orm = createOrm({ databaseUrl, databasePool: 2 }, entitiesOf(engines));
    await bootstrapDemo(orm, []);
    const own = new pg.Client({ connectionString: databaseUrl });
    await own.connect();
    const recording = new Recording(databaseUrl, orm, own, kinds, callbacks);
    // Past what the set-up has left in the journal.
    await recording.step();
    return recording;
  }

  /** A transaction that has a number. */
  async transaction(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    this.#clients.push(client);
    await client.connect();
    await client.query('begin');
    await client.query('select pg_current_xact_id()');
    return client;
  }

  /** Writes a fact of an open. Returns the operation's id. */
  async write(client: pg.Client, aggregate: number, sequence: number, [kind, version] = KIND): Promise<string> {
    const id = uuidv7(Date.now(), sequence);
    const text =
      'insert into journal (operator_id, operation_id, part, kind, version, aggregate_id, aggregate_sequence, tx, ' +
      'time, caller, request_hash, transfers, fact) ' +
      "values (1, $1, 0, $2, $3, $4, $5, pg_current_xact_id(), clock_timestamp(), '', '', '{}', $6)";
    const fact = TablePlayed.encode(TablePlayed.decode(new Uint8Array())).finish();
    await client.query(text, [id, kind, version, aggregate, sequence, Buffer.from(fact)]);
    return id;
  }

  async subscribe(...events: string[]): Promise<void> {
    await this.#own.query(
      "insert into webhook (operator_id, kind, url, events, secrets) values (1, 'events', 'x', $1, '{}')",
      [events],
    );
  }

  /** Runs a step of the follower. Returns how many facts it has passed. */
  step(): Promise<number> {
    const host = { events: this.#events, tenants: this.#tenants, recorded: () => undefined };
    return followStep(this.#own, 1, recordDeliveries(host));
  }

  /** Runs steps until so many more are recorded: transactions of other databases hold the follower up, too. */
  async follow(more = 1): Promise<void> {
    const enough = (await this.recorded()).length + more;
    for (const end = Date.now() + 20_000; (await this.recorded()).length < enough; await sleep(20)) {
      if (Date.now() > end) throw new Error('nothing is recorded');
      await this.step();
    }
  }

  /** What is recorded, in the order of the records: aggregate, sequence, and the state. */
  async recorded(): Promise<string[]> {
    const text = 'select aggregate, sequence, state from webhook_delivery order by delivery_id';
    const { rows } = await this.#own.query<{ aggregate: string; sequence: string; state: number }>(text);
    return rows.map(({ aggregate, sequence, state }) => `${aggregate} ${sequence} ${state === 1 ? 'due' : 'queued'}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()));
    await this.#own.end();
    await this.#orm.close();
  }
}
