import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, until, type Service } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { Stream } from '../../webhooks/stream.ts';
import { active, assertPaid, lifetime, opt, perWin, shared, trigger } from './community-stage.ts';
import { replayed } from './community-replay.ts';
import { Stage } from './stage.ts';

let service: Service;
let stage: Stage;
let stream: Stream;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  stream = new Stream(service.envoy.base, '?types=pots.*', await service.credentials('service', ''));
  await until(async () => stream.messages.length > 0);
});
afterAll(async () => {
  stream.close();
  await service.stop();
});

const list = (id: string): Promise<any[]> =>
  stage.call('service', 'WithheldWinService.ListWithheldWins', { instance_id: id });
const settle = (verb: string, id: string, round: string) =>
  stage.outcome('admin', `WithheldWinService.${verb}WithheldWin`, {
    instance_id: id,
    gameround_id: round,
    reason: 'checked',
  });
const from = (player: string, country: string): JsonObject => ({
  player: { id: player, token: 't', country, brand_id: 'main' },
});
const main = async (id: string): Promise<any> => (await stage.get(id)).pots[0];

test('shares of a win that is withheld are withheld, and released or rejected one by one', async () => {
  const id = await stage.instance(shared([active(0.2, 2)], { withhold_above: 5 }));
  const [a, b, winner] = [randomUUID(), randomUUID(), randomUUID()];
  for (const player of [a, b]) await stage.contribute(id, player);
  await trigger(stage, id, winner);
  const all = await list(id);
  const round = all.at(-1).gameround_id;
  assert.deepEqual(
    all.map(({ gameround_id, player_id, win_amount, cause, status }) => [
      gameround_id,
      player_id,
      win_amount,
      cause,
      status,
    ]),
    [
      [`${round}.2`, a, 1.01, 'Win', 'Withheld'],
      [`${round}.1`, b, 1.01, 'Win', 'Withheld'],
      [round, winner, 8.08, 'Amount', 'Withheld'],
    ],
  );
  assert.equal((await settle('Release', id, `${round}.1`)).status, 200);
  assert.equal((await settle('Reject', id, `${round}.2`)).status, 200);
  assert.equal((await settle('Reject', id, round)).status, 200);
  assert.equal((await settle('Release', id, `${round}.2`)).status, 409);
  await assertPaid(stage, { [b]: '1.01', [a]: '0', [winner]: '0' });
  assert.equal((await main(id)).seed_value, 9.09);
  await stage.audit();
});

test('a share is withheld alone for its amount or its country; those that are paid are not listed', async () => {
  const rules = { opt_in_required: true, withhold_above: 9, withhold_countries: ['DE'] };
  const id = await stage.instance(shared([lifetime(0.3, 2)], rules, { seed_strategy: { initial_seed_value: 10 } }));
  const [a, b, winner] = [randomUUID(), randomUUID(), randomUUID()];
  for (const player of [a, b, winner]) await opt(stage, id, player);
  await stage.contribute(id, a, from(a, 'DE'));
  await stage.contribute(id, b);
  await trigger(stage, id, winner);
  await assertPaid(stage, { [b]: '1.515', [winner]: '7.07' });
  const [held, ...others] = await list(id);
  assert.deepEqual([held.player_id, held.cause, others], [a, 'Country', []]);
  const paid = held.gameround_id.replace(/1$/, '2');
  const refused = await settle('Release', id, paid);
  assert.deepEqual([refused.status, (refused.body as any).code], [404, 'WITHHELD_WIN_NOT_FOUND']);
});

test('what a balance cannot hold stays in escrow, is told, and is released later', async () => {
  const id = await stage.instance(shared([active(0.2, 2)]));
  const [a, rich, winner] = [randomUUID(), randomUUID(), randomUUID()];
  await stage.fund(rich, 'USD', '1.234567');
  for (const player of [a, rich]) await stage.contribute(id, player);
  const set = 'update account set balance = $1 where operator_id = 1 and balance = $2';
  await runSql(service.databaseUrl, set, ['9223372036854000000', '1234567']);
  await trigger(stage, id, winner);
  await assertPaid(stage, { [a]: '1.01' });
  const told = (): any => stream.events.find((one: any) => one.type === 'pots.community_payout_error');
  await until(async () => told() !== undefined);
  const [held, ...others] = await list(id);
  assert.deepEqual([held.player_id, held.cause, held.status, others], [rich, 'BalanceOutOfRange', 'Withheld', []]);
  const { event_type, data } = told();
  const failed = { player_id: rich, brand_id: 'demo:main', currency: 'USD', win_amount: 1.01 };
  assert.equal(event_type, 'CommunityPayoutErrorEvent');
  assert.deepEqual(data, {
    instance_id: id,
    gameround_id: held.gameround_id.split('.')[0],
    tx_credit_id: null,
    failed_payouts: [failed],
  });
  await runSql(service.databaseUrl, set, ['1234567', '9223372036854000000']);
  assert.equal((await settle('Release', id, held.gameround_id)).status, 200);
  await assertPaid(stage, { [rich]: '2.244567' });
});

const COUNTS = `select
  (select count(*)::int from jackpot_payout p where p.jackpot_id = j.id and p.state = 5) as paid,
  (select count(*)::int from jackpot_payout p where p.jackpot_id = j.id and p.state <> 5) as open,
  (select coalesce(sum(p.amount), 0) from jackpot_payout p where p.jackpot_id = j.id) as shares,
  (select sum(p.paid) from jackpot_pot p where p.jackpot_id = j.id) as won
from jackpot j join definition d on d.operator_id = j.operator_id and d.id = j.definition_id where d.code = $1`;

test('of players who contribute at the same time every share is paid once, and nothing is lost', async () => {
  const pot = { pot_types: [{ HitRate: { max_magic_number: 3, cost_per_attempt: 0.1 } }] };
  const payouts = [active(0.2, 2), lifetime(0.1, 2), perWin(0.1, 1)];
  const id = await stage.instance(shared(payouts, { opt_in_required: true }, pot));
  const players = Array.from({ length: 8 }, () => randomUUID());
  await Promise.all(players.map((player) => opt(stage, id, player)));
  const results = await Promise.all(
    players.flatMap((player) => Array.from({ length: 12 }, () => stage.contribute(id, player))),
  );
  const won = results.map(({ body }) => Math.round((body as any)[0].win_amount * 1e6));
  const wins = won.filter((amount) => amount > 0).length;
  assert.ok(wins > 5, `${wins} wins`);
  const counts = async (): Promise<any> => (await runSql(service.databaseUrl, COUNTS, [`jackpot/${id}`]))[0];
  await until(async () => (await counts()).open === 0);
  const { paid, shares } = await counts();
  assert.ok(paid > wins, `${paid} shares`);
  const balances = await Promise.all(players.map((player) => stage.balance(player, 'USD')));
  const have = balances.reduce((sum, amount) => sum + Math.round(Number(amount) * 1e6), 0);
  assert.equal(have, won.reduce((sum, amount) => sum + amount, 0) + Number(shares));
  // Chosen again from all players, in the order of the journal, they are the same.
  const again = await replayed(service.databaseUrl, id);
  assert.equal(again.wins, wins);
  assert.deepEqual(again.shares, again.expected);
  assert.equal(Number((await counts()).won), have);
  // All that was won has come from the starts of the pot and from contributions.
  const { pots } = await stage.get(id);
  const fed = 96 * 50_000 + 10_000_000 * (wins + 1);
  assert.equal(have + Math.round((pots[0].current_value + pots[0].seed_value) * 1e6), fed);
  await stage.audit();
});

test('a share that was changed in the database is found, and so is a list that players are chosen from', async () => {
  const { databaseUrl } = service;
  await runSql(databaseUrl, 'update jackpot_payout set amount = amount + 1 where state = 5');
  await assert.rejects(stage.audit(), /jackpot_payout/);
  await runSql(databaseUrl, 'update jackpot_payout set amount = amount - 1 where state = 5');
  await runSql(databaseUrl, "update jackpot_community set active = '[]' where active <> ''");
  await assert.rejects(stage.audit(), /jackpot_community/);
});
