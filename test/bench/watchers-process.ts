/**
 * A process that holds watchers of a jackpot, and does as little else as possible: it counts what they receive. See
 * watchers.ts.
 */
import http2 from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { WatchJackpotRequest, WatchJackpotResponse } from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import type { WatchersOrder, WatchersCount } from './watchers.ts';

/** Streams on one connection: as many as the edge allows. */
const STREAMS = 1000;

const sessions: http2.ClientHttp2Session[] = [];
let count: WatchersCount = { open: 0, events: 0, hits: 0, ended: 0 };

let refusal: object | undefined;

const add = (more: Partial<WatchersCount>): void => {
  count = {
    open: count.open + (more.open ?? 0),
    events: count.events + (more.events ?? 0),
    hits: count.hits + (more.hits ?? 0),
    ended: count.ended + (more.ended ?? 0),
  };
};

async function hold({ watchers, target }: WatchersOrder): Promise<void> {
  const before = sessions.splice(0);
  for (const session of before) session.destroy();
  // Until the server has noticed: it has places for little more than it is to hold.
  if (before.length > 0) await sleep(5000);
  count = { open: 0, events: 0, hits: 0, ended: 0 };
  const message = WatchJackpotRequest.encode({ id: target.jackpot, lastEventId: '' }).finish();
  const body = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
  for (let left = watchers; left > 0; left -= STREAMS) {
    const session = http2.connect(target.base, { settings: { initialWindowSize: 1 << 20 } });
    session.on('error', () => undefined);
    session.once('connect', () => session.setLocalWindowSize(1 << 26));
    sessions.push(session);
    for (let i = 0; i < Math.min(STREAMS, left); i++) open(session, target, body);
  }
  const end = Date.now() + 60_000;
  while (count.open < watchers) {
    if (Date.now() > end || count.ended > 0) {
      const why = JSON.stringify(refusal);
      throw new Error(`${count.open} of ${watchers} watch, ${count.ended} ended: ${why}`);
    }
    await sleep(20);
  }
}

function open(session: http2.ClientHttp2Session, { jackpot, rest }: WatchersOrder['target'], body: Buffer): void {
  const stream = rest
    ? session.request({ ':path': `/v1/jackpots/${jackpot}/watch`, authorization: 'Bearer wf_test_demo' })
    : session.request({
        ':method': 'POST',
        ':path': '/windfall.jackpot.v1.JackpotService/WatchJackpot',
        'content-type': 'application/grpc',
        te: 'trailers',
        authorization: 'Bearer wf_test_demo',
      });
  let first = true;
  let left: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    left = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    for (let size = sizeOf(left, rest); size > 0 && size <= left.length; size = sizeOf(left, rest)) {
      if (sessions.includes(session))
        add({ open: first ? 1 : 0, events: 1, hits: isHit(left.subarray(0, size), rest) ? 1 : 0 });
      first = false;
      left = left.subarray(size);
    }
  });
  stream.on('response', (headers) => {
    if (headers[':status'] !== 200 || headers['grpc-status'] !== undefined) refusal ??= headers;
  });
  stream.on('error', () => undefined);
  stream.on('close', () => add({ ended: sessions.includes(session) ? 1 : 0 }));
  if (!rest) stream.end(body);
}

/** The length of the first event in these bytes; 0: it is not known yet. */
function sizeOf(bytes: Buffer, rest: boolean): number {
  const end = rest ? bytes.indexOf('\n\n') : 0;
  if (rest) return end < 0 ? 0 : end + 2;
  return bytes.length < 5 ? 0 : 5 + bytes.readUInt32BE(1);
}

/** States are larger: only what may be a hit is looked at. */
function isHit(event: Buffer, rest: boolean): boolean {
  if (rest) return event.includes('event: hit');
  return event.length < 300 && WatchJackpotResponse.decode(event.subarray(5)).event?.$case === 'hit';
}

process.on('message', ({ id, order }: { id: number; order: WatchersOrder | 'count' }) => {
  const done = order === 'count' ? Promise.resolve() : hold(order);
  done.then(
    () => process.send!({ id, count }),
    (error: Error) => process.send!({ id, error: error.message }),
  );
});
