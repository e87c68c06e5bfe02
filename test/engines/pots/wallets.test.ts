import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../../support/service.ts';
import { Stage } from './stage.ts';
import { WalletServer } from './wallet-server.ts';
import { assertBooks, dollarsOf, finishAll, HITS, newPlayer, PAID, settingsOf } from './wallet-stage.ts';

let service: Service;
let stage: Stage;
let wallet: WalletServer;
const useWallet = (config: JsonObject = settingsOf(wallet)) =>
  stage.call('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'ThrillGate', config });
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  wallet = await WalletServer.start();
  await useWallet();
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

test('a contribution is debited at the wallet, its win credited there, not in the built-in ledger', async () => {
  const [id, who] = [await stage.instance(HITS), player()];
  const { status, body } = await contribute(id, who);
  assert.deepEqual([status, body[0].win_amount, body[0].contribution_amount], [200, 0.25, 0.5]);
  await until(async () => dollars(who) === 9.75);
  assert.equal(await stage.balance(who, 'USD'), '0');
  assert.ok(wallet.calls.every(({ isSigned }) => isSigned));
  const [credit] = wallet.credits.keys();
  assert.equal(credit, body[0].gameround_id);
  await until(async () => (await trial()).payable === '0');
  assert.equal((await trial()).wallet, '-0.25');
});

async function trial(): Promise<any> {
  const { assets, balanced } = await stage.call('admin', 'LedgerService.GetTrialBalance', {});
  assert.equal(balanced, true);
  return assets.find(({ asset }: any) => asset === 'USD');
}

test('calls with one key are one debit and one contribution', async () => {
  const [id, who, key] = [await stage.instance(PAID), player(), randomUUID()];
  const twins = await Promise.all([1, 2, 3].map(() => contribute(id, who, { idempotency_key: key })));
  for (const twin of twins) assert.deepEqual(twin.body, twins[0]!.body);
  const again = await contribute(id, who, { idempotency_key: key });
  assert.deepEqual([again.body, again.replayed], [twins[0]!.body, true]);
  assert.equal(dollars(who), 9.5);
  assert.equal((await stage.get(id)).total_contributions, 1);
});

test('too little money keeps nothing: with money the same call is made', async () => {
  const [id, who, key] = [await stage.instance(PAID), player(0.1), randomUUID()];
  for (let i = 0; i < 2; i++) {
    const { body } = await contribute(id, who, { idempotency_key: key });
    assert.deepEqual(body, { status_code: 400, code: 'CONTRIBUTION_REJECTED', message: 'InsufficientFunds' });
  }
  assert.equal((await stage.get(id)).total_contributions, 0);
  wallet.balances.set(who, 1_000_000n);
  const { status } = await contribute(id, who, { idempotency_key: key });
  assert.equal(status, 200);
  assert.equal(dollars(who), 0.5);
});

test('what an instance rejects is not asked of the wallet', async () => {
  const paused = await stage.instance(PAID);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: paused, status: 'Paused' });
  const [who, calls] = [player(), wallet.calls.length];
  assert.equal((await contribute(paused, who)).body.message, 'JackpotNotActive');
  assert.equal(wallet.calls.length, calls);
});

test('an instance that is paused while the wallet debits gets nothing, and the debit is cancelled', async () => {
  const [id, who] = [await stage.instance(PAID), player()];
  wallet.behaviour = (action) => (action === 'debit' ? { afterMs: 200 } : undefined);
  const [{ body }] = await Promise.all([
    contribute(id, who),
    until(async () => wallet.takenFrom(who) > 0n).then(() =>
      stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Paused' }),
    ),
  ]);
  assert.equal(body.message, 'JackpotNotActive');
  await until(async () => dollars(who) === 10);
  assert.equal((await stage.get(id)).total_contributions, 0);
});

test('what a linked instance rejects after the debit is paid back; the target keeps its part', async () => {
  const linked = await stage.instance(PAID);
  const [id, who] = [await stage.instance(PAID, { linked_instance: linked }), player()];
  const both = await contribute(id, who);
  assert.deepEqual(
    both.body.map(({ instance_id: instance }: any) => instance),
    [id, linked],
  );
  assert.equal(dollars(who), 9);
  wallet.behaviour = (action) => (action === 'debit' ? { afterMs: 200 } : undefined);
  const [{ body }] = await Promise.all([
    contribute(id, who),
    until(async () => wallet.takenFrom(who) === 2_000_000n).then(() =>
      stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: linked, status: 'Paused' }),
    ),
  ]);
  assert.deepEqual([body[0].instance_id, body[1].message], [id, 'JackpotNotActive']);
  await until(async () => dollars(who) === 8.5);
});

test('items of batches and streams have their own debits and errors, and share keys with single calls', async () => {
  const [id, rich, poor, key] = [await stage.instance(PAID), player(), player(0), randomUUID()];
  const item = (who: string, idempotency_key: string, token = 't'): JsonObject => ({
    target: { type: 'instance', id },
    owner_id: 'demo',
    player: { id: who, token, country: 'MT', brand_id: 'main' },
    base_wager: { currency: 'USD', value: 1 },
    idempotency_key,
  });
  const items = [
    item(rich, key),
    item(poor, randomUUID()),
    item(rich, key),
    item(rich, randomUUID(), 'expired'),
    item(rich, randomUUID()),
  ];
  const { results } = await stage.call('service', 'ContributionService.BatchContribute', { items });
  assert.deepEqual(
    results.map(({ contributed, failure }: any) => contributed?.results[0].instance_id ?? failure.message),
    [id, 'InsufficientFunds', id, 'TokenInvalid', id],
  );
  assert.deepEqual(results[0], results[2]);
  const [single] = (await contribute(id, rich, { idempotency_key: key })).body;
  assert.equal(single.gameround_id, results[0].contributed.results[0].gameround_id);
  const answer = await service.grpc(
    'ContributionService.StreamContributions',
    { items: [items[0]!, item(rich, randomUUID())], message_id: 'm' },
    await service.credentials('service', ''),
  );
  const streamed = answer.body as any;
  assert.deepEqual(
    streamed.results[0].contributed.results[0].gameround_id,
    results[0].contributed.results[0].gameround_id,
  );
  assert.equal(dollars(rich), 8.5);
  assert.equal((await stage.get(id)).total_contributions, 3);
});

test('a pot that is triggered is credited at the wallet, once', async () => {
  const [id, who] = [await stage.instance(PAID), player()];
  await contribute(id, who);
  const request = {
    instance_id: id,
    pot_id: 'main',
    brand_id: 'demo:main',
    player_id: who,
    source_id: 'machine',
    idempotency_key: randomUUID(),
  };
  for (let i = 0; i < 2; i++) await stage.call('service', 'InstanceService.TriggerPot', request);
  await until(async () => dollars(who) === 9.75);
  assert.equal(await stage.balance(who, 'USD'), '0');
});

test('what costs something else once it is debited is not contributed, and given back', async () => {
  const [id, who] = [await stage.instance(PAID), player()];
  const optIn = (contribution_value: string) =>
    stage.call('service', 'InstanceService.SetOptIn', {
      instance_id: id,
      player_id: who,
      brand_id: 'demo:main',
      player_country: 'MT',
      opt_in: true,
      contribution_value,
    });
  await optIn('0.6');
  wallet.behaviour = (action) => (action === 'debit' ? { afterMs: 200 } : undefined);
  const [{ body }] = await Promise.all([
    contribute(id, who),
    until(async () => wallet.takenFrom(who) === 600_000n).then(() => optIn('0.7')),
  ]);
  assert.equal(body.message, 'TermsChanged');
  await until(async () => dollars(who) === 10);
});

test('all operations of the first version are paid by the wallet', async () => {
  const [id, who] = [await stage.instance(PAID), player()];
  const request = {
    instance_id: id,
    token: 't',
    brand_id: 'demo:main',
    player_id: who,
    player_country: 'MT',
    base_wager: 1,
    currency: 'USD',
  };
  await stage.call('service', 'ContributionService.ContributeToInstance', request);
  await stage.call('service', 'ContributionService.ContributeByProvider', {
    ...request,
    provider_id: 'p',
    game_code: 'g',
  });
  const source = randomUUID();
  await stage.call('admin', 'SourceService.AddSources', {
    items: [{ owner_id: 'demo', source_name: 's', source_id: source }],
  });
  await stage.call('admin', 'SourceService.AssignSourceJackpot', {
    owner_id: 'demo',
    source_id: [source],
    instance_id: id,
  });
  await until(async () => {
    const { status } = await stage.outcome('service', 'ContributionService.ContributeToSource', {
      ...request,
      source_id: source,
    });
    return status === 200;
  });
  assert.equal(dollars(who), 8.5);
});

test('the books of the wallet and of the journal agree after all of it, and meters show nothing open', async () => {
  await finishAll(service.databaseUrl);
  await assertBooks(wallet, service.databaseUrl);
  const { body } = await stage.outcome('admin', 'MetricsService.GetMetrics', {});
  assert.match(String(body), /windfall_pots_wallet_open/);
  const { balanced } = await stage.call('admin', 'LedgerService.GetTrialBalance', {});
  assert.equal(balanced, true);
});
