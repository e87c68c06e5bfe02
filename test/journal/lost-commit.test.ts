import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { accountId } from '../../src/journal/index.ts';
import { createTransfer } from '../../src/ledger/index.ts';
import { runSql } from '../support/sql.ts';
import { journalOn, newKey, openJournal, options } from './fixture.ts';

/** Stands between a lane and PostgreSQL, and cuts the connection at a commit, once each time it is told to. */
class Proxy {
  cut: 'before' | 'after' | null = null;
  cuts = 0;
  readonly #server: Server;

  constructor(target: URL) {
    this.#server = createServer((client) => this.#join(client, connect(Number(target.port), target.hostname)));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }

  #join(client: Socket, database: Socket): void {
    let silent = false;
    const end = (): void => { client.destroy(); database.destroy(); };
    for (const socket of [client, database]) socket.on('error', end).on('close', end);
    database.on('data', (bytes) => { if (!silent) client.write(bytes); });
    client.on('data', (bytes) => {
      // The name of the prepared statement in its Bind message.
      if (this.cut === null || !bytes.includes('commit\0')) {
        database.write(bytes);
        return;
      }
      this.cuts += 1;
      silent = true;
      if (this.cut === 'after') database.write(bytes);
      // Long enough for PostgreSQL to commit what it got.
      void sleep(this.cut === 'after' ? 300 : 0).then(end);
      this.cut = null;
    });
  }
}

const FUNDS = accountId('operator', 0, 0);
const PLAYER = accountId('player', 1, 0);
let url: string;
let proxy: Proxy;
let behind: ReturnType<typeof journalOn>;
const faults: unknown[] = [];

before(async () => {
  const opened = await openJournal();
  await opened.journal.close();
  url = opened.url;
  const target = new URL(url);
  proxy = new Proxy(new URL(url));
  target.port = String(await proxy.listen());
  target.hostname = '127.0.0.1';
  behind = journalOn(target.href, faults);
});
after(async () => {
  await behind.close();
  proxy.close();
});

for (const cut of ['before', 'after'] as const) {
  test(`a connection lost ${cut} the commit arrived gives the true answer, and nothing is doubled`, async () => {
    const earlier = await runSql(url, 'select operation_id from journal');
    proxy.cut = cut;
    const answers = await Promise.all(Array.from({ length: 20 }, () => (
      behind.run(createTransfer, { from: FUNDS, to: PLAYER, amount: 1n }, options({ keys: [newKey()], requestHash: 'h' })))));
    assert.equal(proxy.cut, null, 'nothing was cut');
    const stored = (await runSql(url, 'select operation_id from journal')).map(({ operation_id: id }) => id as string);
    assert.equal(stored.length, earlier.length + 20);
    assert.ok(answers.every(({ operationId, replayed }) => stored.includes(operationId) && !replayed));
    const [{ balance }] = await runSql(url, 'select balance from account where id = $1', [PLAYER]);
    assert.equal(Number(balance), stored.length);
    assert.deepEqual(faults, []);
  });
}
