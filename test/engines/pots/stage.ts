import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import pg from 'pg';
import { engines } from '../../../src/engines/index.ts';
import { verifyOperator } from '../../../src/journal/index.ts';
import { registerOf } from '../../../src/schema.ts';
import { TEMPLATE } from '../../contract/definitions.ts';
import type { Service } from '../../support/service.ts';

/** A contribution by the second version of the API, with a key of its own. */
export const contribution = (instance: string, player: string) => ({
  target: { type: 'instance', id: instance },
  owner_id: 'demo',
  player: { id: player, token: 't', country: 'MT', brand_id: 'main' },
  base_wager: { currency: 'USD', value: 1 },
  idempotency_key: randomUUID(),
});

/** Calls over REST that must succeed, and what instances and contributions need of them. */
export class Stage {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** Calls as an admin or a service. @returns the body. */
  async call(as: 'admin' | 'service', rpc: string, request: JsonObject): Promise<any> {
    const { status, body } = await this.outcome(as, rpc, request);
    assert.ok(Number(status) < 300, `${rpc}: ${JSON.stringify(body)}`);
    return body;
  }

  async outcome(as: 'admin' | 'service', rpc: string, request: JsonObject) {
    return this.#service.rest(rpc, request, await this.#service.credentials(as, ''));
  }

  /** An active instance of a template with these changes. @returns its id. */
  async instance(changes: JsonObject = {}, more: JsonObject = {}): Promise<string> {
    const id = randomUUID();
    await this.call('admin', 'TemplateService.SaveTemplate', { template: { ...TEMPLATE, ...changes, id } });
    await this.call('admin', 'TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
    const made = await this.call('admin', 'TemplateService.InstantiateTemplate', {
      template_owner_id: 'demo',
      template_id: id,
      instance_owner_id: 'demo',
      instance_name: 'An instance',
      ...more,
    });
    await this.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: made.id, status: 'Active' });
    return made.id;
  }

  get(instance: string): Promise<any> {
    return this.call('service', 'InstanceService.GetInstance', { instance_id: instance });
  }

  /** Contributes by the second version of the API; each call with its own key unless one is given. */
  contribute(instance: string, player: string, changes: JsonObject = {}) {
    const request = { ...contribution(instance, player), ...changes };
    return this.outcome('service', 'ContributionService.Contribute', request);
  }

  async fund(player: string, asset: string, amount: string): Promise<void> {
    await this.call('service', 'LedgerService.CreateTransfer', {
      source: { kind: 'operator' },
      destination: { kind: 'player', user_id: player },
      asset,
      amount,
    });
  }

  async balance(player: string, asset: string): Promise<string> {
    const { balances } = await this.call('service', 'LedgerService.ListBalances', { user_id: player });
    return balances.find((one: any) => one.asset === asset)?.amount ?? '0';
  }

  /** Asserts that the proof of a contribution verifies. @returns its records. */
  async proof(drawId: string): Promise<any[]> {
    const { record_proofs: proofs } = await this.call('service', 'FairnessService.GetProof', { draw_id: drawId });
    for (const proof of proofs) {
      const verified = await this.call('service', 'FairnessService.VerifyProof', { record_proof: proof });
      assert.deepEqual(verified, { valid: true, failures: [] });
    }
    return proofs.map(({ record }: any) => JSON.parse(record));
  }

  /** Asserts that the books balance, and that all state is what the journal says. */
  async audit(): Promise<void> {
    const { balanced } = await this.call('admin', 'LedgerService.GetTrialBalance', {});
    assert.equal(balanced, true);
    const client = new pg.Client(this.#service.databaseUrl);
    await client.connect();
    try {
      assert.deepEqual((await verifyOperator(client, registerOf(engines), 1)).differences, []);
    } finally {
      await client.end();
    }
  }
}
