import type { JsonObject } from '@bufbuild/protobuf';
import { until } from '../support/service.ts';
import type { Scene } from './scene.ts';

/** Calls an RPC with a credential of operator A. */
export type Ask = (as: string, rpc: string, request: JsonObject) => Promise<any>;

/** Creates a webhook of opens, to a receiver that is not there. */
export async function makeWebhook(scene: Scene, ask: Ask): Promise<string> {
  const request = { url: scene.unique('http://127.0.0.1:9/'), events: ['lootbox.*'] };
  return (await ask('admin', 'WebhookService.CreateWebhook', request)).webhook.webhook_id;
}

/** Opens a lootbox, and waits for the delivery of that to the scene's webhook. */
export async function findDelivery(scene: Scene, ask: Ask): Promise<string> {
  const request = { webhook_id: await scene.webhook() };
  // The scene's own open may have been made before there was a webhook.
  const open = { id: await scene.lootbox(), user_id: scene.player, brand_id: scene.brand };
  await ask('service', 'LootboxService.OpenLootbox', open);
  let found: string | undefined;
  await until(async () => {
    const { deliveries } = await ask('admin', 'WebhookService.ListDeliveries', request);
    found = deliveries[0]?.delivery_id;
    return found !== undefined;
  });
  return found!;
}
