import { LRUCache } from 'lru-cache';
import type { Reads } from '../db/index.ts';
import { readRowsById, StaleVersionError, type Snapshot, type RowRequests } from '../journal/index.ts';
import { ApiError, type OperatorNo, type Reason } from '../kernel/index.ts';
import type { Directory, Tenant } from '../tenants/index.ts';
import { definition, definitionShelf, idOfCode, status, statusName, type Status } from './entities.ts';
import type { DefinitionKind, ShownRows, VersionName } from './kind.ts';
import { notActive } from './plan.ts';
import { listDefinitions, requireDefinition, type Stored } from './queries.ts';
import { readNamedRows } from './shown-rows.ts';

/** The maximum number of cached definitions; others are read again when they are needed. */
const KEPT = 10_000;
/** The maximum number of cached shelves. */
const SHELVES = 1000;
/** How many definitions are read at once. */
const PAGE = 500;

/** All active definitions of one engine of an operator, ordered by id. */
export interface Shelf<Bound extends VersionName = VersionName> {
  /** How many changes had been made when they were read, or a moment before. */
  readonly changes: number;
  readonly definitions: readonly Bound[];
}

/**
 * A cache of the definitions of all engines, prepared for deciding, by the operator's id. They may be stale: a command
 * that uses one checks the head in its transaction (`lookAt`, `requireActive`), and throws StaleVersionError if another
 * version is in force (optimistic concurrency).
 */
export class Definitions {
  readonly #reads: Reads;
  readonly #tenants: Directory;
  readonly #kept = new LRUCache<string, VersionName>({ max: KEPT });
  readonly #shelves = new LRUCache<string, Shelf>({ max: SHELVES });
  /** Reads that are running: concurrent callers share them. */
  readonly #loading = new Map<string, Promise<VersionName>>();
  readonly #loadingShelves = new Map<string, Promise<Shelf>>();

  constructor(reads: Reads, tenants: Directory) {
    this.#reads = reads;
    this.#tenants = tenants;
  }

  /**
   * The version in force; no promise if it is cached. Throws …_NOT_FOUND.
   * @param fresh whether the cached version has turned out to be stale.
   */
  get<Bound extends VersionName>(
    kind: DefinitionKind<any, Bound>,
    operator: OperatorNo,
    id: string,
    fresh = false,
  ): Bound | Promise<Bound> {
    const key = `${operator}|${kind.engine}|${id}`;
    return (
      (fresh ? undefined : (this.#kept.get(key) as Bound | undefined)) ??
      (this.#loading.get(key) as Promise<Bound> | undefined) ??
      this.#read(kind, operator, id, key)
    );
  }

  #read<Bound extends VersionName>(
    kind: DefinitionKind<any, Bound>,
    operator: OperatorNo,
    id: string,
    key: string,
  ): Promise<Bound> {
    const reading = this.#bind(kind, operator, id)
      .then((bound) => {
        this.#kept.set(key, bound);
        return bound;
      })
      .finally(() => this.#loading.delete(key));
    this.#loading.set(key, reading);
    return reading;
  }

  async #bind<Bound extends VersionName>(
    kind: DefinitionKind<any, Bound>,
    operator: OperatorNo,
    id: string,
  ): Promise<Bound> {
    const [stored, tenant] = await Promise.all([
      requireDefinition(this.#reads, kind, operator, id),
      this.#tenants.of(operator),
    ]);
    return bindStored(kind, stored, tenant, await this.#rowsOf(kind, operator, [stored]));
  }

  /**
   * All active definitions of an engine that has a shelf; no promise if they are cached. A command that uses them
   * checks them in its transaction: see `requireShelf`. @param fresh whether the cached ones have turned out to be
   * outdated.
   */
  active<Bound extends VersionName>(
    kind: DefinitionKind<any, Bound>,
    operator: OperatorNo,
    fresh = false,
  ): Shelf<Bound> | Promise<Shelf<Bound>> {
    const key = `${operator}|${kind.engine}`;
    const kept = this.#shelves.get(key) as Shelf<Bound> | undefined;
    if (kept !== undefined && !fresh) return kept;
    const running = this.#loadingShelves.get(key) as Promise<Shelf<Bound>> | undefined;
    if (running !== undefined) return running;
    const reading = this.#readShelf(kind, operator, kept)
      .then((shelf) => {
        this.#shelves.set(key, shelf);
        return shelf;
      })
      .finally(() => this.#loadingShelves.delete(key));
    this.#loadingShelves.set(key, reading);
    return reading;
  }

  async #readShelf<Bound extends VersionName>(
    kind: DefinitionKind<any, Bound>,
    operator: OperatorNo,
    kept: Shelf<Bound> | undefined,
  ): Promise<Shelf<Bound>> {
    // Before the definitions: they may then be newer than the count, and a command notices that.
    const [row] = await this.#reads((em) => readRowsById(em, definitionShelf, operator, [kind.shelf!]));
    const changes = row?.changes ?? 0;
    if (changes === kept?.changes) return kept;
    const tenant = await this.#tenants.of(operator);
    const stored: Stored[] = [];
    for (let after = ''; ; after = idOfCode(stored.at(-1)!.head.code)) {
      const page = await listDefinitions(this.#reads, kind, operator, 'active', after, PAGE);
      stored.push(...page);
      if (page.length < PAGE) break;
    }
    const rows = await this.#rowsOf(kind, operator, stored);
    return { changes, definitions: stored.map((one) => bindStored(kind, one, tenant, rows)) };
  }

  #rowsOf(kind: DefinitionKind, operator: OperatorNo, stored: readonly Stored[]): Promise<ShownRows> {
    const names = stored.flatMap(
      ({ version: { format, content } }) => kind.binds?.(kind.read(format, content) as unknown) ?? [],
    );
    return readNamedRows(this.#reads, operator, names);
  }
}

function bindStored<Bound extends VersionName>(
  kind: DefinitionKind<any, Bound>,
  { head, version }: Stored,
  tenant: Tenant,
  rows: ShownRows,
): Bound {
  const name = { definitionId: head.id, code: idOfCode(head.code), version: version.version, versionId: version.id };
  return kind.bind({ ...name, content: kind.read(version.format, version.content) }, tenant, rows);
}

/** Requests the row that `requireShelf` reads. */
export function lookAtShelf({ shelf }: DefinitionKind, rows: RowRequests): void {
  rows.read(definitionShelf, shelf!);
}

/** Throws StaleVersionError if a definition was changed since they were read. */
export function requireShelf({ shelf }: DefinitionKind, { changes }: Shelf, snapshot: Snapshot): void {
  if (snapshot.row(definitionShelf, shelf!).changes !== changes) throw new StaleVersionError();
}

/** Requests the row that `requireActive` reads. */
export function lookAt({ definitionId }: VersionName, rows: RowRequests): void {
  rows.read(definition, definitionId);
}

/** Whether the definition is active, whichever version is in force. */
export const isActive = ({ definitionId }: VersionName, snapshot: Snapshot): boolean =>
  snapshot.row(definition, definitionId).status === status.active;

/**
 * Throws the reason if the definition has none of these statuses, and StaleVersionError if another version is in force.
 */
export function requireOneOf(
  bound: VersionName,
  statuses: readonly Status[],
  reason: Reason,
  snapshot: Snapshot,
): void {
  const head = snapshot.row(definition, bound.definitionId);
  const now = statusName(head.status);
  if (!statuses.includes(now)) throw new ApiError(reason, `it is ${now}`, { details: { id: bound.code, status: now } });
  if (head.version !== bound.version) throw new StaleVersionError();
}

/** Throws …_NOT_ACTIVE if the definition is not active, and StaleVersionError if another version is in force. */
export function requireActive(kind: DefinitionKind, bound: VersionName, snapshot: Snapshot): void {
  const head = snapshot.row(definition, bound.definitionId);
  if (head.status !== status.active) throw notActive(kind, bound.code, statusName(head.status));
  if (head.version !== bound.version) throw new StaleVersionError();
}
