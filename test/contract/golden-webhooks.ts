import * as webhooks from '../../gen/ts/windfall/facts/v1/webhook.ts';
import type { Golden } from './golden-facts.ts';

/** The bytes of the facts of webhooks: see golden-facts.ts. */
export const WEBHOOK_GOLDEN: Readonly<Record<string, Golden>> = {
  WebhookCreated: {
    message: webhooks.WebhookCreated,
    data: { host: 'hooks.example.com', events: ['lootbox.*', 'jackpot.dropped'] },
    hex: '0a11686f6f6b732e6578616d706c652e636f6d12096c6f6f74626f782e2a120f6a61636b706f742e64726f70706564',
  },
  WebhookUpdated: {
    message: webhooks.WebhookUpdated,
    data: { host: 'hooks.example.com', events: ['*'], status: 'paused' },
    hex: '0a11686f6f6b732e6578616d706c652e636f6d12012a1a06706175736564',
  },
  WebhookDeleted: { message: webhooks.WebhookDeleted, data: {}, hex: '' },
  WebhookSecretChanged: { message: webhooks.WebhookSecretChanged, data: { live: 2 }, hex: '0802' },
  WebhookSettingsChanged: {
    message: webhooks.WebhookSettingsChanged,
    data: { hosts: ['hooks.example.com', '*.example.org'] },
    hex: '0a11686f6f6b732e6578616d706c652e636f6d0a0d2a2e6578616d706c652e6f7267',
  },
  EventsRedelivered: { message: webhooks.EventsRedelivered, data: { deliveries: 300 }, hex: '08ac02' },
};
