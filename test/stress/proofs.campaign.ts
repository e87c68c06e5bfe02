/**
 * Makes draws of all recipes that engines have, reads their proofs, and has each verified by VerifyProof's code, by the
 * TypeScript verifier and by the Python verifier; of some of them VerifyProof itself is asked. Prints how many of each
 * recipe. DRAWS: how many, 20,000 if unset.
 */
import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { verifyRecord } from '../../src/fairness/verifier/records/verify.ts';
import { pythonSays, serverSays } from '../fairness/verifiers.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { startServer } from '../support/service.ts';

const DRAWS = Number(process.env['DRAWS'] ?? 20_000);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const cluster = await startOwnCluster();
const server = await startServer(cluster.url);
const api = grpcApi(server.address);
const callers = new Callers(api.call, cluster.url);

async function done(rpc: string, request: JsonObject, as = 'service'): Promise<any> {
  const { status, reason, details, body } = await api.call(rpc, request, await callers.headers(as, ''));
  assert.equal(status, 'OK', `${rpc}: ${reason} ${JSON.stringify(details)}`);
  return body;
}

const asset = (amount: string) => ({ asset: 'WINZ', amount });
const user = (i: number): string => `player-${i % 40}`;

async function create(): Promise<void> {
  await done(
    'LootboxService.CreateLootbox',
    {
      id: 'box',
      rolls: 3,
      guaranteed: [{ segment_label: 'gift', ...asset('0.5') }],
      prizes: [
        { segment_label: 'rare', ...asset('500'), weight: 1, stock: '300', fallback: 'usual' },
        { segment_label: 'usual', ...asset('1.25'), weight: 50 },
        { segment_label: 'sword', kind: 'item', item: 'sword-7', weight: 1, stock: '200' },
        { segment_label: 'blank', weight: 48 },
      ],
    },
    'admin',
  );
  const wheel = {
    id: 'wheel',
    kind: 'wheel',
    prizes: ['a', 'b', 'c'].map((label, i) => ({ segment_label: label, ...asset(String(i + 1)), weight: i + 1 })),
  };
  await done('MiniGameService.CreateMiniGame', wheel, 'admin');
  for (const selector of ['all', 'highest']) {
    const pots = [
      {
        id: 'mini',
        fraction: '0.2',
        seed: '1',
        seed_share: '0.1',
        win_rules: [{ hit_rate: { cost: '0.1', odds: 40 } }],
      },
      { id: 'drop', fraction: '0.5', seed: '5', win_rules: [{ must_drop_value: { value: '30' } }] },
    ];
    await done('JackpotService.CreateJackpot', { id: selector, asset: 'USD', win_selector: selector, pots }, 'admin');
  }
}

/** The ids of draws. */
const draws: string[] = [];

async function batch(rpc: string, outcome: string, id: string, items: JsonObject[]): Promise<void> {
  for (let at = 0; at < items.length; at += 100) {
    const { results } = await done(rpc, { items: items.slice(at, at + 100) });
    for (const result of results) {
      assert.ok(result[outcome], JSON.stringify(result));
      draws.push(result[outcome][id]);
    }
  }
}

async function raffle(i: number): Promise<void> {
  const id = `raffle-${i}`;
  const prizes = [{ reward: asset('3'), winners: 2 }, { reward: { kind: 'item', item: 'bike' } }];
  await done('RaffleService.CreateRaffle', { id, prizes, one_per_player: i % 2 === 0, ticket_cost: '0' }, 'admin');
  const items = Array.from({ length: 8 }, (_, n) => ({
    id,
    user_id: user(n * i),
    tickets: 1 + n,
    idempotency_key: `${id} ${n}`,
  }));
  await done('RaffleService.BatchEnter', { items });
  draws.push((await done('RaffleService.DrawRaffle', { id }, 'admin')).draw_id);
}

await create();
const each = Math.ceil((DRAWS * 1.02) / 3);
const times = Array.from({ length: each }, (_, i) => i);
const key = (name: string, i: number) => ({ user_id: user(i), idempotency_key: `${name} ${i}` });
await batch(
  'LootboxService.BatchOpen',
  'opened',
  'open_id',
  times.map((i) => ({ id: 'box', ...key('box', i), count: 1 + (i % 3), client_seed: i % 5 ? `words ${i}` : '' })),
);
await batch(
  'MiniGameService.BatchPlay',
  'played',
  'play_id',
  times.map((i) => ({ id: 'wheel', ...key('wheel', i) })),
);
await batch(
  'JackpotService.BatchContribute',
  'contributed',
  'contribution_id',
  times.map((i) => ({ id: i % 2 ? 'all' : 'highest', ...key('jackpot', i), amount: (1 + (i % 40)) / 10 })),
);
for (let i = 0; i < 100; i++) await raffle(i);
// A seed that is in use stays sealed: these are the last draws under it, and hardly ever win.
for (const id of ['all', 'highest'])
  await batch('JackpotService.BatchContribute', 'contributed', 'contribution_id', [
    { id, ...key(`last ${id}`, 0), amount: 0.000001 },
  ]);
// Jackpots that have ended are drawn among all who fed them.
for (let i = 0; i < 30; i++) {
  const id = `ended-${i}`;
  await done(
    'JackpotService.CreateJackpot',
    { id, asset: 'USD', pots: [{ id: 'main', fraction: '0.9', seed: '1' }] },
    'admin',
  );
  const items = Array.from({ length: 6 }, (_, n) => ({ id, ...key(id, n), amount: 1 + n }));
  await done('JackpotService.BatchContribute', { items });
  await done('JackpotService.ArchiveJackpot', { id }, 'admin');
  draws.push((await done('JackpotService.DrawPot', { id, pot_id: 'main' }, 'admin')).draw_id);
}
print(`${draws.length} draws made`);

const began = performance.now();
const proofs: any[] = [];
let sealed = 0;
for (let at = 0; at < draws.length; at += 50) {
  const asked = draws
    .slice(at, at + 50)
    .map(async (draw_id) => api.call('FairnessService.GetProof', { draw_id }, await callers.headers('service', '')));
  for (const { status, reason, body } of await Promise.all(asked)) {
    if (reason === 'SEED_SEALED') sealed++;
    else if (status === 'OK') proofs.push(...(body as any).record_proofs);
    else throw new Error(String(reason));
  }
}
const seconds = (performance.now() - began) / 1000;
const pace = (proofs.length / seconds).toFixed(0);
print(`${proofs.length} proofs read in ${seconds.toFixed(0)} s, ${pace} a second; ${sealed} are sealed`);

const python = await pythonSays(proofs);
const counts = new Map<string, number>();
proofs.forEach((proof, i) => {
  const { recipe } = JSON.parse(proof.record);
  const failures = verifyRecord(proof);
  const entries = proof.entries.map((one: any) => ({
    firstTicket: Number(one.first_ticket),
    count: Number(one.count),
    playerHash: one.player_hash,
  }));
  const verdicts = [failures.length === 0, serverSays({ ...proof, entries }), python[i]];
  assert.deepEqual(verdicts, [true, true, true], `${proof.record} ${failures.join('; ')}`);
  counts.set(recipe, (counts.get(recipe) ?? 0) + 1);
});
for (const [recipe, count] of counts) print(`${recipe}: ${count} valid for three verifiers`);
for (let i = 0; i < proofs.length; i += 97)
  assert.deepEqual(await done('FairnessService.VerifyProof', { record_proof: proofs[i] }), {
    valid: true,
    failures: [],
  });
print(`${Math.ceil(proofs.length / 97)} of them valid for VerifyProof`);
assert.ok(sealed >= 1, 'a seed in use was shown');
assert.ok(proofs.length >= DRAWS, `only ${proofs.length} proofs`);
api.close();
await server.end();
await cluster.remove();
