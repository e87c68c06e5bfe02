import assert from 'node:assert/strict';
import { status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, test } from 'vitest';
import type { JackpotServiceClient } from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { startServer, startService, type ServerProcess, type Service } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { clientOf, eventually, firstEvents, readEvents, watch } from './watching.ts';

let service: Service;
let other: ServerProcess;
let clients: JackpotServiceClient[];
beforeAll(async () => {
  service = await startService();
  other = await startServer(service.databaseUrl);
  clients = [clientOf(service.server.address), clientOf(other.address)];
});
afterAll(async () => {
  for (const client of clients ?? []) client.close();
  await other?.end();
  await service?.stop();
});

let jackpots = 0;

/** A jackpot that each contribution can be dropped from, and how to win it. */
async function make(): Promise<{ readonly id: string; win(): Promise<string>; contribute(): Promise<void> }> {
  const id = `watched-${++jackpots}`;
  const [admin, key] = [await service.credentials('admin', ''), await service.credentials('service', '')];
  const call = async (rpc: string, request: object, headers: Record<string, string>): Promise<any> => {
    const { status: code, body } = await service.grpc(`JackpotService.${rpc}`, { id, ...request }, headers);
    assert.equal(code, 'OK', rpc);
    return body;
  };
  await call('CreateJackpot', { asset: 'USD', seed_usd: '100' }, admin);
  let drops = 0;
  const contribute = async (): Promise<void> => {
    await call('ContributeToJackpot', { user_id: 'ann', amount: 1 }, key);
  };
  return {
    id,
    contribute,
    async win() {
      await contribute();
      const { drop_id: drop } = await call('DropJackpot', { idempotency_key: `${id} ${++drops}` }, key);
      return drop as string;
    },
  };
}

test('watchers of two servers see the state first, then each hit once and in order, and the newest state', async () => {
  const { id, win, contribute } = await make();
  const watchers = [0, 1, 0, 1].map((at) => watch(clients[at]!, id));
  for (const one of watchers) await eventually(() => one.events.length > 0, 'the state');
  const won: string[] = [];
  for (let i = 0; i < 20; i++) won.push(await win());
  await contribute();
  await contribute();
  for (const one of watchers) {
    await eventually(() => poolOf(one.events.at(-1)) === '102', 'the newest state');
    assert.equal(poolOf(one.events[0]), '100');
    assert.deepEqual(one.hits, won);
    const ids = one.events.flatMap(({ eventId }) => (eventId === undefined ? [] : [Number(eventId)]));
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
    // A state never shows a hit that is still to come.
    one.events.forEach(({ event }, at) => {
      if (event?.$case !== 'jackpot') return;
      const seen = watchers[0]!.hits.slice(0, hitsBefore(one.events, at)).toReversed();
      assert.deepEqual(
        event.value.recentHits.map(({ drawId }) => drawId),
        seen.slice(0, event.value.recentHits.length),
      );
    });
    one.leave();
  }
});

const poolOf = (response: { readonly event?: any } | undefined): string | undefined =>
  response?.event?.$case === 'jackpot' ? response.event.value.pool : undefined;

const hitsBefore = (events: readonly { readonly event?: any }[], at: number): number =>
  events.slice(0, at).filter(({ event }) => event?.$case === 'hit').length;

test('a watcher that comes back, to either server, misses and repeats nothing', async () => {
  const { id, win } = await make();
  const won: string[] = [];
  const seen: string[] = [];
  let lastId = '';
  for (let turn = 0; turn < 12; turn++) {
    const one = watch(clients[turn % 2]!, id, lastId);
    await eventually(() => one.events.length > 0, 'the first event');
    won.push(await win());
    // Leaves at any moment: now before the hit arrives, now after it.
    if (turn % 3 !== 0) await eventually(() => one.hits.length > 0, 'a hit');
    one.leave();
    seen.push(...one.hits);
    assert(one.events.every(({ hitsMissed }) => !hitsMissed));
    lastId = one.lastId;
    if (turn % 4 === 3) won.push(await win(), await win());
  }
  const last = watch(clients[0]!, id, lastId);
  await eventually(() => last.events.some(({ event }) => event?.$case === 'jackpot'), 'the state');
  last.leave();
  assert.deepEqual([...seen, ...last.hits], won);
});

test('a watcher that was away for more than 25 hits is told so, and gets the last ones', async () => {
  const { id, win } = await make();
  const won: string[] = [];
  for (let i = 0; i < 30; i++) won.push(await win());
  const late = watch(clients[1]!, id, '1');
  await eventually(() => late.events.some(({ event }) => event?.$case === 'jackpot'), 'the state');
  assert.deepEqual(late.hits, won.slice(-25));
  assert.deepEqual(
    late.events.filter(({ hitsMissed }) => hitsMissed).map(({ event }) => event?.$case),
    ['jackpot'],
  );
  late.leave();
});

test('over REST a client resumes by the header that browsers send, and sees changes of the definition', async () => {
  const { id, win } = await make();
  const url = `${service.envoy.base}/v1/jackpots/${id}/watch`;
  const [state] = await firstEvents(url, 1);
  assert.deepEqual([state!.event, state!.id, state!.data.jackpot.pool], ['jackpot', '1', '100']);
  const drawn = [await win(), await win()];
  const events = await firstEvents(url, 3, { 'last-event-id': state!.id });
  assert.deepEqual(
    events.map(({ event, data }) => [event, data.hit?.draw_id]),
    [
      ['hit', drawn[0]],
      ['hit', drawn[1]],
      ['jackpot', undefined],
    ],
  );
  await service.rest('JackpotService.UpdateJackpot', { id, status: 'paused' }, await service.credentials('admin', ''));
  for await (const { data } of readEvents(url)) if (data.jackpot?.status === 'paused') break;
});

test('what happens to the jackpot of another operator, or of another id, is never told', async () => {
  const [{ id, win }, aside] = [await make(), await make()];
  const [own, beside] = [watch(clients[0]!, id), watch(clients[0]!, aside.id)];
  await eventually(() => own.events.length > 0 && beside.events.length > 0, 'the states');
  // Somebody watches it already, and it is known to the server.
  const headers = await service.credentials('other-service', '');
  const foreign = watch(clients[0]!, id, '', headers);
  await eventually(() => foreign.end !== undefined, 'the refusal');
  assert.equal(foreign.end!.code, status.NOT_FOUND);
  await win();
  await eventually(() => own.hits.length === 1 && own.events.length >= 3, 'the hit and the state');
  assert.equal(beside.events.length, 1);
  own.leave();
  beside.leave();
});

test('losing all connections to the database loses no hit and no watcher', async () => {
  const { id, win } = await make();
  const watchers = clients.map((client) => watch(client, id));
  for (const one of watchers) await eventually(() => one.events.length > 0, 'the state');
  const won = [await win()];
  for (let i = 0; i < 5; i++) {
    await runSql(
      service.databaseUrl,
      'select pg_terminate_backend(pid) from pg_stat_activity ' +
        'where datname = current_database() and pid <> pg_backend_pid()',
      [],
    );
    won.push(await win(), await win());
  }
  for (const one of watchers) {
    await eventually(() => one.hits.length >= won.length, 'the hits');
    assert.deepEqual([one.hits, one.end], [won, undefined]);
    one.leave();
  }
});

test('a server that stops ends a thousand watchers, with a reason, and they continue elsewhere', async () => {
  const { id, win } = await make();
  const leaving = await startServer(service.databaseUrl);
  const stopping = clientOf(leaving.address);
  const watchers = Array.from({ length: 1000 }, () => watch(stopping, id));
  await eventually(() => watchers.every(({ events }) => events.length > 0), 'a thousand states');
  const first = await win();
  await eventually(() => watchers.every(({ hits }) => hits.includes(first)), 'a thousand hits');
  const ended = leaving.end();
  await eventually(() => watchers.every(({ end }) => end !== undefined), 'the end of a thousand');
  assert.equal(await ended, 0);
  assert.deepEqual(new Set(watchers.map(({ end }) => (end as ServiceError).code)), new Set([status.UNAVAILABLE]));
  const second = await win();
  const back = watchers.slice(0, 50).map(({ lastId }) => watch(clients[0]!, id, lastId));
  await eventually(() => back.every(({ hits }) => hits.length > 0), 'the hit in between');
  for (const one of back) assert.deepEqual(one.hits, [second]);
  for (const one of back) one.leave();
  stopping.close();
});
