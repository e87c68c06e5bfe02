import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../../support/service.ts';
import { Stage } from './stage.ts';
import { WalletServer } from './wallet-server.ts';

let service: Service;
let stage: Stage;
let wallet: WalletServer;
const settings = () => ({
  url: wallet.url,
  secret: wallet.secret,
  timeout_ms: 300,
  tries: 2,
  retry_ms: 10,
});
const useWallet = (config: JsonObject = settings()) =>
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

const pot = (changes: JsonObject = {}): JsonObject => ({
  id: 'main',
  contribution: { Percentage: 0.5 },
  seed_strategy: {},
  supports_external_trigger: true,
  ...changes,
});
/** Players pay half a dollar. */
const PAID = { contribution_rules: { contribution_type: { Fixed: 0.5 } }, pots: [pot()] };
/** Each contribution wins 0.25. */
const HITS = { ...PAID, pots: [pot({ pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }] })] };

/** A new player with an amount in the wallet. */
function player(dollars = 10): string {
  const id = randomUUID();
  wallet.balances.set(id, BigInt(dollars * 1e6));
  return id;
}
/** Contributes by the second version of the API. */
async function contribute(instance: string, who: string, changes: JsonObject = {}): Promise<any> {
  return stage.contribute(instance, who, changes);
}
const dollars = (id: string): number => Number(wallet.balances.get(id)) / 1e6;

test('a contribution is debited at the wallet, its win is credited there, and the built-in ledger has', async () => {
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
