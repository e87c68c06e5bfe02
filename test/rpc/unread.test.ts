import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { test } from 'vitest';
import { until } from '../support/service.ts';
import { ListThingsRequest } from '../edge/gen/probe/v1/probe.ts';
import { detailsOf, failing, grpcClient } from '../edge/grpc.ts';
import { startProbe } from '../edge/probe.ts';

/** Some 200 KB to answer. */
const LARGE = { count: 10, pad: 20_000, pageSize: 0, waitMs: 0 };

const [ONE, OTHER, THIRD] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

/** Asks for a large answer, and reads its headers alone. */
async function ask(session: ClientHttp2Session, address: string): Promise<ClientHttp2Stream> {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/probe.v1.ProbeService/ListThings',
    'content-type': 'application/grpc',
    'x-forwarded-for': address,
    te: 'trailers',
  });
  const message = Buffer.from(ListThingsRequest.encode(ListThingsRequest.fromPartial(LARGE)).finish());
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.on('error', () => undefined).end(Buffer.concat([head, message]));
  await once(stream, 'response');
  return stream;
}

test('what is answered and not read makes no more be answered, and is dropped after a while', async (t) => {
  await using probe = await startProbe({ limits: { unreadEach: 300_000, unread: 500_000, stalledMs: 1000 } });
  using client = grpcClient(probe.address);
  const session = connect(`http://${probe.address}`);
  t.onTestFinished(() => session.destroy());
  const as = (address: string): Promise<unknown> => client.call('listThings', LARGE, { 'x-forwarded-for': address });
  const refused = async (address: string): Promise<void> =>
    assert.equal(detailsOf(await failing(as(address))).info.reason, 'OVERLOADED');
  const unread = [await ask(session, ONE)];
  for (let i = 0; i < 5; i++) await as(ONE);
  unread.push(await ask(session, ONE));
  await refused(ONE);
  await as(OTHER);
  unread.push(await ask(session, OTHER));
  await refused(THIRD);
  await until(async () => unread.every(({ closed }) => closed));
  for (const address of [ONE, OTHER, THIRD]) await as(address);
});
