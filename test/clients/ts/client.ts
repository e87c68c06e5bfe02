/** A client on the server's own code: node client.ts 127.0.0.1:50051 wf_test_demo */
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { ErrorInfo } from '../../../gen/ts/google/rpc/error_details.ts';
import { Status } from '../../../gen/ts/google/rpc/status.ts';
import {
  ContributeToJackpotRequest,
  JackpotServiceClient,
  type StreamContributionsResponse,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import {
  LootboxServiceClient,
  OpenLootboxRequest,
  type OpenLootboxResponse,
} from '../../../gen/ts/windfall/lootbox/v1/lootbox.ts';

const [address = '', key = ''] = process.argv.slice(2);
const caller = new Metadata();
caller.set('authorization', `Bearer ${key}`);
const print = (...words: readonly unknown[]): void => void process.stdout.write(`${words.join(' ')}\n`);

const lootboxes = new LootboxServiceClient(address, credentials.createInsecure());
const open = (id: string): Promise<OpenLootboxResponse> =>
  new Promise((resolve, reject) => {
    const request = OpenLootboxRequest.fromPartial({ id, userId: 'StarlordV7', idempotencyKey: randomUUID() });
    lootboxes.openLootbox(request, caller, (error, box) => (error === null ? resolve(box) : reject(error)));
  });

const box = await open('welcome-box');
print('opened', box.openId, box.reward?.amount, box.reward?.asset);

const jackpots = new JackpotServiceClient(address, credentials.createInsecure());
const stream = jackpots.streamContributions(caller);
for (let wager = 0; wager < 3; wager++) {
  const item = { id: 'daily-drop', userId: 'StarlordV7', sourceWagerId: randomUUID(), amount: 0.5 };
  stream.write({ items: [ContributeToJackpotRequest.fromPartial(item)], messageId: '' });
  const [answer] = (await once(stream, 'data')) as [StreamContributionsResponse];
  const outcome = answer.results[0]?.outcome;
  if (outcome?.$case === 'contributed') print('contributed', outcome.value.pool);
}
stream.end();

const error = (await open('no-such-box').catch((thrown: unknown) => thrown)) as ServiceError;
const { details } = Status.decode(error.metadata.get('grpc-status-details-bin')[0] as Buffer);
const info = ErrorInfo.decode(details[0]!.value);
print('refused', status[error.code], info.reason, JSON.stringify(Object.fromEntries(info.metadata)));
lootboxes.close();
jackpots.close();
