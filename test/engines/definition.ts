import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import type { TestContext } from 'vitest';
import { until } from '../../src/db/index.ts';
import type { Call, Outcome } from '../support/api.ts';
import type { Callers } from '../support/callers.ts';

/** How long tests wait for something that is due. */
export const WAIT_MS = 20_000;

/** What the tests need of an engine: the names of its RPCs, a definition, and an operation on it. */
export interface Engine {
  readonly service: string;
  readonly one: string;
  readonly many: string;
  readonly field: string;
  readonly content: JsonObject;
  readonly notFound: string;
  readonly notActive: string;
  /** Uses the definition as players do. */
  readonly use: readonly [rpc: string, request: JsonObject];
}

export const lootbox: Engine = {
  service: 'LootboxService',
  one: 'Lootbox',
  many: 'Lootboxes',
  field: 'lootboxes',
  content: { prizes: [{ segment_label: 'a', asset: 'WINZ', amount: '1', weight: 1 }] },
  notFound: 'LOOTBOX_NOT_FOUND',
  notActive: 'LOOTBOX_NOT_ACTIVE',
  use: ['LootboxService.OpenLootbox', { user_id: 'u' }],
};
export const jackpot: Engine = {
  service: 'JackpotService',
  one: 'Jackpot',
  many: 'Jackpots',
  field: 'jackpots',
  content: {
    asset: 'USD',
    pots: [
      {
        id: 'drop',
        fraction: '0.5',
        seed: '7',
        initial_seed: '10',
        surplus_seed: '2',
        win_rules: [{ external_drop: {} }],
      },
      { id: 'brim', fraction: '0.5', seed: '5', win_rules: [{ must_drop_value: { value: '1000' } }] },
    ],
  },
  notFound: 'JACKPOT_NOT_FOUND',
  notActive: 'JACKPOT_NOT_ACTIVE',
  use: ['JackpotService.ContributeToJackpot', { user_id: 'u', amount: 1 }],
};

export const tournament: Engine = {
  service: 'TournamentService',
  one: 'Tournament',
  many: 'Tournaments',
  field: 'tournaments',
  content: { prize_pool: { asset: 'WINZ', amount: '10' } },
  notFound: 'TOURNAMENT_NOT_FOUND',
  notActive: 'TOURNAMENT_NOT_ACTIVE',
  use: ['TournamentService.SubmitScore', { user_id: 'u', wagered: 1 }],
};

/** A future time, in whole milliseconds as in the contract. */
export const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();

let made = 0;
const newId = (): string => `life-${made++}`;

/** Servers on one database, and their callers. */
export interface Stage {
  readonly calls: readonly Call[];
  readonly callers: Callers;
}

/** A definition of an engine, by its id. */
export class Definition {
  readonly id = newId();
  readonly #engine: Engine;
  readonly #stage: Stage;

  constructor(engine: Engine, stage: Stage) {
    this.#engine = engine;
    this.#stage = stage;
  }

  async call(rpc: string, request: JsonObject, as = 'admin', server = 0): Promise<Outcome> {
    const { calls, callers } = this.#stage;
    return calls[server]!(rpc, { id: this.id, ...request }, await callers.headers(as, 'u'));
  }

  async #done(rpc: string, request: JsonObject): Promise<JsonObject> {
    const { status, reason, details, body } = await this.call(rpc, request);
    assert.equal(status, 'OK', `${rpc}: ${reason} ${JSON.stringify(details)}`);
    return body as JsonObject;
  }

  readonly #rpc = (verb: string): string => `${this.#engine.service}.${verb}${this.#engine.one}`;
  create = (request: JsonObject = {}) =>
    this.#done(this.#rpc('Create'), { ...this.#engine.content, name: 'First', ...request });
  update = (request: JsonObject) => this.#done(this.#rpc('Update'), request);
  tryUpdate = (request: JsonObject, server = 0) => this.call(this.#rpc('Update'), request, 'admin', server);
  tryCreate = (request: JsonObject) => this.call(this.#rpc('Create'), { ...this.#engine.content, ...request });
  archive = () => this.#done(this.#rpc('Archive'), {});
  get = (as: string, version = 0) => this.call(this.#rpc('Get'), { version }, as);
  seen = async (as: string, version = 0) => (await this.get(as, version)).body as JsonObject;
  use = () => this.call(this.#engine.use[0], this.#engine.use[1], 'service');

  async listed(as: string, status = ''): Promise<JsonObject | undefined> {
    const { service, many } = this.#engine;
    const headers = await this.#stage.callers.headers(as, 'u');
    const { body } = await this.#stage.calls[0]!(`${service}.List${many}`, { status, page_size: 500 }, headers);
    return ((body as JsonObject)[this.#engine.field] as JsonObject[]).find(({ id }) => id === this.id);
  }

  /** Its changelog, newest first: each change as `change version status`. */
  async changes(): Promise<{ texts: string[]; newest: JsonObject }> {
    const { body } = await this.call(`${this.#engine.service}.List${this.#engine.one}Changes`, {});
    const changes = (body as { changes: JsonObject[] }).changes;
    const texts = changes.map(({ change, version, status }) => `${change} ${version} ${status}`);
    return { texts, newest: changes[0]! };
  }

  /** Waits until a version is in force. */
  async inForce(version: number, told?: TestContext): Promise<JsonObject> {
    let body: JsonObject | null = null;
    const there = await until(async () => {
      body = (await this.get('anonymous')).body as JsonObject | null;
      return body?.['version'] === version;
    }, WAIT_MS);
    assert.ok(there, `version ${version} is not in force`);
    const { effective_time: effective } = body!;
    if (told !== undefined)
      await told.annotate(`${this.id}: version ${version} is in force since ${String(effective)}`);
    return body!;
  }
}
