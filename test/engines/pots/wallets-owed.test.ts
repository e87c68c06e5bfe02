import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, test } from 'vitest';
import { RAFFLE_RULES } from '../../contract/definitions.ts';
import { startService, until, type Service } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { Stream } from '../../webhooks/stream.ts';
import { active, trigger } from './community-stage.ts';
import { Stage } from './stage.ts';
import { WalletServer } from './wallet-server.ts';
import { assertBooks, dollarsOf, finishAll, hurry, newPlayer, PAID, settingsOf } from './wallet-stage.ts';

let service: Service;
let stage: Stage;
let wallet: WalletServer;
beforeAll(async () => {
  service = await startService();
  stage = new Stage(service);
  wallet = await WalletServer.start();
  const config = settingsOf(wallet);
  await stage.call('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'ThrillGate', config });
});
afterEach(() => {
  wallet.behaviour = () => undefined;
});
afterAll(async () => {
  await service.stop();
  await wallet.stop();
});

const terminate = (instance_id: string): Promise<any> =>
  stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id, status: 'Terminated' });
/** What the wallet was asked to credit to a player: each transaction with its amount. */
const creditsOf = (player: string): [string, number][] =>
  [...wallet.credits].filter(([, one]) => one.player === player).map(([id, { amount }]) => [id, Number(amount) / 1e6]);
/** Asserts that players have what they should in the wallet, and nothing in the built-in ledger. */
async function assertHave(players: Readonly<Record<string, number>>): Promise<void> {
  for (const [player, amount] of Object.entries(players)) {
    assert.equal(dollarsOf(wallet, player), amount);
    assert.equal(await stage.balance(player, 'USD'), '0');
  }
}

const credits = (instance_id: string, more: JsonObject = {}): Promise<any[]> =>
  stage.call('service', 'WalletService.ListWalletCredits', { instance_id, ...more });

test('a pot whose time is up is credited to its winner by the wallet', async () => {
  const pot = { ...PAID.pots[0]!, pot_types: [{ MustDropByTime: { period: { Seconds: 1 } } }] };
  const [id, who] = [await stage.instance({ ...PAID, pots: [pot] }), newPlayer(wallet)];
  await stage.contribute(id, who);
  await until(async () => creditsOf(who).length > 0);
  await finishAll(service.databaseUrl);
  await assertHave({ [who]: 9.75 });
});

test('so are pots that are dropped, and those that are drawn at last', async () => {
  const [id, who] = [await stage.instance(PAID), newPlayer(wallet)];
  await stage.contribute(id, who);
  const dropped = await stage.call('admin', 'JackpotService.DropJackpot', { id, pot_id: 'main' });
  await stage.contribute(id, who);
  await terminate(id);
  const drawn = await stage.call('admin', 'JackpotService.DrawPot', { id, pot_id: 'main' });
  await finishAll(service.databaseUrl);
  assert.deepEqual(creditsOf(who), [
    [dropped.drop_id, 0.25],
    [drawn.draw_id, 0.25],
  ]);
  await assertHave({ [who]: 9.5 });
});

test('each winner of a raffle has one credit, though the wallet loses answers and refuses one of them', async () => {
  const raffle_rules = { ticket_cost: 0.5, winners: [{ count: 6, percentage: 0.6 }] };
  const { pots, contribution_rules } = PAID;
  const raffle = { ...RAFFLE_RULES, contribution_rules, raffle_rules };
  const plain = { ...pots[0]!, supports_external_trigger: false };
  const [id, players] = [await stage.instance({ ...raffle, pots: [plain] }), [1, 2, 3].map(() => newPlayer(wallet))];
  for (const who of [...players, ...players]) await stage.contribute(id, who);
  const [blocked] = players.splice(1, 1) as [string];
  let refusals = 0;
  wallet.behaviour = (action, { player_id: who }, before) => {
    if (action !== 'credit') return undefined;
    if (who === blocked && (refusals += 1))
      return { does: false, answers: { status: 403, body: { code: 'PLAYER_BLOCKED' } } };
    return before === 0 ? { answers: 'cut' } : undefined;
  };
  const stream = new Stream(service.envoy.base, '?types=pots.*', await service.credentials('service', ''));
  await terminate(id);
  await until(async () => {
    await hurry(service.databaseUrl);
    return (await credits(id, { status: 'Paid' })).length === 2 && refusals > 1;
  });
  const [{ transaction_id, gameround_id, brand_id, timestamp, ...pending }, ...others] = await credits(id, {
    status: 'Pending',
  });
  assert.deepEqual(pending, {
    debit_transaction_id: null,
    instance_id: id,
    player_id: blocked,
    currency: 'USD',
    amount: 0.3,
    reason: 'Raffle',
    status: 'Pending',
    refusal: 'PlayerBlocked',
    paid_timestamp: null,
  });
  assert.deepEqual(others, []);
  players.push(blocked);
  wallet.behaviour = () => undefined;
  await finishAll(service.databaseUrl);
  const paid = await credits(id);
  assert.deepEqual(
    paid.map(({ status, refusal, amount, paid_timestamp: at }: any) => [status, refusal, amount, at >= timestamp]),
    players.map(() => ['Paid', null, 0.3, true]),
  );
  assert.ok(paid.some((one: any) => one.transaction_id === transaction_id));
  assert.ok(paid.every((one: any) => one.gameround_id === gameround_id));
  // One event of the refusals, and none of what was only lost.
  const told = await runSql(service.databaseUrl, 'select from journal where kind = 1647');
  assert.equal(told.length, 1);
  const errorsOf = (): any[] => stream.events.filter(({ type }: any) => type === 'pots.raffle_payout_error');
  await until(async () => errorsOf().length > 0);
  const record = { brand_id, currency: 'USD', player_id: blocked, win_amount: 0.3 };
  assert.deepEqual(
    errorsOf().map(({ data }) => data),
    [{ instance_id: id, failed_payouts: [record] }],
  );
  stream.close();
  // Six tickets of a pot of 1.5, and each of them wins 0.15.
  await assertHave(Object.fromEntries(players.map((who) => [who, 9.3])));
  const ids = players.flatMap(creditsOf).map(([transaction]) => transaction);
  assert.equal(new Set(ids).size, 3);
  assert.equal(new Set(ids.map((one) => one.split('.')[0])).size, 1);
});

test('players who share a win have a credit each; one that is refused is told', async () => {
  const pot = { ...PAID.pots[0]!, community_payouts: [active(0.2, 2)] };
  const [id, players] = [await stage.instance({ ...PAID, pots: [pot] }), [1, 2, 3].map(() => newPlayer(wallet))];
  for (const who of players) await stage.contribute(id, who);
  const [winner, blocked, other] = players as [string, string, string];
  const refuses = { does: false, answers: { status: 404, body: { code: 'PLAYER_NOT_FOUND' } } };
  wallet.behaviour = (action, { player_id: who }, before) => {
    if (action !== 'credit') return undefined;
    if (who === blocked) return refuses;
    return before === 0 ? { answers: 'cut' } : undefined;
  };
  const stream = new Stream(service.envoy.base, '?types=pots.*', await service.credentials('service', ''));
  await trigger(stage, id, winner);
  const told = (): any => stream.events.find(({ type }: any) => type === 'pots.community_payout_error');
  await until(async () => told() !== undefined);
  wallet.behaviour = () => undefined;
  await finishAll(service.databaseUrl);
  // A fifth of 0.75 is shared by two.
  await assertHave({ [winner]: 10.1, [blocked]: 9.575, [other]: 9.575 });
  const paid = await credits(id, { status: 'Paid' });
  assert.deepEqual(
    paid.map(({ reason }: any) => reason),
    ['Share', 'Share', 'Trigger'],
  );
  const { data } = told();
  const refused = paid.find(({ player_id: who }: any) => who === blocked);
  assert.deepEqual([data.gameround_id, data.tx_credit_id], [refused.gameround_id, refused.transaction_id]);
  assert.deepEqual(data.failed_payouts, [
    { brand_id: 'demo:main', currency: 'USD', player_id: blocked, win_amount: 0.075 },
  ]);
  assert.equal(new Set(paid.map(({ gameround_id: round }: any) => round)).size, 1);
  stream.close();
});

const held = (rules: JsonObject): JsonObject => ({
  ...PAID,
  contribution_rules: { ...PAID.contribution_rules, ...rules },
});

test('nothing that is withheld is credited; what is released is, once, and what is rejected never', async () => {
  const [id, who] = [await stage.instance(held({ withhold_above: 0 })), newPlayer(wallet)];
  const rounds: string[] = [];
  for (let i = 0; i < 2; i++) {
    await stage.contribute(id, who);
    await trigger(stage, id, who);
    const [{ gameround_id: round }] = await stage.call('service', 'WithheldWinService.ListWithheldWins', {
      instance_id: id,
      status: 'Withheld',
    });
    rounds.push(round);
  }
  assert.deepEqual(await open(), 0);
  await settle('Reject', id, rounds[0]!);
  assert.deepEqual(await open(), 0);
  assert.deepEqual(creditsOf(who), []);
  for (let i = 0; i < 2; i++) await settle('Release', id, rounds[1]!);
  await finishAll(service.databaseUrl);
  assert.deepEqual(
    creditsOf(who).map(([, amount]) => amount),
    [0.25],
  );
  await assertHave({ [who]: 9.25 });
});

const open = async (): Promise<number> =>
  (await runSql(service.databaseUrl, 'select count(*)::int as n from pots_wallet_call where is_open = 1'))[0]!.n;

const settle = (verb: string, instance_id: string, gameround_id: string): Promise<any> =>
  stage.call('admin', `WithheldWinService.${verb}WithheldWin`, { instance_id, gameround_id, reason: 'checked' });

test('a withheld win of a contribution that the wallet has paid is credited there when it is released', async () => {
  const pot = { ...PAID.pots[0]!, pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }] };
  const [id, who] = [await stage.instance({ ...held({ withhold_above: 0 }), pots: [pot] }), newPlayer(wallet)];
  const { body } = (await stage.contribute(id, who)) as any;
  assert.equal(body[0].win_withheld, true);
  await finishAll(service.databaseUrl);
  assert.deepEqual(creditsOf(who), []);
  await settle('Release', id, body[0].gameround_id);
  await finishAll(service.databaseUrl);
  await assertHave({ [who]: 9.75 });
});

test('the built-in ledger pays where there is no wallet', async () => {
  await stage.call('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'InMemory' });
  const [id, who] = [await stage.instance(PAID), randomUUID()];
  await stage.fund(who, 'USD', '0.5');
  await stage.contribute(id, who);
  const calls = wallet.calls.length;
  await terminate(id);
  await stage.call('admin', 'JackpotService.DrawPot', { id, pot_id: 'main' });
  assert.equal(await stage.balance(who, 'USD'), '0.25');
  assert.deepEqual([await open(), wallet.calls.length], [0, calls]);
});

test('the books of the wallet and of the journal agree, and all state is what the journal says', async () => {
  await assertBooks(wallet, service.databaseUrl);
  await stage.audit();
});
