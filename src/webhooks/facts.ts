import {
  EventsRedelivered,
  WebhookCreated,
  WebhookDeleted,
  WebhookSecretChanged,
  WebhookSettingsChanged,
  WebhookUpdated,
} from '../../gen/ts/windfall/facts/v1/webhook.ts';
import { defineFact, type FactKind } from '../journal/index.ts';

/** A fact of an administrative write. */
const administrative = <Data>(name: string, number: number, codec: FactKind<Data>['codec']): FactKind<Data> =>
  defineFact<Data>({ name, number, version: 1, aggregate: null, codec, evolve: () => undefined });

export const webhookCreated = administrative('webhook.created', 801, WebhookCreated);
export const webhookUpdated = administrative('webhook.updated', 802, WebhookUpdated);
export const webhookDeleted = administrative('webhook.deleted', 803, WebhookDeleted);
/** Of webhook 0: the operator's callback secret. */
export const webhookSecretChanged = administrative('webhook.secret-changed', 804, WebhookSecretChanged);
export const webhookSettingsChanged = administrative('webhook.settings-changed', 805, WebhookSettingsChanged);
export const eventsRedelivered = administrative('webhook.events-redelivered', 806, EventsRedelivered);

export const webhookFacts = [
  webhookCreated,
  webhookUpdated,
  webhookDeleted,
  webhookSecretChanged,
  webhookSettingsChanged,
  eventsRedelivered,
];
