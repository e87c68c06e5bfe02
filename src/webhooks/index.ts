export {
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  replaceHosts,
  retireSecret,
  rotateSecret,
  updateWebhook,
  type SecretOwner,
} from './admin.ts';
export { backlogsOf, listDeliveries, redeliver, type Backlog, type Selection, type ShownState } from './deliveries.ts';
export { requireDestination, type Destination, type HookSettings } from './destination.ts';
export { deliveryState, sealedWebhook, webhookEntities, type Webhook, type WebhookDelivery } from './entities.ts';
export { webhookFacts } from './facts.ts';
export { DELIVERIES, recordDeliveries } from './following.ts';
export { Poster, type Answer } from './post.ts';
export { dnsResolve, type Resolve } from './resolve.ts';
export { newSecret, revealSecret, type WebhookKeys } from './secrets.ts';
export { Sender } from './sender.ts';
export { subscribedTo } from './subscribed.ts';
