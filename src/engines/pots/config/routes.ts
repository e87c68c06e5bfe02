import type { EntityManager } from '@mikro-orm/postgresql';
import { nextId } from '../../../db/index.ts';
import { recordFact, sealRow } from '../../../journal/index.ts';
import { ApiError } from '../../../kernel/index.ts';
import type { Actor } from '../../../tenants/index.ts';
import { PotsRoute, routeKind, sealed, type Assigned, type RouteKind } from './entities.ts';
import { routeChanged } from './facts.ts';

/** How many instances a route leads to. */
const ASSIGNED_MAX = 100;

/** A source or segment of an owner. */
export interface RouteKey {
  readonly kind: RouteKind;
  readonly code: string;
  /** 0: the operator's own. */
  readonly brandId: number;
}

export interface NewRoute extends RouteKey {
  readonly name: string | null;
  readonly priority: number;
  readonly jackpots: readonly Assigned[];
}

/** What became of the items of a batch, by their codes. */
export interface Added {
  readonly succeeded: string[];
  readonly duplicated: string[];
}

/** Adds routes; those that exist stay as they are. */
export async function addRoutes(em: EntityManager, author: Actor, routes: readonly NewRoute[]): Promise<Added> {
  const added: Added = { succeeded: [], duplicated: [] };
  const known = await existing(em, author, routes);
  for (const { kind, code, brandId, name, priority, jackpots } of routes) {
    const key = keyOf({ kind, code, brandId });
    if (known.has(key)) {
      added.duplicated.push(code);
      continue;
    }
    const { operator: operatorId } = author;
    const routeId = await nextId(em, 'pots_route', 'route_id');
    const row = em.create(PotsRoute, {
      operatorId,
      routeId,
      code,
      brandId,
      name,
      priority,
      kind: routeKind[kind],
      jackpots: inOrder(jackpots),
    });
    await record(em, author, row, false);
    known.set(key, row);
    added.succeeded.push(code);
  }
  return added;
}

/** What became of the items of a batch, by their codes. */
export interface Deleted {
  readonly succeeded: string[];
  readonly failed: string[];
}

/** Deletes routes. */
export async function deleteRoutes(em: EntityManager, author: Actor, keys: readonly RouteKey[]): Promise<Deleted> {
  const deleted: Deleted = { succeeded: [], failed: [] };
  const known = await existing(em, author, keys);
  for (const key of keys) {
    const row = known.get(keyOf(key));
    if (row === undefined) {
      deleted.failed.push(key.code);
      continue;
    }
    known.delete(keyOf(key));
    em.remove(row);
    await record(em, author, row, true);
    deleted.succeeded.push(key.code);
  }
  return deleted;
}

/** Lets routes lead to an instance, after all others. Throws …_NOT_FOUND, ASSIGNMENT_LIMIT_REACHED. */
export async function assignJackpot(
  em: EntityManager,
  author: Actor,
  keys: readonly RouteKey[],
  instance: string,
): Promise<void> {
  await changeRoutes(em, author, keys, ({ code, jackpots }) => {
    if (jackpots.some((one) => one.instance === instance)) return jackpots;
    if (jackpots.length >= ASSIGNED_MAX)
      throw new ApiError('ASSIGNMENT_LIMIT_REACHED', `it leads to ${ASSIGNED_MAX} instances already`, {
        details: { id: code, limit: String(ASSIGNED_MAX) },
      });
    const last = jackpots.at(-1)?.priority ?? -1;
    return [...jackpots, { instance, priority: Math.min(last + 1, PRIORITY_MAX) }];
  });
}

/** The largest number of the contract's type. */
const PRIORITY_MAX = 2 ** 31 - 1;

/** Takes an instance from routes. Throws …_NOT_FOUND. */
export async function unassignJackpot(
  em: EntityManager,
  author: Actor,
  keys: readonly RouteKey[],
  instance: string,
): Promise<void> {
  await changeRoutes(em, author, keys, ({ jackpots }) => jackpots.filter((one) => one.instance !== instance));
}

/** Changes priorities. Returns all that the route leads to. Throws …_NOT_FOUND, JACKPOT_NOT_MAPPED. */
export async function prioritise(
  em: EntityManager,
  author: Actor,
  key: RouteKey,
  priorities: ReadonlyMap<string, number>,
): Promise<readonly Assigned[]> {
  const [row] = await changeRoutes(em, author, [key], ({ jackpots }) => {
    for (const id of priorities.keys()) {
      if (jackpots.some(({ instance }) => instance === id)) continue;
      const details = { instance_id: id };
      throw new ApiError('JACKPOT_NOT_MAPPED', 'it does not lead to the instance', { details });
    }
    return inOrder(jackpots.map((one) => ({ ...one, priority: priorities.get(one.instance) ?? one.priority })));
  });
  return row!.jackpots;
}

/** Equal priorities stay in the order in which they were assigned. */
const inOrder = (jackpots: readonly Assigned[]): Assigned[] => jackpots.toSorted((a, b) => a.priority - b.priority);

async function changeRoutes(
  em: EntityManager,
  author: Actor,
  keys: readonly RouteKey[],
  change: (row: PotsRoute) => readonly Assigned[],
): Promise<PotsRoute[]> {
  const known = await existing(em, author, keys);
  const rows = keys.map((key) => known.get(keyOf(key)) ?? refuse(key));
  for (const row of new Set(rows)) {
    const before = JSON.stringify(row.jackpots);
    row.jackpots = change(row);
    if (JSON.stringify(row.jackpots) !== before) await record(em, author, row, false);
  }
  return rows;
}

const NOT_FOUND = { source: 'SOURCE_NOT_FOUND', segment: 'SEGMENT_NOT_FOUND' } as const;

function refuse({ kind, code: id }: RouteKey): never {
  throw new ApiError(NOT_FOUND[kind], `no such ${kind}`, { details: { id } });
}

const keyOf = ({ kind, code, brandId }: RouteKey): string => `${routeKind[kind]} ${brandId} ${code}`;

/** The stored ones of routes. */
async function existing(
  em: EntityManager,
  { operator: operatorId }: Actor,
  keys: readonly RouteKey[],
): Promise<Map<string, PotsRoute>> {
  const kind = { $in: [...new Set(keys.map((key) => routeKind[key.kind]))] };
  const code = { $in: [...new Set(keys.map((key) => key.code))] };
  const rows = await em.find(PotsRoute, { operatorId, kind, code });
  return new Map(rows.map((row) => [`${row.kind} ${row.brandId} ${row.code}`, row]));
}

/** Stores a change with its fact. */
async function record(em: EntityManager, author: Actor, row: PotsRoute, removed: boolean): Promise<void> {
  await em.flush();
  const { routeId: id, kind, code, priority, jackpots } = row;
  await sealRow(em, sealed.route, author.operator, id);
  const data = { kind, code, priority, jackpots, removed, brand: BigInt(row.brandId), name: row.name ?? undefined };
  await recordFact(em, { ...author, kind: routeChanged, id, data, keys: [] });
}
