import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Scene } from './scene.ts';

/** Calls an RPC with a credential of operator A. */
export type Ask = (as: string, rpc: string, request: JsonObject) => Promise<any>;

/** Creates a webhook of opens, to a receiver that is not there. */
export async function makeWebhook(scene: Scene, ask: Ask): Promise<string> {
  const request = { url: scene.unique('http://127.0.0.1:9/'), events: ['lootbox.*'] };
  return (await ask('admin', 'WebhookService.CreateWebhook', request)).webhook.webhook_id;
}

/** Waits for the delivery of the scene's open to its webhook. */
export async function findDelivery(scene: Scene, ask: Ask): Promise<string> {
  const request = { webhook_id: await scene.webhook() };
  await scene.draw();
  for (;;) {
    const { deliveries } = await ask('admin', 'WebhookService.ListDeliveries', request);
    if (deliveries.length > 0) return deliveries[0].delivery_id;
    await sleep(50);
  }
}
