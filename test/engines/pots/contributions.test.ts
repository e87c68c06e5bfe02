import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, type Service } from '../../support/service.ts';
import { Stage } from './stage.ts';

let service: Service;
let stage: Stage;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
});
afterAll(() => service.stop());

const pot = (changes: JsonObject = {}): JsonObject => ({
  id: 'main',
  contribution: { Percentage: 0.5 },
  seed_strategy: {},
  supports_external_trigger: true,
  ...changes,
});
/** Players pay, and each contribution hits. */
const PAID = { contribution_rules: { contribution_type: { Fixed: 0.5 } } };
const HITS = { pots: [pot({ pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }] })] };
const result = ({ body }: { body: any }): any => body[0];

test('a contribution is paid once, also by two calls with one key, and a win is paid to the player', async () => {
  const [id, player, key] = [await stage.instance({ ...PAID, ...HITS }), randomUUID(), randomUUID()];
  await stage.fund(player, 'USD', '10');
  const twins = await Promise.all([1, 2, 3].map(() => stage.contribute(id, player, { idempotency_key: key })));
  for (const twin of twins) assert.deepEqual(twin.body, twins[0]!.body);
  assert.deepEqual([result(twins[0]!).win_amount, result(twins[0]!).win_pot_id], [0.25, 'main']);
  assert.equal(await stage.balance(player, 'USD'), '9.75');
  assert.equal((await stage.get(id)).total_contributions, 1);
  const proof = await stage.call('service', 'FairnessService.GetProof', { draw_id: result(twins[0]!).gameround_id });
  const verified = await stage.call('service', 'FairnessService.VerifyProof', { record_proof: proof.record_proofs[0] });
  assert.deepEqual(verified, { valid: true, failures: [] });
});

test('who cannot pay for all pays for the target alone; who cannot pay for the target pays nothing', async () => {
  const linked = await stage.instance(PAID);
  const [id, player] = [await stage.instance(PAID, { linked_instance: linked }), randomUUID()];
  await stage.fund(player, 'USD', '0.9');
  const first = await stage.contribute(id, player);
  assert.deepEqual(
    (first.body as any[]).map(({ instance_id: instance, message }) => instance ?? message),
    [id, 'InsufficientFunds'],
  );
  assert.equal(await stage.balance(player, 'USD'), '0.4');
  const second = await stage.contribute(id, player);
  assert.deepEqual(second.body, { status_code: 400, code: 'CONTRIBUTION_REJECTED', message: 'InsufficientFunds' });
  assert.equal(await stage.balance(player, 'USD'), '0.4');
  const totals = await Promise.all([id, linked].map((one) => stage.get(one)));
  assert.deepEqual(
    totals.map(({ total_contributions: total }) => total),
    [1, 0],
  );
});

test('a proof may be as large as the contract says, also over REST', async () => {
  const record_proof = { record: 'x'.repeat(2 ** 20), config: '', server_seed: '', digest: '' };
  const { valid } = await stage.call('service', 'FairnessService.VerifyProof', { record_proof });
  assert.equal(valid, false);
});

test('a limit of the player stops what passes it, linked or not', async () => {
  const linked = await stage.instance(PAID);
  const [id, player] = [await stage.instance(PAID, { linked_instance: linked }), randomUUID()];
  await stage.fund(player, 'USD', '10');
  const limits = [{ kind: 'spend', asset: 'USD', period: 'day', amount: '1.6' }];
  await stage.call('admin', 'PlayerService.SetLimits', { user_id: player, limits });
  const causes = [];
  for (let i = 0; i < 3; i++) causes.push((await stage.contribute(id, player)).body as any);
  assert.deepEqual(
    causes[0].map(({ message }: any) => message),
    [undefined, undefined],
  );
  assert.deepEqual(
    causes[1].map(({ message }: any) => message),
    [undefined, 'LimitReached'],
  );
  assert.equal(causes[2].message, 'LimitReached');
  assert.equal(await stage.balance(player, 'USD'), '8.5');
});

test('bounds of contributions are those of the currency that is paid', async () => {
  const rules = {
    contribution_type: { Percentage: 0.1 },
    operator_contribution_percentage: 1,
    min_contribution: [{ currency: 'USD', value: 0.5 }],
    max_contribution: [{ currency: 'USD', value: 2 }],
  };
  const [id, player] = [await stage.instance({ contribution_rules: rules }), randomUUID()];
  const causes = [];
  for (const value of [0, 4.99, 5, 20, 20.1]) {
    const { body } = await stage.contribute(id, player, { base_wager: { currency: 'USD', value } });
    causes.push((body as any).message ?? result({ body }).contribution_amount);
  }
  assert.deepEqual(causes, ['BaseWagerInvalid', 'ContributionBelowMinimum', 0.5, 2, 'ContributionAboveMaximum']);
});

test('the trial balance is zero after all of it', async () => {
  const { balanced } = await stage.call('admin', 'LedgerService.GetTrialBalance', {});
  assert.equal(balanced, true);
});
