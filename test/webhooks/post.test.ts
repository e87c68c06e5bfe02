import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, test } from 'vitest';
import { Poster, type Resolve } from '../../src/webhooks/index.ts';
import { Receiver, status } from './receiver.ts';

const HERE = { hosts: ['127.0.0.1', '*.test'], http: true, privateNetworks: true };
const PUBLIC = { ...HERE, privateNetworks: false };
const LOCAL: Resolve = async () => ['127.0.0.1'];
const SHORT_MS = 600;

const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));
const sockets = new Set<Socket>();
afterEach(() => sockets.forEach((socket) => socket.destroy()));

function post(url: string, settings = HERE, resolve = LOCAL, timeoutMs = SHORT_MS) {
  const poster = new Poster(resolve, timeoutMs);
  closing.push(() => poster.close());
  return poster.send({
    url,
    settings,
    body: '{}',
    headers: { 'webhook-id': 'e1' },
    signal: new AbortController().signal,
  });
}

/** A server that speaks anything but HTTP, or only half of it. */
async function listen(onConnect: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnect(socket);
  });
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

describe('a receiver that misbehaves', () => {
  // What it does with a connection, and what comes of it.
  const TABLE: readonly (readonly [what: string, act: (socket: Socket) => void, result: RegExp | number])[] = [
    ['accepts and says nothing', () => undefined, /^no answer within 0.6 s$/],
    ['closes at once', (socket) => socket.destroy(), /^no answer: ECONNRESET$/],
    ['sends garbage', (socket) => socket.end('\0\x01\x02 no HTTP at all\r\n\r\n'), /^no answer: HPE_/],
    ['sends half a head', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-'), /^no answer within/],
    ['sends a head without an end', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x-more: more\r\n'), /^no answer/],
    [
      'sends a head of a megabyte',
      (socket) => socket.write(`${HEAD}x: ${'x'.repeat(1 << 20)}\r\n`),
      /^no answer: HPE_/,
    ],
    ['sends only 1xx', (socket) => drip(socket, '', 'HTTP/1.1 102 Processing\r\n\r\n'), /^no answer within/],
    [
      'changes the protocol',
      (socket) => socket.write('HTTP/1.1 101 Go\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      /protocol/,
    ],
    ['answers with a body without an end', (socket) => flood(socket, `${HEAD}\r\n`), 200],
    ['answers with a body that never comes', (socket) => socket.write(`${HEAD}content-length: 9\r\n\r\n`), 200],
    ['answers with a body that breaks off', (socket) => socket.end(`${HEAD}content-length: 9\r\n\r\nx`), 200],
    [
      'answers with a length that is none',
      (socket) => socket.end(`${HEAD}content-length: -1\r\n\r\n`),
      /^no answer: HPE_/,
    ],
  ];
  for (const [what, act, result] of TABLE) {
    test(`${what}: ${result}`, async () => {
      const url = await listen((socket) => void socket.once('data', () => act(socket)));
      const startedAt = performance.now();
      const answer = await post(url);
      assert.ok(performance.now() - startedAt < SHORT_MS + 2000);
      if (typeof result === 'number') assert.deepEqual([answer.status, answer.error], [result, null]);
      else {
        assert.equal(answer.status, 0);
        assert.match(answer.error!, result);
      }
    });
  }

  test('of a body without an end only a little is read', async () => {
    let sent = 0;
    let closed = false;
    const url = await listen((socket) => {
      socket.on('close', () => (closed = true));
      socket.once('data', () => flood(socket, `${HEAD}\r\n`, (size) => (sent = size)));
    });
    await post(url, HERE, LOCAL, 10_000);
    for (let i = 0; i < 100 && !closed; i++) await sleep(20);
    assert.ok(closed, 'the connection is still open');
    assert.ok(sent < 20_000_000, `${sent} bytes were sent`);
  });

  test('a body that is wanted is read whole, or is no answer', async () => {
    const poster = new Poster(LOCAL, SHORT_MS);
    closing.push(() => poster.close());
    const answered = async (head: string, body: string) => {
      const url = await listen((socket) => void socket.once('data', () => socket.end(`${HEAD}${head}\r\n${body}`)));
      const { signal } = new AbortController();
      return poster.send({ url, settings: HERE, body: '{}', headers: {}, signal, wantsBody: true });
    };
    const most = 'x'.repeat(16_384);
    assert.equal((await answered('', most)).body, most);
    assert.deepEqual(await answered('', `${most}x`), {
      status: 0,
      error: 'the answer is too long',
      retryAfter: undefined,
    });
    const { status: none, error } = await answered('content-length: 9\r\n', 'x');
    assert.deepEqual([none, error], [0, 'no answer: ECONNRESET']);
  });

  test('a redirect is not followed', async () => {
    const target = await Receiver.start();
    const receiver = await Receiver.start(status(302, { location: target.url }));
    closing.push(
      () => target.stop(),
      () => receiver.stop(),
    );
    assert.equal((await post(receiver.url)).status, 302);
    assert.equal(target.received.length, 0);
  });

  test('that is not there', async () =>
    assert.match((await post('http://127.0.0.1:9/')).error!, /^no answer: ECONNREFUSED$/));
});

describe('a name', () => {
  test('is connected to at the address that was checked', async () => {
    const receiver = await Receiver.start();
    closing.push(() => receiver.stop());
    const answer = await post(`http://a.test:${receiver.port}/`);
    assert.equal(answer.status, 200);
    assert.equal(receiver.received[0]!.headers['host'], `a.test:${receiver.port}`);
  });

  test('that is public first and private then is not reached', async () => {
    const receiver = await Receiver.start();
    closing.push(() => receiver.stop());
    // Nothing answers at the first address, which is public. A second look-up would connect to the receiver.
    const answers = [['203.0.114.1'], ['127.0.0.1']];
    const asked: string[] = [];
    const resolve: Resolve = async (name) => (asked.push(name), answers.shift() ?? ['127.0.0.1']);
    const poster = new Poster(resolve, SHORT_MS);
    closing.push(() => poster.close());
    const request = {
      url: `http://b.test:${receiver.port}/`,
      settings: PUBLIC,
      body: '{}',
      headers: {},
      signal: new AbortController().signal,
    };
    assert.equal((await poster.send(request)).status, 0);
    assert.deepEqual(asked, ['b.test']);
    const second = await poster.send(request);
    assert.deepEqual([second.status, second.error], [0, 'an address is not public']);
    assert.equal(receiver.received.length, 0);
  });

  const MIXED = [
    ['127.0.0.1', '203.0.114.1'],
    ['203.0.114.1', '127.0.0.1'],
    ['2606:4700:4700::1111', '::ffff:127.0.0.1'],
    ['8.8.8.8', '169.254.169.254'],
    ['::1'],
    ['10.0.0.1'],
  ];
  for (const addresses of MIXED) {
    test(`with the addresses ${addresses.join(', ')} is not connected to at all`, async () => {
      const { error } = await post('http://c.test:9/', PUBLIC, async () => addresses);
      assert.equal(error, 'an address is not public');
    });
  }

  test('is not reached over a connection that was open where private networks are allowed', async () => {
    const receiver = await Receiver.start();
    const poster = new Poster(LOCAL, SHORT_MS);
    closing.push(
      () => poster.close(),
      () => receiver.stop(),
    );
    const { signal } = new AbortController();
    const request = { url: `http://f.test:${receiver.port}/`, body: '{}', headers: {}, signal };
    assert.equal((await poster.send({ ...request, settings: HERE })).status, 200);
    const { status: none, error } = await poster.send({ ...request, settings: PUBLIC });
    assert.deepEqual([none, error, receiver.received.length], [0, 'an address is not public', 1]);
  });

  test('without an address is no answer', async () => {
    assert.match((await post('http://d.test/', HERE, async () => [])).error!, /no address/);
  });

  test('that cannot be resolved in time is no answer', async () => {
    assert.match((await post('http://e.test/', HERE, () => new Promise(() => undefined))).error!, /^no answer within/);
  });

  test('that is no longer registered is not sent to', async () => {
    assert.equal((await post('http://e.test/', { ...HERE, hosts: [] })).error, 'the host is not registered');
    assert.equal((await post('http://e.test/', { ...HERE, http: false })).error, 'the URL must be https');
    assert.equal((await post('http://127.0.0.1/', PUBLIC)).error, 'the address is not public');
  });
});

function drip(socket: Socket, first: string, next: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write(next), 20);
  socket.on('close', () => clearInterval(timer));
}

function flood(socket: Socket, head: string, told: (size: number) => void = () => undefined): void {
  const chunk = Buffer.alloc(65_536, 'x');
  let size = 0;
  socket.write(head);
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk)) told((size += chunk.length));
    told((size += chunk.length));
  };
  socket.on('drain', more);
  more();
}
