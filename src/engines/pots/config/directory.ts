import type { EntityManager } from '@mikro-orm/postgresql';
import type { Reads } from '../../../db/index.ts';
import { readText } from '../../../journal/index.ts';
import { chain, type OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { ReadThrough } from '../../../tenants/index.ts';
import { idOfCode, statusNumber } from '../../../catalogue/index.ts';
import { listed } from '../entities.ts';
import { instances } from '../instances.ts';
import { PotsCurrency, routeKind, type Assigned, type RouteKind } from './entities.ts';
import { NO_RATES, Rates } from './rates.ts';

/** A change on another server takes effect within this time, as the contract promises. */
const FRESH_MS = 1000;
/** How many rates, and how many ids of instances, are cached. */
const RATES_MAX = 10_000;
const IDS_MAX = 200_000;
/** Rows by their keys take 1 ms: a read that takes this long hangs on a broken connection. */
const QUICK_MS = 2000;
/** How many instances with a game code are tried, the newest first. */
const CODED_MAX = 10;

type Soon<T> = T | Promise<T>;

/** What a source or segment leads to, for the players of a brand. */
interface Lead {
  readonly priority: number;
  /** In the order to try. */
  readonly instances: readonly Led[];
  /** Their ids, the active ones first. */
  readonly ids: readonly string[];
}

/** An instance that is led to. */
interface Led {
  readonly id: string;
  readonly active: boolean;
}

/** A cache of what operators have configured: rates, sources and segments. */
export class PotsDirectory {
  readonly #rates: ReadThrough<string, Rates>;
  readonly #leads: Readonly<Record<RouteKind, ReadThrough<string, Lead>>>;

  constructor(reads: Reads) {
    const common = { foundMs: FRESH_MS, missingMs: FRESH_MS };
    this.#rates = new ReadThrough<string, Rates>({
      ...common,
      read: (keys) => reads((em) => readRates(em, keys), QUICK_MS),
      sizeMax: RATES_MAX,
    });
    const leads = (kind: RouteKind): ReadThrough<string, Lead> =>
      new ReadThrough<string, Lead>({
        ...common,
        read: (keys) => reads((em) => readLeads(em, kind, keys), QUICK_MS),
        sizeMax: IDS_MAX,
        sizeOf: ({ instances }) => 1 + instances.length,
      });
    this.#leads = { source: leads('source'), segment: leads('segment') };
  }

  /** The rates of a brand, otherwise its operator's; no promise if they are cached. Throws UNAVAILABLE. */
  rates(operator: OperatorNo, brandId: number): Soon<Rates> {
    return chain(this.#rates.get(`${operator} ${brandId}`), (found) => found ?? NO_RATES);
  }

  /**
   * The ids of the instances that a contribution to a source may go to, in the order to try: those of the player's
   * segments, segments by their priority; then those of the source; then those with the source's id as their game code,
   * the newest first. Each once; all that are active come before all that are not. A brand's own source or segment
   * hides its operator's with the same id. Whether an instance takes the contribution is for the caller to find out. No
   * promise if all is cached. Throws UNAVAILABLE, OVERLOADED.
   * @param segments of the player; unknown ones are ignored.
   */
  candidates(
    operator: OperatorNo,
    brandId: number,
    sourceId: string,
    segments: readonly string[],
  ): Soon<readonly string[]> {
    const source = this.#leads.source.get(keyOf(operator, brandId, sourceId));
    if (segments.length === 0) return chain(source, (found) => found?.ids ?? []);
    const leads = [...new Set(segments)].map((code) => this.#leads.segment.get(keyOf(operator, brandId, code)));
    return chain(all(leads), (found) => chain(source, (last) => inOrder(found, last)));
  }

  /** Must be called after a change: from then on this server sees it. */
  changed(): void {
    this.#rates.clear();
    this.#leads.source.clear();
    this.#leads.segment.clear();
  }
}

const directories = new WeakMap<Platform, PotsDirectory>();

/** The directory of a platform. */
export function potsDirectory(platform: Platform): PotsDirectory {
  const known = directories.get(platform);
  if (known !== undefined) return known;
  const made = new PotsDirectory(platform.reads);
  directories.set(platform, made);
  return made;
}

/** Ids are free of spaces. */
const keyOf = (operator: OperatorNo, brandId: number, code: string): string => `${operator} ${brandId} ${code}`;

function all<T>(values: readonly Soon<T>[]): Soon<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[]);
}

function inOrder(segments: readonly (Lead | undefined)[], source: Lead | undefined): readonly string[] {
  const found = segments.filter((lead) => lead !== undefined).sort((a, b) => a.priority - b.priority);
  return idsOf([...found, ...(source === undefined ? [] : [source])].flatMap(({ instances }) => instances));
}

/** Ids, each once, the active ones first. */
function idsOf(instances: readonly Led[]): readonly string[] {
  const [active, others] = [instances.filter((one) => one.active), instances.filter((one) => !one.active)];
  return [...new Set([...active, ...others].map(({ id }) => id))];
}

/** The parts of keys, as columns. */
const columnsOf = (keys: readonly string[]): string[][] =>
  [0, 1, 2].map((part) => keys.map((key) => key.split(' ')[part] ?? ''));

/** The rates by operators and brands; those of a brand go before those of its operator. */
async function readRates(em: EntityManager, keys: readonly string[]): Promise<Map<string, Rates>> {
  const wanted = keys.map((key) => key.split(' ').map(Number) as [OperatorNo, number]);
  const $or = wanted.map(([operatorId, brandId]) => ({ operatorId, brandId: { $in: [0, brandId] } }));
  const rows = new Map((await em.find(PotsCurrency, { $or })).map((row) => [`${row.operatorId} ${row.brandId}`, row]));
  return new Map(
    wanted.flatMap(([operator, brand]) => {
      const row = rows.get(`${operator} ${brand}`) ?? rows.get(`${operator} 0`);
      if (row === undefined) return [];
      const rates = Object.entries(row.multipliers).map(([currency, digits]) => [currency, BigInt(digits)] as const);
      return [[`${operator} ${brand}`, new Rates(new Map(rates))]];
    }),
  );
}

interface RouteColumns {
  readonly operator_id: string;
  readonly brand_id: number;
  readonly code: string;
  readonly priority: number;
  readonly jackpots: readonly Assigned[];
}

async function readLeads(em: EntityManager, kind: RouteKind, keys: readonly string[]): Promise<Map<string, Lead>> {
  const columns = columnsOf(keys);
  const text =
    'select distinct on (k.operator_id, k.brand_id, k.code) k.*, r.priority, r.jackpots ' +
    'from unnest($1::int8[], $2::int4[], $3::text[]) as k (operator_id, brand_id, code) join pots_route r ' +
    'on r.operator_id = k.operator_id and r.kind = $4 and r.code = k.code and r.brand_id in (0, k.brand_id) ' +
    'order by k.operator_id, k.brand_id, k.code, r.brand_id desc';
  const routes = await readText<RouteColumns>(em, text, [...columns, routeKind[kind]]);
  const active = await readActive(em, routes);
  const leads = new Map<string, Lead>(
    routes.map(({ operator_id: operator, brand_id: brand, code, priority, jackpots }) => [
      keyOf(Number(operator), brand, code),
      leadOf(
        priority,
        jackpots.map(({ instance: id }) => ({ id, active: active.has(`${operator} ${id}`) })),
      ),
    ]),
  );
  if (kind === 'segment') return leads;
  for (const [key, coded] of await readCoded(em, columns)) {
    const { priority = 0, instances = [] } = leads.get(key) ?? {};
    leads.set(key, leadOf(priority, [...instances, ...coded]));
  }
  return leads;
}

const leadOf = (priority: number, instances: readonly Led[]): Lead => ({ priority, instances, ids: idsOf(instances) });

/** The active ones of the instances of routes, by operators and ids. */
async function readActive(em: EntityManager, routes: readonly RouteColumns[]): Promise<ReadonlySet<string>> {
  const named = routes.flatMap(({ operator_id: operator, jackpots }) =>
    jackpots.map(({ instance }) => ({ operator, code: `${instances.engine}/${instance}` })),
  );
  if (named.length === 0) return new Set();
  const text =
    'select d.operator_id, d.code from unnest($1::int8[], $2::text[]) as k (operator_id, code) ' +
    'join definition d on d.operator_id = k.operator_id and d.code = k.code where d.status = $3';
  const values = [named.map(({ operator }) => operator), named.map(({ code }) => code), statusNumber('active')];
  const rows = await readText<Pick<RouteColumns, 'operator_id' | 'code'>>(em, text, values);
  return new Set(rows.map(({ operator_id: operator, code }) => `${operator} ${idOfCode(code)}`));
}

/** The ids of instances by their game codes; terminated ones are left out. */
async function readCoded(em: EntityManager, columns: readonly string[][]): Promise<Map<string, Led[]>> {
  const text =
    'select k.*, i.id, i.status from unnest($1::int8[], $2::int4[], $3::text[]) as k (operator_id, brand_id, code) ' +
    "cross join lateral (select substr(d.code, strpos(d.code, '/') + 1) as id, d.status from pots_listing l " +
    'join definition d on d.operator_id = l.operator_id and d.id = l.id ' +
    "where l.operator_id = k.operator_id and l.game_code = k.code and l.game_code <> '' and l.kind = $4 " +
    'and l.brand_id in (0, k.brand_id) and d.status <> $5 order by l.id desc limit $6) as i';
  const values = [...columns, listed.instance, statusNumber('archived'), CODED_MAX];
  const rows = await readText<Pick<RouteColumns, 'operator_id' | 'brand_id' | 'code'> & { id: string; status: string }>(
    em,
    text,
    values,
  );
  const coded = new Map<string, Led[]>();
  for (const { operator_id: operator, brand_id: brand, code, id, status } of rows) {
    const key = keyOf(Number(operator), brand, code);
    coded.set(key, [...(coded.get(key) ?? []), { id, active: Number(status) === statusNumber('active') }]);
  }
  return coded;
}
