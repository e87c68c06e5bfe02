import type { Webhook as WebhookMessage, WebhookServiceService } from '../../../gen/ts/windfall/webhook/v1/webhook.ts';
import { invalid, pageOf, positionNumber } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import { Operator } from '../../tenants/index.ts';
import {
  backlogsOf,
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  newSecret,
  requireDestination,
  revealSecret,
  updateWebhook,
  type Webhook,
} from '../../webhooks/index.ts';
import { authorOf, settingsOf, webhookMessage } from './mapping.ts';

type All = Implementation<typeof WebhookServiceService>;

/** The operations on webhooks. */
export function subscriptionOperations({
  orm,
  webhookKeys,
}: Platform): Pick<All, 'createWebhook' | 'listWebhooks' | 'getWebhook' | 'updateWebhook' | 'deleteWebhook'> {
  const shown = async (webhooks: readonly Webhook[]): Promise<WebhookMessage[]> => {
    const [first] = webhooks;
    if (first === undefined) return [];
    const em = orm.em.fork();
    const { operatorId } = first;
    const { callbackSecrets } = await em.findOneOrFail(Operator, { operatorId });
    const ids = webhooks.map(({ webhookId }) => webhookId);
    const backlogs = await backlogsOf(em, operatorId, ids);
    return webhooks.map((one) => {
      const secrets = one.kind === 'callback' ? callbackSecrets : one.secrets;
      return webhookMessage(one, backlogs.get(one.webhookId)!, secrets.length);
    });
  };
  const shownOne = async (webhook: Webhook) => (await shown([webhook]))[0];
  return {
    async createWebhook({ url, events, description, idempotencyKey }, { caller }) {
      const settings = await settingsOf(orm, caller);
      const secret = newSecret(webhookKeys);
      const wanted = { url, events, description, secret };
      const webhook = await createWebhook(orm.em.fork(), authorOf(caller), wanted, idempotencyKey, () =>
        requireDestination(url, settings, 'url'),
      );
      return { webhook: await shownOne(webhook), secret: revealSecret(webhookKeys, secret) };
    },
    async listWebhooks(request, { caller: { operator } }) {
      const { items, nextPageToken } = await pageOf(request, {
        name: `webhooks/${operator}`,
        read: (position, limit) =>
          listWebhooks(orm.em.fork(), operator, positionNumber(position, Number.MAX_SAFE_INTEGER), limit),
        position: ({ webhookId }) => webhookId,
      });
      return { webhooks: await shown(items), nextPageToken };
    },
    async getWebhook({ webhookId }, { caller: { operator } }) {
      return { webhook: await shownOne(await findWebhook(orm.em.fork(), operator, Number(webhookId))) };
    },
    async updateWebhook({ webhookId, url, events, status, description }, { caller }) {
      const settings = await settingsOf(orm, caller);
      const replaced = events.length === 0 ? undefined : events;
      const change = { url, description, events: replaced, status: status as 'active' | 'paused' | undefined };
      const webhook = await updateWebhook(orm.em.fork(), authorOf(caller), Number(webhookId), change, ({ kind }) => {
        if (kind === 'callback' && url !== undefined) throw invalid('url', 'of callbacks cannot be changed');
        if (kind === 'callback' && events.length > 0) throw invalid('events', 'cannot be sent to callbacks');
        if (url !== undefined) requireDestination(url, settings, 'url');
      });
      return { webhook: await shownOne(webhook) };
    },
    async deleteWebhook({ webhookId }, { caller }) {
      await deleteWebhook(orm.em.fork(), authorOf(caller), Number(webhookId));
      return {};
    },
  };
}
