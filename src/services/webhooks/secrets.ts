import type { WebhookServiceService } from '../../../gen/ts/windfall/webhook/v1/webhook.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import {
  newSecret,
  replaceHosts,
  retireSecret,
  revealSecret,
  rotateSecret,
  type SecretOwner,
} from '../../webhooks/index.ts';
import { authorOf, settingsMessage, settingsOf } from './mapping.ts';

type All = Implementation<typeof WebhookServiceService>;

const ownerOf = (webhookId: string): SecretOwner => (webhookId === 'callbacks' ? webhookId : Number(webhookId));

/** The operations on secrets and settings. */
export function secretOperations({
  orm,
  webhookKeys,
}: Platform): Pick<
  All,
  'rotateWebhookSecret' | 'retireWebhookSecret' | 'getWebhookSettings' | 'updateWebhookSettings'
> {
  return {
    async rotateWebhookSecret({ webhookId, idempotencyKey }, { caller }) {
      const secret = newSecret(webhookKeys);
      const owner = ownerOf(webhookId);
      const secrets = await rotateSecret(orm.em.fork(), authorOf(caller), owner, secret, idempotencyKey);
      return { secret: revealSecret(webhookKeys, secret), secrets };
    },
    async retireWebhookSecret({ webhookId }, { caller }) {
      return { secrets: await retireSecret(orm.em.fork(), authorOf(caller), ownerOf(webhookId)) };
    },
    async getWebhookSettings(_, { caller }) {
      return { settings: await settingsOf(orm, caller) };
    },
    async updateWebhookSettings({ hosts }, { caller }) {
      return { settings: settingsMessage(await replaceHosts(orm.em.fork(), authorOf(caller), hosts)) };
    },
  };
}
