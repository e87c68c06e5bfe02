import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { RAFFLE_RULES } from '../../contract/definitions.ts';
import { grpcApi } from '../../support/api.ts';
import { startServer, startService, until, type ServerProcess, type Service } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { Receiver } from '../../webhooks/receiver.ts';
import { contribution, Stage } from './stage.ts';
import { WalletServer, type Manner } from './wallet-server.ts';
import { assertBooks, dollarsOf, finishAll, HITS, hurry, newPlayer, PAID, settingsOf } from './wallet-stage.ts';

/** Two servers on one database: what one of them has begun the other one goes on with. */
let service: Service;
const more: ServerProcess[] = [];
let stage: Stage;
let wallet: WalletServer;
let receiver: Receiver;
beforeAll(async () => {
  service = await startService();
  more.push(await startServer(service.databaseUrl));
  stage = new Stage(service);
  [wallet, receiver] = [await WalletServer.start(), await Receiver.start()];
  // Nothing here depends on a time-out, or on what is tried again at once.
  const config = { ...settingsOf(wallet), timeout_ms: 20_000, tries: 1 };
  await stage.call('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'ThrillGate', config });
  await stage.call('admin', 'WebhookService.RotateWebhookSecret', { webhook_id: 'callbacks' });
});
afterEach(() => {
  wallet.behaviour = () => undefined;
});
afterAll(async () => {
  await service.stop();
  for (const server of more) await server.end('SIGKILL');
  await wallet.stop();
  await receiver.stop();
});

const rows = (where: string): Promise<any[]> =>
  runSql(service.databaseUrl, `select * from pots_wallet_call where ${where}`);
/** Runs the tasks of wallets, at any server, until something holds. */
const hurriedUntil = (holds: () => Promise<boolean>): Promise<void> =>
  until(async () => {
    await hurry(service.databaseUrl);
    return holds();
  });
/** A promise that is kept later. */
function later(): { readonly kept: Promise<void>; keep(): void } {
  let keep = (): void => undefined;
  const kept = new Promise<void>((resolve) => (keep = resolve));
  return { kept, keep: () => keep() };
}

test('a debit that is made after it was cancelled is cancelled again, and the call can be made again', async () => {
  const [id, who, key] = [await stage.instance(HITS), newPlayer(wallet), randomUUID()];
  const { kept, keep } = later();
  wallet.behaviour = (action) => (action === 'debit' ? { isLate: true, after: kept } : undefined);
  const first = stage.contribute(id, who, { idempotency_key: key });
  await until(async () => wallet.calls.some(({ action }) => action === 'debit'));
  // The other server does not know that the debit is under way.
  await hurriedUntil(async () => (await rows('state = 4')).length === 1);
  const [{ debit_id: debit }] = await rows('state = 4');
  // Tasks that are hurried may cancel it more than once.
  const [asked, ...before] = wallet.of(debit);
  assert.deepEqual([asked, ...new Set(before)], ['debit', 'cancel']);
  assert.equal(wallet.debits.get(debit)!.made, false);
  keep();
  const { status, body } = (await first) as any;
  assert.deepEqual([status, body.code], [502, 'WALLET_ERROR']);
  await finishAll(service.databaseUrl);
  const [, ...cancels] = wallet.of(debit);
  assert.deepEqual([...new Set(cancels)], ['cancel']);
  assert.ok(cancels.length > before.length);
  assert.equal(dollarsOf(wallet, who), 10);
  wallet.behaviour = () => undefined;
  assert.equal((await stage.contribute(id, who, { idempotency_key: key })).status, 200);
  await finishAll(service.databaseUrl);
  assert.equal(dollarsOf(wallet, who), 9.75);
  assert.equal((await stage.get(id)).total_contributions, 1);
});

test('a debit that two servers learn of is one contribution', async () => {
  const [id, who] = [await stage.instance(HITS), newPlayer(wallet)];
  const { kept, keep } = later();
  let debits = 0;
  wallet.behaviour = (action) => (action === 'debit' && (debits += 1) === 1 ? { after: kept } : undefined);
  const options = { callback: { web_hook: receiver.url } };
  assert.equal((await stage.contribute(id, who, { options })).status, 200);
  await until(async () => debits === 1);
  await hurriedUntil(async () => debits === 2 && (await stage.get(id)).total_contributions === 1);
  const operations = async (): Promise<number> =>
    (await runSql(service.databaseUrl, 'select count(*)::int as n from journal where kind = 1642'))[0]!.n;
  const before = await operations();
  keep();
  // The server that was late has its answer, and has looked at the row, once another of its contributions is made.
  await stage.contribute(id, newPlayer(wallet));
  await finishAll(service.databaseUrl);
  assert.equal(await operations(), before + 1);
  assert.equal((await stage.get(id)).total_contributions, 2);
  assert.equal(dollarsOf(wallet, who), 9.75);
  // It is sent by another task: a second one would be as late.
  await until(async () => receiver.received.length > 0);
  assert.equal(receiver.received.length, 1);
});

const REFUSED: Manner = { does: false, answers: { status: 403, body: { code: 'TOKEN_INVALID' } } };
/** It debits, and nobody learns of it. */
const UNHEARD: Manner = { answers: 'cut' };

describe('a debit whose answer is lost is cancelled', () => {
  test('if the session is refused once the contribution is resumed', async () => {
    const [id, who, { kept, keep }] = [await stage.instance(HITS), newPlayer(wallet), later()];
    wallet.behaviour = (action) => (action === 'debit' ? { ...UNHEARD, after: kept } : undefined);
    const told = receiver.received.length;
    await stage.contribute(id, who, { options: { callback: { web_hook: receiver.url } } });
    await until(async () => dollarsOf(wallet, who) === 9.5);
    wallet.behaviour = (action) => (action === 'authenticate' ? REFUSED : undefined);
    // The other server does not know that the debit is under way, or was made.
    await hurriedUntil(async () => (await rows('state = 4 and is_callback = 1')).length === 1);
    assert.equal(dollarsOf(wallet, who), 10);
    keep();
    await until(async () => receiver.received.length > told);
    const { type, message } = JSON.parse(receiver.received[told]!.body);
    assert.deepEqual([type, message], ['error', 'TokenInvalid']);
    await finishAll(service.databaseUrl);
    assert.equal(dollarsOf(wallet, who), 10);
  });

  test('again if it was made after the cancellation', async () => {
    const [id, who, { kept, keep }] = [await stage.instance(HITS), newPlayer(wallet), later()];
    const before = (await rows('state = 4')).length;
    wallet.behaviour = (action) => (action === 'debit' ? { ...UNHEARD, isLate: true, after: kept } : undefined);
    const first = stage.contribute(id, who);
    await until(async () => wallet.calls.at(-1)!.action === 'debit');
    await hurriedUntil(async () => (await rows('state = 4')).length > before);
    keep();
    await first;
    await finishAll(service.databaseUrl);
    assert.equal(dollarsOf(wallet, who), 10);
  });
});

test('a repeated call goes on with the session that is kept, not with its own, which may have expired', async () => {
  const [id, who, { kept, keep }] = [await stage.instance(HITS), newPlayer(wallet), later()];
  let debits = 0;
  wallet.behaviour = (action) => (action === 'debit' && (debits += 1) === 1 ? { after: kept } : undefined);
  const options = { callback: { web_hook: receiver.url } };
  const request = { idempotency_key: randomUUID(), options };
  await stage.contribute(id, who, request);
  await until(async () => debits === 1);
  const { call, close } = grpcApi(more[0]!.address);
  const { status } = await call(
    'ContributionService.Contribute',
    { ...contribution(id, who), ...request, player: { ...contribution(id, who).player, token: 'expired' } },
    await service.credentials('service', ''),
  );
  close();
  assert.equal(status, 'OK');
  await until(async () => (await stage.get(id)).total_contributions === 1);
  keep();
  await finishAll(service.databaseUrl);
  assert.equal(dollarsOf(wallet, who), 9.75);
});

test('what is owed when all servers are killed is credited by the next one, once each', async () => {
  const { pots, contribution_rules } = PAID;
  const raffle_rules = { ticket_cost: 0.5, winners: [{ count: 3, percentage: 0.6 }] };
  const plain = { ...pots[0]!, supports_external_trigger: false };
  const raffle = { ...RAFFLE_RULES, contribution_rules, raffle_rules, pots: [plain] };
  const [id, players] = [await stage.instance(raffle), [1, 2, 3].map(() => newPlayer(wallet))];
  const held = await stage.instance({ ...HITS, contribution_rules: { ...contribution_rules, withhold_above: 0 } });
  for (const who of players) await stage.contribute(id, who);
  const { body } = (await stage.contribute(held, players[0]!)) as any;
  await finishAll(service.databaseUrl);
  // It makes each credit, and nobody is told.
  wallet.behaviour = (action) => (action === 'credit' ? { answers: 'nothing' } : undefined);
  const given = wallet.credits.size;
  await stage.call('admin', 'WithheldWinService.ReleaseWithheldWin', {
    instance_id: held,
    gameround_id: body[0].gameround_id,
    reason: 'checked',
  });
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Terminated' });
  const owed = await winners(id);
  await until(async () => wallet.credits.size === given + 1 + owed);
  for (const server of [service.server, ...more]) await server.end('SIGKILL');
  wallet.behaviour = () => undefined;
  more.push(await startServer(service.databaseUrl));
  await finishAll(service.databaseUrl);
  assert.equal(wallet.credits.size, given + 1 + owed);
  const sum = players.reduce((dollars, who) => dollars + dollarsOf(wallet, who), 0);
  // Three paid 0.5 and one 0.5 more; 0.45 of the raffle's pot and 0.25 came back.
  assert.equal(sum.toFixed(6), (30 - 2 + 0.45 + 0.25).toFixed(6));
});

/** How many players have won a raffle that has just ended, once they have. */
async function winners(id: string): Promise<number> {
  let count = 0;
  await until(async () => {
    const credits = await stage.call('service', 'WalletService.ListWalletCredits', { instance_id: id });
    return (count = credits.length) > 0;
  });
  return count;
}

test('the books of the wallet and of the journal agree after all of it', () =>
  assertBooks(wallet, service.databaseUrl));
