import type { WebhookServiceService } from '../../../gen/ts/windfall/webhook/v1/webhook.ts';
import { pageOf, positionNumber } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import { findWebhook, listDeliveries, redeliver, type ShownState } from '../../webhooks/index.ts';
import { authorOf, deliveryMessage } from './mapping.ts';

/** The operations on deliveries. */
export function deliveryOperations({
  orm,
}: Platform): Pick<Implementation<typeof WebhookServiceService>, 'listDeliveries' | 'redeliverEvents'> {
  return {
    async listDeliveries(request, { caller: { operator } }) {
      const webhookId = Number(request.webhookId);
      const state = request.state === '' ? undefined : (request.state as ShownState);
      await findWebhook(orm.em.fork(), operator, webhookId);
      const { items, nextPageToken } = await pageOf(request, {
        name: `deliveries/${operator}/${webhookId}/${request.state}`,
        read: (position, limit) => {
          const before = positionNumber(position, Number.MAX_SAFE_INTEGER);
          return listDeliveries(orm.em.fork(), { operator, webhookId, state }, before, limit);
        },
        position: ({ deliveryId }) => deliveryId,
      });
      return { deliveries: items.map(deliveryMessage), nextPageToken };
    },
    async redeliverEvents({ webhookId, selection, includeDelivered }, { caller }) {
      const wanted =
        selection!.$case === 'deliveryId'
          ? { deliveryId: Number(selection!.value) }
          : { since: selection!.value, includeDelivered };
      return redeliver(orm.em.fork(), authorOf(caller), Number(webhookId), wanted);
    },
  };
}
