import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { TEMPLATE } from '../contract/definitions.ts';
import type { WalletServer } from '../engines/pots/wallet-server.ts';
import { active } from '../engines/pots/community-stage.ts';
import { HITS, PAID, settingsOf } from '../engines/pots/wallet-stage.ts';
import type { TwoServers } from './two-servers.ts';

/** Instances that are won in all ways. */
export interface Scene {
  /** Each contribution wins. */
  readonly hit: string;
  /** It is won as soon as a second is over. */
  readonly timed: string;
  /** It is won by triggers. */
  readonly triggered: string;
  /** Each contribution wins, and that is withheld. */
  readonly withheld: string;
  /** Each contribution wins, and others get a part of it. */
  readonly shared: string;
  readonly all: readonly string[];
}

export async function prepare(world: TwoServers, wallet: WalletServer): Promise<Scene> {
  const config = settingsOf(wallet);
  await world.must('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'ThrillGate', config });
  const timed = { ...PAID.pots[0]!, pot_types: [{ MustDropByTime: { period: { Seconds: 1 } } }] };
  const rules = { ...PAID.contribution_rules, withhold_above: 0 };
  const all = [
    await instanceOf(world, HITS),
    await instanceOf(world, { ...PAID, pots: [timed] }),
    await instanceOf(world, PAID),
    await instanceOf(world, { ...HITS, contribution_rules: rules }),
    await instanceOf(world, { ...HITS, pots: [{ ...HITS.pots[0]!, community_payouts: [active(0.4, 3)] }] }),
  ] as const;
  // The other server learns of the wallet within a second.
  await sleep(1200);
  return { all, hit: all[0], timed: all[1], triggered: all[2], withheld: all[3], shared: all[4] };
}

async function instanceOf(world: TwoServers, changes: JsonObject): Promise<string> {
  const id = randomUUID();
  await world.must('admin', 'TemplateService.SaveTemplate', { template: { ...TEMPLATE, ...changes, id } });
  await world.must('admin', 'TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
  const made = await world.must('admin', 'TemplateService.InstantiateTemplate', {
    template_owner_id: 'demo',
    template_id: id,
    instance_owner_id: 'demo',
    instance_name: 'An instance',
  });
  const { id: instance_id } = made.instance ?? made;
  await world.must('admin', 'InstanceService.SetInstanceStatus', { instance_id, status: 'Active' });
  return instance_id;
}

interface Operating {
  readonly players: readonly string[];
  random(): number;
  ended(): boolean;
}

/** What the operator does meanwhile: each call is made twice with its key. */
export async function operate(
  world: TwoServers,
  { triggered, withheld }: Scene,
  { players, random, ended }: Operating,
): Promise<void> {
  const twice = async (rpc: string, request: JsonObject): Promise<void> => {
    const keyed = { ...request, idempotency_key: randomUUID() };
    for (let i = 0; i < 2; i++) await world.ask('admin', rpc, keyed);
  };
  for (let settled = 0; !ended();) {
    await twice('InstanceService.TriggerPot', {
      instance_id: triggered,
      pot_id: 'main',
      brand_id: 'demo:main',
      player_id: players[Math.floor(random() * players.length)]!,
      source_id: 'machine',
    });
    const wins: any[] = await world.must('service', 'WithheldWinService.ListWithheldWins', {
      instance_id: withheld,
      status: 'Withheld',
    });
    for (const { gameround_id } of wins.slice(0, 3)) {
      const verb = settled++ % 3 === 1 ? 'Reject' : 'Release';
      await twice(`WithheldWinService.${verb}WithheldWin`, { gameround_id, instance_id: withheld, reason: 'checked' });
    }
    await sleep(random() * 300);
  }
}
