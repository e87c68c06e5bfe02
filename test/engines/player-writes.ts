import type { JsonObject } from '@bufbuild/protobuf';
import type { Caller, Write } from './writes.ts';

const LIMITS = [{ kind: 'opens', period: 'day', amount: '100' }];
const make = (caller: Caller) =>
  caller.done('PlayerService.CreatePlayer', 'service', { user_id: caller.id, country: 'MT' });
const exclude = (caller: Caller) => caller.done('PlayerService.ExcludePlayer', 'admin', { user_id: caller.id });
const tighten = (caller: Caller) =>
  caller.done('PlayerService.SetLimits', 'admin', {
    user_id: caller.id,
    limits: [{ ...LIMITS[0]!, amount: '1' }],
  });

/** A grant of the caller's player, who has opened a box with an item. */
async function grant(caller: Caller): Promise<JsonObject> {
  const [id, user_id] = [`${caller.id}-gift`, caller.id];
  const prizes = [{ segment_label: 'a', kind: 'item', item: 'sword', weight: 1 }];
  await caller.done('LootboxService.CreateLootbox', 'admin', { id, prizes });
  await caller.done('LootboxService.OpenLootbox', 'service', { id, user_id });
  const { grants } = (await caller.done('GrantService.ListGrants', 'service', { user_id })) as { grants: JsonObject[] };
  return { grant_id: grants[0]!['grant_id']!, reference: 'parcel-1' };
}

/** The writes about players and what they are owed that take a key. */
export const PLAYER_WRITES: Readonly<Record<string, Write>> = {
  'PlayerService.CreatePlayer': {
    as: 'service',
    operation: 'player.create',
    prepare: async ({ id }) => ({ user_id: id, country: 'MT', vip_level: 3 }),
    change: tighten,
  },
  'PlayerService.UpdatePlayer': {
    as: 'service',
    operation: 'player.update',
    prepare: async (caller) => (await make(caller), { user_id: caller.id, country: 'DE' }),
    change: (caller) => caller.done('PlayerService.UpdatePlayer', 'admin', { user_id: caller.id, vip_level: 7 }),
  },
  'PlayerService.SetLimits': {
    as: 'service',
    operation: 'player.set-limits',
    prepare: async ({ id }) => ({ user_id: id, limits: LIMITS }),
    change: tighten,
  },
  'PlayerService.ExcludePlayer': {
    as: 'admin',
    operation: 'player.exclude',
    prepare: async ({ id }) => ({ user_id: id, kind: 'cool_off', end_time: '2090-01-01T00:00:00Z' }),
    change: exclude,
  },
  'PlayerService.LiftExclusion': {
    as: 'admin',
    operation: 'player.lift-exclusion',
    prepare: async (caller) => (await exclude(caller), { user_id: caller.id }),
    change: tighten,
  },
  'GrantService.ConfirmGrant': {
    as: 'service',
    operation: 'grant.confirm',
    prepare: grant,
    change: async () => undefined,
  },
  'FairnessService.SetClientSeed': {
    as: 'player',
    operation: 'fairness.client-seed',
    prepare: async () => ({ client_seed: 'my words' }),
    change: (caller) => caller.done('FairnessService.SetClientSeed', 'player', { client_seed: 'other words' }),
  },
};
