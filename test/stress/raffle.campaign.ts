/**
 * Draws a pool of 10,000,000 tickets of 1,000,000 players: one winner, 1,000 winners, and 1,000 winners with one prize
 * per player. Prints the times and the memory of the server. QUICK=1: a hundredth of it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { startServer } from '../support/service.ts';
import { fillPools } from './raffle-pool.ts';

const scale = process.env['QUICK'] === '1' ? 100 : 1;
const PLAYERS = 1_000_000 / scale;
const DRAWS = [
  { id: 'one', what: 'one winner', winners: 1, one_per_player: false },
  { id: 'many', what: '1,000 winners', winners: 1000, one_per_player: false },
  { id: 'each', what: '1,000 winners, one prize per player', winners: 1000, one_per_player: true },
];
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Memory of a process in MiB, now and at its peak. */
function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string): number => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1024);
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

const cluster = await startOwnCluster();
const databaseUrl = cluster.url;
const server = await startServer(databaseUrl);
const api = grpcApi(server.address);
const callers = new Callers(api.call, databaseUrl);
const admin = await callers.headers('admin', '');
for (const { id, winners, one_per_player } of DRAWS) {
  const prizes = [{ reward: { asset: 'WINZ', amount: '1' }, winners }];
  const { status } = await api.call('RaffleService.CreateRaffle', { id, prizes, one_per_player }, admin);
  assert.equal(status, 'OK');
}
const filling = { databaseUrl, raffles: DRAWS.map(({ id }) => id), players: PLAYERS, entriesEach: 2, ticketsEach: 5 };
let began = performance.now();
const { tickets, poolHash } = await fillPools(filling);
print(`${tickets.toLocaleString('en')} tickets of ${PLAYERS.toLocaleString('en')} players in each of 3 pools:`);
print(`filled by SQL in ${((performance.now() - began) / 1000).toFixed(1)} s`);
for (const { id, what, winners, one_per_player } of DRAWS) {
  const before = memoryOf(server.process.pid!);
  began = performance.now();
  const { status, body } = await api.call('RaffleService.DrawRaffle', { id }, admin);
  const seconds = (performance.now() - began) / 1000;
  const after = memoryOf(server.process.pid!);
  assert.equal(status, 'OK');
  const drawn = body as any;
  assert.deepEqual([drawn.total_tickets, drawn.pool_hash, drawn.winners.length], [tickets, poolHash, winners]);
  const names = drawn.winners.map((one: any) => one.user_id as string);
  if (one_per_player) assert.equal(new Set(names).size, winners);
  for (const { user_id: user, ticket } of drawn.winners)
    assert.equal(user, `many-${Math.floor(ticket / filling.ticketsEach) % PLAYERS}`);
  print(`${what}: ${seconds.toFixed(2)} s; server ${before.now} MiB before, ${after.now} after, peak ${after.peak}`);
}
api.close();
await server.end();
await cluster.remove();
