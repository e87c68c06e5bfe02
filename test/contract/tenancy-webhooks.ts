import type { JsonObject } from '@bufbuild/protobuf';
import type { Scene } from './scene.ts';
import type { Entry } from './tenancy-things.ts';

const webhook = async (scene: Scene): Promise<JsonObject> => ({ webhook_id: await scene.webhook() });
/** Before everything in the journal. */
const FIRST = `0-${'0'.repeat(32)}-0`;

/** The RPCs of webhooks and events. */
export const WEBHOOK_ENTRIES: Readonly<Record<string, Entry>> = {
  'EventService.WatchEvents': { names: [], request: async (scene) => (await scene.draw(), { last_event_id: FIRST }) },
  'WebhookService.CreateWebhook': {
    names: [],
    request: (scene) => ({ url: scene.unique('http://127.0.0.1:9/'), events: ['lootbox.opened'] }),
  },
  'WebhookService.ListWebhooks': {
    names: [],
    request: async (scene) => (await scene.webhook(), { page_size: 500 }),
  },
  'WebhookService.GetWebhook': { names: ['webhook'], request: webhook },
  'WebhookService.UpdateWebhook': {
    names: ['webhook'],
    request: async (scene) => ({ ...(await webhook(scene)), description: 'New' }),
  },
  'WebhookService.DeleteWebhook': { names: ['webhook'], request: webhook },
  'WebhookService.RotateWebhookSecret': { names: ['webhook'], request: webhook },
  'WebhookService.RetireWebhookSecret': { names: ['webhook'], request: webhook },
  'WebhookService.ListDeliveries': {
    names: ['webhook'],
    request: async (scene) => ({ ...(await webhook(scene)), page_size: 500 }),
  },
  'WebhookService.RedeliverEvents': {
    names: ['webhook'],
    request: async (scene) => ({ ...(await webhook(scene)), since: '2026-01-01T00:00:00Z' }),
  },
  'WebhookService.RedeliverEvents one': {
    names: ['webhook'],
    request: async (scene) => ({ ...(await webhook(scene)), delivery_id: await scene.delivery() }),
  },
  'WebhookService.GetWebhookSettings': { names: [], request: () => ({}) },
  'WebhookService.UpdateWebhookSettings': { names: [], request: () => ({ hosts: ['127.0.0.1'] }) },
};
