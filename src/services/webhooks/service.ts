import type { WebhookServiceService } from '../../../gen/ts/windfall/webhook/v1/webhook.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import { deliveryOperations } from './deliveries.ts';
import { secretOperations } from './secrets.ts';
import { subscriptionOperations } from './subscriptions.ts';

/** WebhookService. */
export function webhookService(platform: Platform): Implementation<typeof WebhookServiceService> {
  return { ...subscriptionOperations(platform), ...secretOperations(platform), ...deliveryOperations(platform) };
}
