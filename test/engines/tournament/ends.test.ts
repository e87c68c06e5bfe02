import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { until } from '../../../src/db/index.ts';
import { grpcApi, type Outcome } from '../../support/api.ts';
import { Callers } from '../../support/callers.ts';
import { freshDatabase } from '../../support/database.ts';
import { startServer, type ServerProcess } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { differences } from '../jackpot/fixture.ts';

const WAIT_MS = 60_000;
let url: string;
let servers: ServerProcess[];
let apis: ReturnType<typeof grpcApi>[];
let headers: Record<string, string>;
let admin: Record<string, string>;
beforeAll(async () => {
  url = await freshDatabase();
  servers = [await startServer(url), await startServer(url)];
  apis = servers.map(({ address }) => grpcApi(address));
  const callers = new Callers(apis[0]!.call, url);
  headers = await callers.headers('service', '');
  admin = await callers.headers('admin', '');
});
afterAll(async () => {
  for (const api of apis) api.close();
  await Promise.all(servers.map((server) => server.end()));
  assert.deepEqual(await differences(url), []);
});

async function done(rpc: string, request: JsonObject, as = headers): Promise<any> {
  const { reason, body } = await apis[0]!.call(rpc, request, as);
  assert.equal(reason, null, `${rpc}: ${reason}`);
  return body;
}

const names = (id: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${id}-${n}`);

/** Sends items in batches, each of which must succeed. */
async function all(rpc: string, outcome: string, items: readonly JsonObject[]): Promise<void> {
  for (let i = 0; i < items.length; i += 1000) {
    const { results } = await done(rpc, { items: items.slice(i, i + 1000) });
    assert.deepEqual((results as JsonObject[]).filter((one) => !(outcome in one)).slice(0, 3), []);
  }
}

/** The balances in WINZ of the players of a test, and what their tournament has in escrow. */
async function balances(id: string): Promise<{ players: bigint[]; escrow: bigint }> {
  const rows = await runSql(
    url,
    'select a.balance from account a join player p on a.id / 16384 = p.id and a.id % 32 = 0 ' +
      'where p.user_id like $1 order by a.balance desc',
    [`${id}-%`],
  );
  const [{ escrow }] = await runSql(
    url,
    'select coalesce(sum(a.balance), 0)::text as escrow from account a ' +
      'join tournament_season s on a.id / 16384 = s.id ' +
      "join definition d on d.id = s.definition_id where a.id % 32 = 1 and d.code = 'tournament/' || $1",
    [id],
  );
  return { players: rows.map(({ balance }) => BigInt(balance)), escrow: BigInt(escrow) };
}

const winz = (amount: number): bigint => BigInt(amount) * 1_000_000n;

test('50 callers, a timer and two servers close a season once, and each gets the first answer', async () => {
  const id = 'raced';
  const end_time = new Date(Date.now() + 4000).toISOString();
  await done(
    'TournamentService.CreateTournament',
    { id, prize_pool: { asset: 'WINZ', amount: '900' }, end_time },
    admin,
  );
  const players = names(id, 40);
  const scores = players.map((user_id, n) => ({ id, user_id, points: String(n), source_wager_id: user_id }));
  await all('TournamentService.BatchScore', 'scored', scores);
  await sleep(Date.parse(end_time) - Date.now() - 20);
  const calls = Array.from({ length: 50 }, async (_, n): Promise<Outcome> => {
    await sleep(n * 2);
    const request = { id, idempotency_key: n % 3 === 0 ? '' : `close-${n}` };
    return apis[n % 2]!.call('TournamentService.CloseTournament', request, n % 5 === 0 ? admin : headers);
  });
  const answers = (await Promise.all(calls)).map(({ reason, body }) => {
    assert.equal(reason, null);
    const { deduped, ...answer } = body as JsonObject;
    return { deduped, answer };
  });
  assert.equal(new Set(answers.map(({ answer }) => JSON.stringify(answer))).size, 1);
  assert.ok(answers.filter(({ deduped }) => deduped !== true).length <= 1);
  const prizes = (answers[0]!.answer['prizes'] as JsonObject[]).map(({ user_id: user, amount }) => [user, amount]);
  assert.deepEqual(prizes, [
    ['raced-39', '450'],
    ['raced-38', '270'],
    ['raced-37', '180'],
  ]);
  const closed = await runSql(url, 'select caller from journal where kind = 1405');
  assert.equal(closed.length, 1);
  assert.deepEqual(await balances(id), { players: [winz(450), winz(270), winz(180)], escrow: 0n });
});

test('a season ends at its time without any call, and a score after it is refused', async () => {
  const id = 'timed';
  const end_time = new Date(Date.now() + 1500).toISOString();
  const prize_pool = { asset: 'WINZ', amount: '10' };
  await done(
    'TournamentService.CreateTournament',
    { id, prize_pool, end_time, prize_structure: [{ percent: '100' }] },
    admin,
  );
  await all('TournamentService.BatchScore', 'scored', [{ id, user_id: `${id}-1`, points: '1', source_wager_id: 'w' }]);
  const season = async (): Promise<any> => (await done('TournamentService.ListSeasons', { id })).seasons[0];
  assert.ok(await until(async () => (await season()).status === 'completed', WAIT_MS));
  assert.deepEqual(await balances(id), { players: [winz(10)], escrow: 0n });
  const late = await apis[1]!.call('TournamentService.SubmitScore', { id, user_id: `${id}-1`, points: '1' }, headers);
  assert.equal(late.reason, 'TOURNAMENT_NOT_OPEN');
});

test('thousands of refunds are exact though a server is killed while they are paid', async (t) => {
  const id = 'refunded';
  const prize_pool = { asset: 'WINZ', amount: '0' };
  await done('TournamentService.CreateTournament', { id, prize_pool, buy_in: '3' }, admin);
  const players = names(id, 4000);
  const destination = (user_id: string): JsonObject => ({ kind: 'player', user_id });
  const gifts = players.map((user_id) => ({
    source: { kind: 'operator' },
    destination: destination(user_id),
    asset: 'WINZ',
    amount: '5',
    idempotency_key: user_id,
  }));
  await all('LedgerService.BatchTransfer', 'created', gifts);
  await all(
    'TournamentService.BatchJoin',
    'joined',
    players.map((user_id) => ({ id, user_id, idempotency_key: user_id })),
  );
  assert.deepEqual(await balances(id), { players: players.map(() => winz(2)), escrow: winz(12_000) });
  const cancels = Array.from({ length: 20 }, (_, n) =>
    apis[n % 2]!.call('TournamentService.CancelTournament', { id }, admin).catch(() => null),
  );
  await sleep(30);
  await servers[1]!.end('SIGKILL');
  apis[1]!.close();
  servers[1] = await startServer(url);
  apis[1] = grpcApi(servers[1].address);
  const ids = (await Promise.all(cancels)).flatMap((one) => {
    const body = one?.body as JsonObject | null | undefined;
    return one?.reason === null && body ? [body['cancel_id']] : [];
  });
  const again = (): Promise<any> => done('TournamentService.CancelTournament', { id }, admin);
  const { cancel_id: cancel, refunded, payees } = await again();
  assert.deepEqual([refunded, payees], ['12000', '4000']);
  assert.deepEqual(new Set(ids), ids.length === 0 ? new Set() : new Set([cancel]));
  assert.ok(await until(async () => (await again()).status === 'cancelled', WAIT_MS));
  assert.deepEqual(await balances(id), { players: players.map(() => winz(5)), escrow: 0n });
  await t.annotate(`${ids.length} of 20 callers were answered`);
});

for (const shared of [false, true]) {
  test(`thousands of prizes sum to the pool, ${shared ? 'shared by the tied' : 'first to reach'}`, async () => {
    const id = `many-${shared}`;
    const prize_pool = { asset: 'WINZ', amount: '1000000.000007' };
    const prize_structure = [{ percent: '10' }, { ranks: 4, percent: '20.0001' }, { ranks: 2995, percent: '69.9999' }];
    const tie_policy = shared ? 'shared' : 'first_to_reach';
    await done('TournamentService.CreateTournament', { id, prize_pool, prize_structure, tie_policy }, admin);
    const players = names(id, 3500);
    // Groups of up to 7, and one of 900 that spans pages and the last place that is paid.
    const points = (n: number): string => String(n >= 2600 ? 1 : 10_000 - Math.floor(n / 7));
    const scores = players.map((user_id, n) => ({ id, user_id, points: points(n), source_wager_id: user_id }));
    await all('TournamentService.BatchScore', 'scored', scores);
    const dry = await done('TournamentService.CloseTournament', { id, dry_run: true });
    const closed = await done('TournamentService.CloseTournament', { id });
    assert.deepEqual([closed.prizes, closed.distributed], [dry.prizes, '1000000.000007']);
    const status = async (): Promise<string> => (await done('TournamentService.CloseTournament', { id })).status;
    assert.ok(await until(async () => (await status()) === 'completed', WAIT_MS));
    const { players: paid, escrow } = await balances(id);
    assert.equal(escrow, 0n);
    assert.equal(
      paid.reduce((sum, one) => sum + one, 0n),
      1_000_000_000_007n,
    );
    assert.equal(paid.filter((one) => one > 0n).length, shared ? 3500 : 3000);
    // Those of the last points share what is left for 400 places.
    if (shared) assert.ok(paid.at(-900)! - paid.at(-1)! <= 1n);
  });
}
