import assert from 'node:assert/strict';
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { status as Code } from '@grpc/grpc-js';
import { describe, test } from 'vitest';
import { ANSWER, grpcClient } from '../edge/grpc.ts';
import { startProbe } from '../edge/probe.ts';
import { AnswerRequest } from '../edge/gen/probe/v1/probe.ts';

const ANSWER_PATH = '/probe.v1.ProbeService/Answer';
const CHAT_PATH = '/probe.v1.ProbeService/Chat';
const LARGE = 2 ** 20;

/** A call of which a part of the message is sent, from an address. */
function half(
  on: ClientHttp2Session,
  headers: Record<string, string>,
  sent: Uint8Array,
  path = ANSWER_PATH,
): ClientHttp2Stream {
  const fixed = { ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc' };
  const stream = on.request({ ...fixed, ...headers }, { endStream: false }).on('error', () => undefined);
  if (sent.length > 0) stream.write(sent);
  return stream;
}

/** The first bytes of a message that says that it is large. */
function beginning(length = LARGE): Buffer {
  const bytes = Buffer.alloc(100);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

async function told(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  return Number(headers['grpc-status']);
}

const isSilent = async (stream: ClientHttp2Stream): Promise<boolean> =>
  (await Promise.race([told(stream), sleep(150, 'silent')])) === 'silent';

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('a message that has not arrived', () => {
  test('is refused before the rest of it is there, if its sender may not call', async () => {
    await using probe = await startProbe();
    const session = connect(`http://${probe.address}`);
    for (const token of ['wrong', 'later-wrong']) {
      const stream = half(session, as(token), beginning());
      assert.equal(await told(stream), Code.UNAUTHENTICATED);
      // Nothing more of it is read.
      await once(stream, 'close');
    }
    session.destroy();
    assert.equal(probe.lines.filter(({ reason }) => reason === 'UNAUTHENTICATED').length, 2);
  });

  test('takes room from its sender alone, a stranger less than who is known, until it is over', async () => {
    await using probe = await startProbe({ limits: { arrivingBytes: 16 * LARGE } });
    const session = connect(`http://${probe.address}`);
    const one = half(session, from('192.0.2.1'), beginning());
    assert.ok(await isSilent(one));
    assert.equal(await told(half(session, from('192.0.2.1'), beginning())), Code.RESOURCE_EXHAUSTED);
    assert.ok(await isSilent(half(session, from('192.0.2.2'), beginning())));
    const known = Array.from({ length: 4 }, () => half(session, as('all'), beginning()));
    assert.deepEqual(await Promise.all(known.map(isSilent)), [true, true, true, true]);
    const another = half(session, as('all'), beginning(8 * LARGE));
    assert.equal(await told(another), Code.RESOURCE_EXHAUSTED);
    one.close();
    await once(one, 'close');
    await sleep(20);
    assert.ok(await isSilent(half(session, from('192.0.2.1'), beginning())));
    using client = grpcClient(probe.address);
    assert.equal((await client.call('answer', ANSWER, from('192.0.2.1'))).text, 'hi');
    session.destroy();
  });

  test('gives its room back once it is whole, however it is cut', async () => {
    await using probe = await startProbe({ limits: { arrivingBytes: 1000 } });
    const session = connect(`http://${probe.address}`);
    const message = AnswerRequest.encode({ ...ANSWER, text: 'x'.repeat(90) }).finish();
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const bytes = Buffer.concat([head, message]);
    for (const cut of [1, 4, 5, 6, 50, bytes.length - 1]) {
      const stream = half(session, from('192.0.2.1'), bytes.subarray(0, cut));
      await sleep(20);
      stream.end(bytes.subarray(cut));
      const [trailers] = (await once(stream.resume(), 'trailers')) as [IncomingHttpHeaders];
      assert.equal(trailers['grpc-status'], '0', `cut at ${cut}`);
    }
    session.destroy();
  });

  test('is counted for each message of a stream anew', async () => {
    await using probe = await startProbe({ limits: { arrivingBytes: 3000 } });
    const session = connect(`http://${probe.address}`);
    const message = AnswerRequest.encode({ ...ANSWER, text: 'x'.repeat(300) }).finish();
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const bytes = Buffer.concat([head, message]);
    const chat = half(session, from('192.0.2.1'), Buffer.alloc(0), CHAT_PATH);
    for (let n = 0; n < 10; n++) {
      chat.write(bytes.subarray(0, 100));
      await sleep(5);
      chat.write(bytes.subarray(100));
      const [answer] = (await once(chat, 'data')) as [Buffer];
      assert.match(answer.toString(), /re: x{300}/);
    }
    session.destroy();
  });

  test('is waited for only so long, and only for some calls of an address', async () => {
    await using probe = await startProbe({ limits: { arrivingCalls: 16, arriveMs: 1400 } });
    const session = connect(`http://${probe.address}`);
    const silent = Array.from({ length: 4 }, () => half(session, from('192.0.2.1'), Buffer.alloc(0)));
    const other = half(session, from('192.0.2.2'), Buffer.alloc(3));
    const codes = (await Promise.all([...silent, other].map(told))).map((code) => Code[code]);
    const crowded = codes.filter((code) => code === 'RESOURCE_EXHAUSTED').length;
    assert.equal(crowded, 3, codes.join());
    assert.equal(codes[4], 'DEADLINE_EXCEEDED');
    session.destroy();
  });
});
