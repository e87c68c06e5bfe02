/** A client as a browser has it, by gRPC-Web through Envoy: node client.ts http://127.0.0.1:8080 wf_test_demo */
import { ConnectError, Code, createClient } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { ErrorInfoSchema } from '../../../gen/web/google/rpc/error_details_pb.js';
import { JackpotService } from '../../../gen/web/windfall/jackpot/v1/jackpot_pb.js';
import { LootboxService } from '../../../gen/web/windfall/lootbox/v1/lootbox_pb.js';

const [baseUrl = '', key = ''] = process.argv.slice(2);
const options = { headers: { authorization: `Bearer ${key}` }, timeoutMs: 20_000 };
const transport = createGrpcWebTransport({ baseUrl });
const print = (...words: readonly unknown[]): void => void process.stdout.write(`${words.join(' ')}\n`);
const userId = 'StarlordV7';

const lootboxes = createClient(LootboxService, transport);
const box = await lootboxes.openLootbox({ id: 'welcome-box', userId, idempotencyKey: crypto.randomUUID() }, options);
print('opened', box.openId, box.reward?.amount, box.reward?.asset);

// Browsers cannot send a stream, so they send a batch.
const wager = { id: 'daily-drop', userId, amount: 0.5 };
const items = [1, 2, 3].map(() => ({ ...wager, sourceWagerId: crypto.randomUUID() }));
const jackpots = createClient(JackpotService, transport);
const { results } = await jackpots.batchContribute({ items }, options);
for (const { outcome } of results) {
  if (outcome.case === 'contributed') print('contributed', outcome.value.pool);
}

try {
  await lootboxes.openLootbox({ id: 'no-such-box', userId }, options);
} catch (thrown) {
  const error = ConnectError.from(thrown);
  const [info] = error.findDetails(ErrorInfoSchema);
  print('refused', Code[error.code], info?.reason, JSON.stringify(info?.metadata));
}

// They can watch one, without a deadline, until they have seen enough.
const enough = new AbortController();
const watching = { headers: options.headers, signal: enough.signal };
try {
  for await (const { event } of jackpots.watchJackpot({ id: 'daily-drop' }, watching)) {
    if (event.case === 'jackpot') print('watched', event.value.pool);
    enough.abort();
  }
} catch (thrown) {
  if (!enough.signal.aborted) throw thrown;
}
