import { setTimeout as sleep } from 'node:timers/promises';
import { runOne, type Work } from '../../../journal/index.ts';
import { ApiError, type Reason } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import type { Context } from '../../../rpc/index.ts';
import { boundInstance } from '../instance-found.ts';
import { ownerOf } from '../owner.ts';
import type { Choice, Report } from './choice.ts';
import { settingOptIns, type OptInChanges } from './opting.ts';

/** How many choices are applied at once. */
export const CHUNK = 1000;
/** Groups of a chunk that are applied at the same time: more would take all connections for reads. */
const AT_ONCE = 4;
/** How often a chunk that is refused because too many calls wait is tried again. */
const TRIES = 50;

/** Choices of players of one brand for an instance in one direction. */
interface Group extends Omit<Choice, 'playerId'> {
  /** By user id, how many choices the last one stands for. */
  readonly players: Map<string, number>;
}

/** What is told for each player; all other errors fail the call. */
const TOLD: ReadonlySet<Reason> = new Set<Reason>([
  'OPERATOR_NOT_FOUND',
  'BRAND_NOT_FOUND',
  'INSTANCE_NOT_FOUND',
  'OPT_IN_REJECTED',
]);

/** Applies choices in their order, at most `CHUNK` of them. */
export async function applyChoices(
  platform: Platform,
  context: Context,
  choices: readonly Choice[],
  report: Report,
): Promise<void> {
  const groups = groupsOf(choices).values();
  const worker = async (): Promise<void> => {
    for (const group of groups) await applyGroup(platform, context, group, report);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The last choice of a player for an instance counts. */
function groupsOf(choices: readonly Choice[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { instanceId, brandId, playerId, optIn } of choices) {
    const name = `${instanceId.toLowerCase()}|${brandId}`;
    const [key, other] = optIn ? [`${name}|in`, `${name}|out`] : [`${name}|out`, `${name}|in`];
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { instanceId, brandId, optIn, players: new Map() }));
    const overruled = groups.get(other)?.players;
    const count = (group.players.get(playerId) ?? 0) + (overruled?.get(playerId) ?? 0);
    overruled?.delete(playerId);
    group.players.set(playerId, count + 1);
  }
  return groups;
}

async function applyGroup(platform: Platform, context: Context, group: Group, report: Report): Promise<void> {
  if (group.players.size === 0) return;
  try {
    await applyKnown(platform, context, group, report);
  } catch (error) {
    if (!(error instanceof ApiError) || !TOLD.has(error.reason)) throw error;
    const told = error.reason === 'OPT_IN_REJECTED' ? error.message : error.reason;
    for (const [playerId, count] of group.players) report.fail(playerId, told, count);
  }
}

async function applyKnown(
  platform: Platform,
  context: Context,
  { instanceId, brandId, optIn: optedIn, players }: Group,
  report: Report,
): Promise<void> {
  const { caller } = context;
  const { operator } = caller;
  const tenant = await platform.tenants.of(operator);
  const brand = brandId.includes(':') ? ownerOf(tenant, caller, brandId) : tenant.brand(caller, brandId);
  await boundInstance(platform, caller, instanceId, false);
  const brandOf = { operator, brandId: brand };
  const known = await platform.players.ensureAll(brandOf, [...players.keys()], caller, tenant.createPlayers);
  const changes = await Promise.all(
    [...known.values()].map(async (player) => ({ player, newRow: await platform.newId() })),
  );
  const work = workOf(platform, context, { brand, optedIn, players: changes });
  if (changes.length > 0) await patiently(() => runOne(work, instanceId), context.signal);
  for (const [playerId, count] of players) {
    if (known.has(playerId)) report.applied += count;
    else report.fail(playerId, 'PLAYER_NOT_FOUND', count);
  }
}

/** The command for an instance. */
const workOf = (
  platform: Platform,
  { caller, signal, deadlineMs }: Context,
  changes: Omit<OptInChanges, 'instance'>,
): Work<string, OptInChanges, void> => ({
  journal: platform.journal,
  command: settingOptIns,
  async prepare(instanceId, fresh) {
    const instance = await boundInstance(platform, caller, instanceId, fresh);
    const { operator, name } = caller;
    const route = instance.definitionId;
    return {
      request: { ...changes, instance },
      options: { operator, caller: name, keys: [], requestHash: '', route, deadlineMs, signal },
    };
  },
});

/** Runs what may be refused because too many calls wait, until it is not. */
async function patiently(run: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      const waits = error instanceof ApiError && error.reason === 'OVERLOADED' && tries < TRIES;
      if (!waits) throw error;
      await sleep(error.retryAfterMs, undefined, { signal });
    }
  }
}
