import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterAll, test } from 'vitest';
import { Beacon, QUICKNET, roundAfter, verifyRound, type BeaconChain } from '../../src/fairness/index.ts';
import { drandServer, sendRound, TestChain } from './drand.ts';

/** Rounds of quicknet as its servers have published them: https://api.drand.sh/52db…e971/public/1000 and so on. */
const PUBLISHED: readonly (readonly [round: number, signature: string])[] = [
  [1000, 'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39'],
  [1001, 'b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41'],
  [1002, 'ab066f9c12dd6de1336fca0f925192fb0c72a771c3e4c82ede1fd362c1a770f9eb05843c6308ce2530b53a99c0281a6e'],
  [1003, 'b104c82771698f45fd8dcfead083d482694c31ab519bcef077f126f3736fe98c8392fd5d45d88aeb76b56ccfcb0296d7'],
];
const [ROUND, SIGNATURE] = PUBLISHED[0]!;
/** Another chain with the same scheme, from the tests of drand-client 1.2.6. */
const WALKTHROUGH: BeaconChain = {
  hash: 'af8b6fc95693b058a3a59efe586eb31c2c352fe00cf40c62a427d87c34f7a235',
  publicKey:
    '81d320f220ee9c79e60e19dedc838c31e3ab919b15481e9feb52f643628c4f6a13fdc52129493875a818109d767272ca' +
    '0541cbcdcea9335f2870d781b39b845ba8cbd44fdfe4967781cf72ca5917fc9398bcf97ca0548ed5a709016c4b1ff0f3',
  genesisTime: 1_687_506_816,
  period: 3,
};
const WALKED = '95c93585c513ebbcb4777ff15599b3140e5ec0295faa0e483f3deadd88fa6d43f0d3703e3a4ce106e8fd6c6987f32126';

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});
type Behaviour = (round: number, response: ServerResponse) => void;
async function serverThat(behaves: Behaviour): ReturnType<typeof drandServer> {
  const server = await drandServer(behaves);
  closing.push(server.close);
  return server;
}
const honest: Behaviour = (round, response) => sendRound(response, round, PUBLISHED.find(([one]) => one === round)![1]);

test('published rounds are verified, with the randomness that drand has published', () => {
  for (const [round, signature] of PUBLISHED) assert.equal(verifyRound(QUICKNET, round, signature)?.round, round);
  const { randomness } = verifyRound(QUICKNET, ROUND, SIGNATURE)!;
  assert.equal(randomness, 'fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd');
  assert.equal(
    verifyRound(WALKTHROUGH, 38, WALKED)?.randomness,
    'b2fc21325a24904a6a9e81a6c63f65f6cec3f0b2400df3f4a56b214770e9ccca',
  );
});

test('nothing else is a round', () => {
  const other = PUBLISHED[1]![1];
  const flipped = SIGNATURE.replace(/.$/, (digit) => (digit === '9' ? '8' : '9'));
  // The point at infinity: a signature for the key at infinity.
  const nowhere = `c0${'00'.repeat(47)}`;
  for (const [chain, round, signature] of [
    [QUICKNET, ROUND + 1, SIGNATURE],
    [QUICKNET, ROUND, other],
    [QUICKNET, ROUND, flipped],
    [QUICKNET, ROUND, nowhere],
    [QUICKNET, ROUND, ''],
    [QUICKNET, ROUND, SIGNATURE.toUpperCase()],
    [QUICKNET, ROUND, `${SIGNATURE}00`],
    [QUICKNET, 38, WALKED],
    [QUICKNET, 0, SIGNATURE],
    [QUICKNET, 1.5, SIGNATURE],
    [WALKTHROUGH, ROUND, SIGNATURE],
  ] as const) {
    assert.equal(verifyRound(chain, round, signature), undefined, `${round} ${signature}`);
  }
});

test('the round of a draw is due after one full period, and before three', () => {
  const { genesisTime, period } = QUICKNET;
  for (const at of [genesisTime, genesisTime + 0.5, genesisTime + 2.999_999, genesisTime + 3, 1_795_000_001.25]) {
    const due = genesisTime + (roundAfter(QUICKNET, Math.round(at * 1e6)) - 1) * period;
    assert.ok(due - at > period && due - at <= 2 * period, `${at}: ${due - at}`);
  }
  assert.equal(roundAfter(QUICKNET, 0), 1);
});

test('a round is found behind servers that refuse, lie, redirect, send rubbish or too much, or hang', async () => {
  const good = await serverThat(honest);
  const bad: Record<string, Behaviour> = {
    refuses: (_, response) => response.writeHead(500).end(),
    'has another round': (_, response) => sendRound(response, PUBLISHED[1]![0], PUBLISHED[1]![1]),
    lies: (round, response) => sendRound(response, round, PUBLISHED[1]![1]),
    redirects: (round, response) => response.writeHead(302, { location: `${good.url}/x/public/${round}` }).end(),
    'sends rubbish': (_, response) => response.end('<html>'),
    'sends null': (_, response) => response.end('null'),
    'sends too much': (_, response) => {
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', flood);
      };
      flood();
    },
    'breaks off': (_, response) => response.destroy(),
    'says nothing': () => undefined,
    'never ends': (_, response) => void response.write('{'),
  };
  for (const [name, behaves] of Object.entries(bad)) {
    const server = await serverThat(behaves);
    const found = await new Beacon(QUICKNET, [server.url, good.url]).round(ROUND, 9000);
    assert.equal(found?.signature, SIGNATURE, name);
    assert.ok(server.asked.length > 0, name);
    assert.equal(await new Beacon(QUICKNET, [server.url]).round(ROUND, 100), undefined, `${name}, alone`);
  }
});

test('a round that is not due yet is awaited, and 50 callers ask together', async () => {
  const signer = new TestChain(Math.floor(Date.now() / 1000) - 100);
  let due = false;
  const server = await serverThat((round, response) => {
    if (due) sendRound(response, round, signer.sign(round));
    else response.writeHead(425).end();
  });
  const beacon = new Beacon(signer.chain, [server.url]);
  const asking = Promise.all(Array.from({ length: 50 }, () => beacon.round(200, 10_000)));
  setTimeout(() => (due = true), 700);
  const found = await asking;
  assert.ok(found.every((one) => one !== undefined && one.randomness === found[0]!.randomness));
  assert.ok(server.asked.length < 20, `asked ${server.asked.length} times`);
});

test('the wait ends at its time', async () => {
  const silent = await serverThat(() => undefined);
  const began = performance.now();
  assert.equal(await new Beacon(QUICKNET, [silent.url]).round(ROUND, 500), undefined);
  assert.ok(performance.now() - began >= 490);
});
