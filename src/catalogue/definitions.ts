import { LRUCache } from 'lru-cache';
import type { Reads } from '../db/index.ts';
import { StaleVersionError, type Snapshot, type RowRequests } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { Directory } from '../tenants/index.ts';
import { definition, status, statusName } from './entities.ts';
import type { DefinitionKind, VersionName } from './kind.ts';
import { notActive } from './plan.ts';
import { requireDefinition } from './queries.ts';

/** The maximum number of cached definitions; others are read again when they are needed. */
const KEPT = 10_000;

/**
 * A cache of the definitions of all engines, prepared for deciding, by the operator's id. They may be stale: a command
 * that uses one checks the head in its transaction (`lookAt`, `requireActive`), and throws StaleVersionError if another
 * version is in force (optimistic concurrency).
 */
export class Definitions {
  readonly #reads: Reads;
  readonly #tenants: Directory;
  readonly #kept = new LRUCache<string, VersionName>({ max: KEPT });
  /** Reads that are running: concurrent callers share them. */
  readonly #loading = new Map<string, Promise<VersionName>>();

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
    const [{ head, version }, tenant] = await Promise.all([
      requireDefinition(this.#reads, kind, operator, id),
      this.#tenants.of(operator),
    ]);
    return kind.bind(
      {
        definitionId: head.id,
        code: id,
        version: version.version,
        versionId: version.id,
        content: kind.read(version.format, version.content),
      },
      tenant,
    );
  }
}

/** Requests the row that `requireActive` reads. */
export function lookAt({ definitionId }: VersionName, rows: RowRequests): void {
  rows.read(definition, definitionId);
}

/** Whether the definition is active, whichever version is in force. */
export const isActive = ({ definitionId }: VersionName, snapshot: Snapshot): boolean =>
  snapshot.row(definition, definitionId).status === status.active;

/** Throws …_NOT_ACTIVE if the definition is not active, and StaleVersionError if another version is in force. */
export function requireActive(kind: DefinitionKind, bound: VersionName, snapshot: Snapshot): void {
  const head = snapshot.row(definition, bound.definitionId);
  if (head.status !== status.active) throw notActive(kind, bound.code, statusName(head.status));
  if (head.version !== bound.version) throw new StaleVersionError();
}
