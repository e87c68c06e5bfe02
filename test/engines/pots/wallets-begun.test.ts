import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { Receiver } from '../../webhooks/receiver.ts';
import { Stage } from './stage.ts';
import { WalletServer } from './wallet-server.ts';
import { assertBooks, dollarsOf, finishAll, HITS, hurry, newPlayer, PAID, settingsOf } from './wallet-stage.ts';

let service: Service;
let stage: Stage;
let wallet: WalletServer;
const useWallet = (config: JsonObject = settingsOf(wallet)) =>
  stage.call('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'ThrillGate', config });
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  wallet = await WalletServer.start();
  // Nothing here depends on a time-out.
  await useWallet({ ...settingsOf(wallet), timeout_ms: 10_000 });
});
afterEach(() => {
  wallet.behaviour = () => undefined;
});
afterAll(async () => {
  await service.stop();
  await wallet.stop();
});

const player = (dollars?: number): string => newPlayer(wallet, dollars);
/** Contributes by the second version of the API. */
async function contribute(instance: string, who: string, changes: JsonObject = {}): Promise<any> {
  return stage.contribute(instance, who, changes);
}
const dollars = (id: string): number => dollarsOf(wallet, id);

test('an asynchronous contribution is acknowledged before the wallet answers, and its result is sent', async () => {
  const receiver = await Receiver.start();
  const [id, rich, poor] = [await stage.instance(HITS), player(), player(0)];
  await stage.call('admin', 'WebhookService.RotateWebhookSecret', { webhook_id: 'callbacks' });
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  wallet.held = held;
  for (const who of [rich, poor]) {
    const options = { callback: { web_hook: receiver.url } };
    const { status, body } = await contribute(id, who, { options, metadata: { who } });
    assert.deepEqual([status, body], [200, []]);
  }
  const tokens = await runSql(service.databaseUrl, 'select token from pots_wallet_token');
  assert.equal(tokens.length, 2);
  release();
  await until(async () => receiver.received.length === 2);
  const bodies = receiver.received.map(({ body }) => JSON.parse(body));
  const of = (who: string): any => bodies.find(({ metadata }) => metadata.who === who);
  assert.deepEqual([of(rich).type, of(rich).win_amount], ['data', 0.25]);
  assert.deepEqual([of(poor).type, of(poor).message], ['error', 'InsufficientFunds']);
  await until(async () => (await runSql(service.databaseUrl, 'select from pots_wallet_token')).length === 0);
  await receiver.stop();
});

test('what was reserved, and never acknowledged, is made when the call is repeated', async () => {
  const receiver = await Receiver.start();
  const [id, who] = [await stage.instance(HITS), player()];
  const request = { idempotency_key: randomUUID(), options: { callback: { web_hook: receiver.url } } };
  const client = new pg.Client({ connectionString: service.databaseUrl });
  await client.connect();
  await client.query('begin; lock table pots_wallet_token in access exclusive mode');
  const first = contribute(id, who, request);
  // The reservation is committed. As if its process ended now: it cannot keep the session.
  const broken =
    'select pg_terminate_backend(pid) from pg_locks where not granted ' +
    "and relation = 'pots_wallet_token'::regclass";
  await until(async () => (await runSql(service.databaseUrl, broken)).length > 0);
  await client.query('rollback');
  await client.end();
  assert.equal((await first).status, 500);
  assert.equal(receiver.received.length, 0);
  const { status, body } = await contribute(id, who, request);
  assert.deepEqual([status, body], [200, []]);
  await until(async () => receiver.received.length > 0);
  assert.equal(JSON.parse(receiver.received[0]!.body).type, 'data');
  await finishAll(service.databaseUrl);
  assert.equal(dollars(who), 9.75);
  assert.deepEqual(await runSql(service.databaseUrl, 'select from pots_wallet_token'), []);
  await receiver.stop();
});

test('what was begun with a wallet is finished with it, also once another one is set', async () => {
  const other = await WalletServer.start();
  const [id, who, key] = [await stage.instance(HITS), player(), randomUUID()];
  wallet.behaviour = (action) => (action === 'credit' ? { does: false, answers: { status: 500 } } : undefined);
  const first = await contribute(id, who, { idempotency_key: key });
  await useWallet(settingsOf(other));
  wallet.behaviour = () => undefined;
  await finishAll(service.databaseUrl);
  assert.equal(dollars(who), 9.75);
  assert.equal(other.calls.length, 0);
  await stage.call('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'InMemory' });
  assert.deepEqual((await contribute(id, who, { idempotency_key: key })).body, first.body);
  assert.equal((await contribute(id, who)).body.message, 'InsufficientFunds');
  await useWallet();
  await other.stop();
});

test('the secret and sessions are nowhere: not in answers, rows, facts or the log', async () => {
  const { config } = await stage.call('admin', 'WalletService.GetWalletConfiguration', {});
  assert.equal(config.secret, null);
  const dump = JSON.stringify(
    await Promise.all(
      ['pots_wallet_version', 'pots_wallet_token', 'pots_wallet_call', 'journal'].map((table) =>
        runSql(
          service.databaseUrl,
          `select t::text, ${table === 'journal' ? "encode(fact, 'escape')" : "''"} from ${table} t`,
        ),
      ),
    ),
  );
  for (const text of [dump, service.server.log()])
    assert.ok(!text.includes(wallet.secret) && !text.includes('expired'));
});

test("a credit that the wallet refuses is asked for ever more rarely, and takes no contribution's place", async () => {
  const { databaseUrl } = service;
  const [id, who] = [await stage.instance(PAID), player()];
  wallet.behaviour = (action) =>
    action === 'credit' ? { does: false, answers: { status: 404, body: { code: 'PLAYER_NOT_FOUND' } } } : undefined;
  await stage.contribute(id, who);
  await stage.call('admin', 'JackpotService.DropJackpot', { id, pot_id: 'main' });
  const refused = "from pots_wallet_call where is_open = 1 and refusal <> ''";
  await until(async () => (await runSql(databaseUrl, `select ${refused}`)).length === 1);
  const older = (by: string): Promise<unknown> =>
    runSql(
      databaseUrl,
      `update pots_wallet_call set reserved_at = reserved_at ${by} interval '4 hours' where is_open = 1`,
    );
  await older('-');
  const wait =
    'select extract(epoch from run_at - now()) as seconds from graphile_worker._private_jobs where key = ' +
    `(select 'pots.wallet/1/' || id ${refused})`;
  await until(async () => {
    await hurry(databaseUrl);
    return Number((await runSql(databaseUrl, wait))[0].seconds) > 600;
  });
  assert.ok(Math.abs(Number((await runSql(databaseUrl, wait))[0].seconds) - 3600) < 60);
  await older('+');
  const copies = (set: string): Promise<unknown> =>
    runSql(
      databaseUrl,
      `insert into pots_wallet_call select (jsonb_populate_record(c, jsonb_build_object('id', -n${set}))).* ` +
        `from pots_wallet_call c, generate_series(1, 10000) n where c.id = (select id ${refused})`,
    );
  const contributed = async (): Promise<any> => (await stage.contribute(id, who)).status;
  await copies('');
  // How many are open is remembered for a second.
  await sleep(1100);
  assert.equal(await contributed(), 200);
  await runSql(databaseUrl, 'delete from pots_wallet_call where id < 0');
  await copies(", 'refusal', ''");
  await until(async () => (await contributed()) !== 200);
  assert.equal(((await stage.contribute(id, who)) as any).body.code, 'OVERLOADED');
  await runSql(databaseUrl, 'delete from pots_wallet_call where id < 0');
  await until(async () => (await contributed()) === 200);
  wallet.behaviour = () => undefined;
  await finishAll(databaseUrl);
});

test('the books agree after all of it', async () => {
  await finishAll(service.databaseUrl);
  await assertBooks(wallet, service.databaseUrl);
});

test('a wallet that was replaced, and has still to credit, holds up no contribution at the other one', async () => {
  const other = await WalletServer.start();
  const id = await stage.instance(HITS);
  wallet.behaviour = (action) => (action === 'credit' ? { does: false, answers: { status: 500 } } : undefined);
  for (let i = 0; i < 6; i++) await contribute(id, player());
  const { length: before } = wallet.calls;
  await until(async () => {
    await hurry(service.databaseUrl);
    return wallet.calls.length - before >= 24;
  });
  await useWallet(settingsOf(other));
  let release = (): void => undefined;
  other.held = new Promise<void>((resolve) => (release = resolve));
  // None of these has had an answer when the last one begins.
  const calls = [1, 2, 3].map(() => contribute(id, newPlayer(other)));
  await Promise.race([Promise.all(calls), until(async () => other.arrived === 3)]);
  release();
  for (const { status } of await Promise.all(calls)) assert.equal(status, 200);
  wallet.behaviour = () => undefined;
  await useWallet();
  await finishAll(service.databaseUrl);
  await other.stop();
});
