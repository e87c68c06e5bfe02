import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { createOrm } from '../../src/db/index.ts';
import { engines } from '../../src/engines/index.ts';
import { entitiesOf } from '../../src/schema.ts';
import { bootstrap } from '../../src/tenants/index.ts';
import { Scene } from '../contract/scene.ts';
import { RAFFLE, TEMPLATE } from '../contract/definitions.ts';
import { active, lifetime, opt, perWin, shared, trigger } from '../engines/pots/community-stage.ts';
import { Stage } from '../engines/pots/stage.ts';
import { WalletServer } from '../engines/pots/wallet-server.ts';
import { finishAll, HITS, newPlayer, settingsOf } from '../engines/pots/wallet-stage.ts';
import { Caller, WRITES } from '../engines/writes.ts';
import { grpcApi } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { demoDatabase, startServer, until, type Service } from '../support/service.ts';
import { runSql } from '../support/sql.ts';

/** How many writes are made at once. */
const AT_ONCE = 8;

/**
 * The URL of a database in which something of everything has happened, and that no server is connected to.
 * @param writes how many of the contract's writes are made; unset: all.
 */
export async function databaseWithHistory(writes = Infinity): Promise<string> {
  const databaseUrl = await demoDatabase();
  await bootstrapSecond(databaseUrl);
  const server = await startServer(databaseUrl);
  const { call: grpc, close } = grpcApi(server.address);
  const callers = new Callers(grpc, databaseUrl);
  const credentials: Service['credentials'] = (as, userId) => callers.headers(as, userId);
  // No edge is started: what is stored is the same.
  const rest: Service['rest'] = async (...call) => {
    const outcome = await grpc(...call);
    const told = { reason: outcome.reason, ...outcome.details };
    return outcome.reason === null ? { ...outcome, status: 200 } : { ...outcome, status: 400, body: told };
  };
  const service = { grpc, rest, databaseUrl, server, credentials } as unknown as Service;
  try {
    const [scene, stage] = [new Scene(service), new Stage(service)];
    await Promise.all([everyEngine(scene), limited(scene, stage), community(scene, stage), carried(scene, stage)]);
    await write(service, Object.entries(WRITES).slice(0, writes));
    await wallets(service);
    await settled(databaseUrl);
  } finally {
    close();
    await server.end();
  }
  return databaseUrl;
}

/** Another operator, so that rows can be moved to it. */
async function bootstrapSecond(databaseUrl: string): Promise<void> {
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  await bootstrap(orm, {
    operator: 'beta',
    brand: { id: 2001, name: 'main' },
    assets: [{ code: 'WINZ', kind: 'coin' }],
    admin: { userName: 'bob', password: 'correct horse battery' },
  });
  await orm.close();
}

async function everyEngine(scene: Scene): Promise<void> {
  await Promise.all([
    scene.funded(),
    scene.draw(),
    scene.source(),
    scene.segment(),
    scene.currencies(),
    scene.optedIn(),
    scene.potsRaffle(),
    scene.withheld(),
    scene.wonJackpot(),
    scene.raffle(),
    scene.tournament(),
    scene.miniGame(),
    scene.journey(),
    scene.grant(),
    scene.delivery(),
    scene.key(),
    scene.admin(),
  ]);
}

/** Opens and tickets of which a player may have only some. */
async function limited(scene: Scene, stage: Stage): Promise<void> {
  const box = scene.unique('limited-box');
  await stage.call('admin', 'LootboxService.CreateLootbox', {
    id: box,
    prizes: [{ segment_label: 'few', asset: 'WINZ', amount: '1', weight: 1, stock: '5' }],
    limits: [{ count: 9, period: 'utc_day' }],
  });
  await stage.call('service', 'LootboxService.OpenLootbox', { id: box, user_id: scene.player });
  const raffle = scene.unique('limited-raffle');
  await stage.call('admin', 'RaffleService.CreateRaffle', { ...RAFFLE, id: raffle, max_tickets_per_player: 9 });
  await stage.call('service', 'RaffleService.EnterRaffle', { id: raffle, user_id: scene.player, tickets: 3 });
}

/** A pot that is won, and shared with others who contributed. */
async function community(scene: Scene, stage: Stage): Promise<void> {
  const id = await stage.instance(
    shared([active(0.1, 2), lifetime(0.1, 2), perWin(0.1, 2)], { opt_in_required: true }),
  );
  for (const one of [scene.player, scene.unique('second'), scene.unique('third')]) {
    await opt(stage, id, one);
    await stage.contribute(id, one);
  }
  await trigger(stage, id, scene.player);
}

/** Opt-ins that were carried to another instance. */
async function carried(scene: Scene, stage: Stage): Promise<void> {
  const [from, to] = [await stage.instance(), await stage.instance()];
  for (const one of [scene.player, scene.unique('carried')]) await opt(stage, from, one);
  await stage.call('admin', 'InstanceService.SetInstanceStatus', { instance_id: from, status: 'Paused' });
  await stage.call('admin', 'InstanceService.TransferPots', {
    source_instance_id: from,
    target_instance_id: to,
    user_id: 'somebody',
    transfer_optins: true,
    pot_rules: [{ source_pot: 'main', target_pot: { main: 1 } }],
    reason: 'a new one',
  });
}

/** Makes writes, each with what it needs and what comes after it. */
async function write(service: Service, writes: readonly (readonly [string, (typeof WRITES)[string]])[]): Promise<void> {
  const queue = [...writes];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [rpc, { as, prepare, change }] = next;
      const caller = new Caller(service, 'grpc');
      const { reason } = await caller.call(rpc, as, { ...(await prepare(caller)), idempotency_key: caller.id });
      if (reason !== null) throw new Error(`${rpc}: ${reason}`);
      await change(caller);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Contributions that a wallet pays for. */
async function wallets(service: Service): Promise<void> {
  const wallet = await WalletServer.start();
  const caller = new Caller(service, 'grpc');
  const { id } = caller;
  const config = settingsOf(wallet);
  await caller.done('WalletService.SetWalletConfiguration', 'admin', { wallet_type: 'ThrillGate', config });
  await caller.done('TemplateService.SaveTemplate', 'admin', { template: { ...TEMPLATE, ...HITS, id } });
  await caller.done('TemplateService.PublishTemplate', 'admin', { owner_id: 'demo', template_id: id });
  const made = await caller.done('TemplateService.InstantiateTemplate', 'admin', {
    template_owner_id: 'demo',
    template_id: id,
    instance_owner_id: 'demo',
    instance_name: id,
  });
  const target: JsonObject = { type: 'instance', id: String(made['id']) };
  await caller.done('InstanceService.SetInstanceStatus', 'admin', { instance_id: made['id']!, status: 'Active' });
  // The server learns of the wallet within a second.
  await sleep(1200);
  await caller.done('ContributionService.Contribute', 'service', {
    target,
    owner_id: 'demo',
    player: { id: newPlayer(wallet), token: 't', country: 'MT', brand_id: 'main' },
    base_wager: { currency: 'USD', value: 1 },
    idempotency_key: id,
  });
  await finishAll(service.databaseUrl);
  await caller.done('WalletService.SetWalletConfiguration', 'admin', { wallet_type: 'InMemory' });
  await wallet.stop();
}

const BEHIND =
  'select 1 from follower f where f.tx <> (select max(j.tx) from journal j where j.operator_id = f.operator_id)';

/** Waits for the followers. */
const settled = (databaseUrl: string): Promise<void> =>
  until(async () => (await runSql(databaseUrl, BEHIND)).length === 0);
