import assert from 'node:assert/strict';
import type { Call } from '../support/api.ts';
import type { Service } from '../support/service.ts';

/** A call that must succeed; its body. */
export async function ask(call: Call, rpc: string, request: object, headers: Record<string, string>): Promise<any> {
  const { status, body, reason } = await call(rpc, request as never, headers);
  assert.ok(status === 'OK' || (typeof status === 'number' && status < 300), `${rpc}: ${status} ${reason}`);
  return body;
}

/** An operator with webhooks, as tests use it. */
export class Hooks {
  readonly #service: Pick<Service, 'grpc' | 'rest' | 'credentials'>;
  readonly #face: 'grpc' | 'rest';

  constructor(service: Pick<Service, 'grpc' | 'rest' | 'credentials'>, face: 'grpc' | 'rest' = 'grpc') {
    this.#service = service;
    this.#face = face;
  }

  async admin(rpc: string, request: object): Promise<any> {
    const headers = await this.#service.credentials('admin', '');
    return ask(this.#service[this.#face], `WebhookService.${rpc}`, request, headers);
  }

  async service(rpc: string, request: object): Promise<any> {
    return ask(this.#service[this.#face], rpc, request, await this.#service.credentials('service', ''));
  }

  async create(url: string, events: readonly string[] = ['*']): Promise<{ id: string; secret: string }> {
    const { webhook, secret } = await this.admin('CreateWebhook', { url, events });
    return { id: webhook.webhook_id, secret };
  }

  /** Opens the demo's free lootbox. */
  async open(userId: string): Promise<string> {
    const { open_id: id } = await this.service('LootboxService.OpenLootbox', { id: 'welcome-box', user_id: userId });
    return id;
  }

  /** All deliveries of a webhook, newest first. */
  async deliveries(webhookId: string): Promise<any[]> {
    const { deliveries } = await this.admin('ListDeliveries', { webhook_id: webhookId, page_size: 500 });
    return deliveries;
  }
}
