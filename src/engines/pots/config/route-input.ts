import type { AssignedJackpot } from '../../../../gen/ts/windfall/pots/v1/assignment.ts';
import { ApiError, invalid, type Caller } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { findInstance } from '../instance-found.ts';
import { findListedCodes } from '../listing.ts';
import { instances } from '../instances.ts';
import { ownerOf } from '../owner.ts';
import { configure } from './configure.ts';
import type { Assigned, RouteKind } from './entities.ts';
import {
  addRoutes,
  assignJackpot,
  deleteRoutes,
  prioritise,
  unassignJackpot,
  type Deleted,
  type NewRoute,
  type RouteKey,
} from './routes.ts';

/** Where a source or segment is asked for. */
interface Scope {
  readonly platform: Platform;
  readonly caller: Caller;
  readonly kind: RouteKind;
}

/** A source or segment as a request names it. */
interface Named {
  readonly ownerId: string;
  readonly code: string;
}

/** A source or segment as a request adds it. */
interface NewNamed extends Named, Pick<NewRoute, 'name' | 'priority'> {
  readonly jackpots: readonly AssignedJackpot[];
  readonly assignedJackpots: readonly AssignedJackpot[];
}

/** What became of the items of a batch, by their ids. */
interface AddedIds {
  readonly succeeded: string[];
  readonly duplicated: string[];
  readonly failed: string[];
}

/** Adds sources or segments. Throws INVALID_ARGUMENT. */
export async function add({ platform, caller, kind }: Scope, items: readonly NewNamed[]): Promise<AddedIds> {
  const wanted = items.map((item, i) => ({ ...item, jackpots: assignedOf(item, `items[${i}]`) }));
  const ids = new Set(wanted.flatMap(({ jackpots }) => jackpots.map(({ instance }) => instance)));
  const known = await findListedCodes(platform.reads, caller.operator, instances.engine, 'instance', [...ids]);
  const tenant = await platform.tenants.of(caller.operator);
  const routes: NewRoute[] = [];
  const failed: string[] = [];
  for (const { ownerId, code, name, priority, jackpots } of wanted) {
    const brandId = found(() => ownerOf(tenant, caller, ownerId));
    if (brandId === undefined || jackpots.some(({ instance }) => !known.has(instance))) failed.push(code);
    else routes.push({ kind, code, brandId, name, priority, jackpots });
  }
  return { ...(await configure(platform, caller, (em, author) => addRoutes(em, author, routes))), failed };
}

function assignedOf({ jackpots, assignedJackpots }: NewNamed, at: string): Assigned[] {
  if (jackpots.length > 0 && assignedJackpots.length > 0)
    throw invalid(`${at}.assigned_jackpots`, 'must not be given together with jackpots');
  const assigned = [...jackpots, ...assignedJackpots].map(({ instanceId, priority }) => ({
    priority,
    instance: instanceId.toLowerCase(),
  }));
  if (new Set(assigned.map(({ instance }) => instance)).size < assigned.length)
    throw invalid(`${at}.jackpots`, 'must not have an instance twice');
  return assigned;
}

/** What a lookup finds; undefined: it throws that there is no such thing. */
function found<T>(lookup: () => T): T | undefined {
  try {
    return lookup();
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Deletes sources or segments. */
export async function remove({ platform, caller, kind }: Scope, items: readonly Named[]): Promise<Deleted> {
  const tenant = await platform.tenants.of(caller.operator);
  const keys = items.map(({ ownerId, code }) => ({
    kind,
    code,
    brandId: found(() => ownerOf(tenant, caller, ownerId)) ?? NOBODY,
  }));
  return configure(platform, caller, (em, author) => deleteRoutes(em, author, keys));
}

/** The number of no brand: so what it owns does not exist. */
const NOBODY = -1;

/** Sources or segments of an owner, and an instance. */
interface Assignment {
  readonly ownerId: string;
  readonly codes: readonly string[];
  readonly instanceId: string;
}

/** Lets sources or segments lead to an instance. Throws …_NOT_FOUND, ASSIGNMENT_LIMIT_REACHED. */
export async function assign(scope: Scope, { instanceId, ...named }: Assignment): Promise<void> {
  const keys = await keysOf(scope, named);
  const { code } = await findInstance(scope.platform, scope.caller, instanceId);
  await configure(scope.platform, scope.caller, (em, author) => assignJackpot(em, author, keys, code));
}

/** Takes an instance from sources or segments. Throws …_NOT_FOUND. */
export async function unassign(scope: Scope, { instanceId, ...named }: Assignment): Promise<void> {
  const keys = await keysOf(scope, named);
  const instance = instanceId.toLowerCase();
  await configure(scope.platform, scope.caller, (em, author) => unassignJackpot(em, author, keys, instance));
}

/** Changes priorities. Returns all that it leads to. Throws INVALID_ARGUMENT, …_NOT_FOUND, JACKPOT_NOT_MAPPED. */
export async function reprioritise(
  scope: Scope,
  { ownerId, code, priorities }: Named & { readonly priorities: ReadonlyMap<string, number> },
): Promise<AssignedJackpot[]> {
  const wanted = new Map([...priorities].map(([instance, priority]) => [instance.toLowerCase(), priority]));
  if (wanted.size < priorities.size) throw invalid('priorities', 'must not have an instance twice');
  const [key] = await keysOf(scope, { ownerId, codes: [code] });
  const jackpots = await configure(scope.platform, scope.caller, (em, author) => prioritise(em, author, key!, wanted));
  return jackpots.map(assignedMessage);
}

/** The message of an instance that a source or segment leads to. */
export const assignedMessage = ({ instance, priority }: Assigned): AssignedJackpot => ({
  priority,
  instanceId: instance,
});

async function keysOf(
  { platform, caller, kind }: Scope,
  { ownerId, codes }: Omit<Assignment, 'instanceId'>,
): Promise<RouteKey[]> {
  const brandId = ownerOf(await platform.tenants.of(caller.operator), caller, ownerId);
  return codes.map((code) => ({ kind, code, brandId }));
}
