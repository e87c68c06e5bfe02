import { LRUCache } from 'lru-cache';
import type { Reads } from '../db/index.ts';
import { StaleVersionError, type Snapshot, type RowRequests } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { Directory } from '../tenants/index.ts';
import { notActive } from './change.ts';
import { definition, status, statusName } from './entities.ts';
import type { DefinitionKind, VersionName } from './kind.ts';
import { requireDefinition } from './queries.ts';

/** Definitions kept ready at once; those of other operators are read again when they are asked for. */
const KEPT = 10_000;

/**
 * Definitions of all engines in memory, ready for deciding, by the operator's id. They may be stale without harm: a command
 * that uses one looks at the head in its transaction (`lookAt`, `requireActive`), and throws StaleVersionError if another is in force.
 */
export class Definitions {
  readonly #reads: Reads;
  readonly #tenants: Directory;
  readonly #kept = new LRUCache<string, VersionName>({ max: KEPT });
  /** Being read: whoever asks meanwhile waits for the same answer. */
  readonly #loading = new Map<string, Promise<VersionName>>();

  constructor(reads: Reads, tenants: Directory) {
    this.#reads = reads;
    this.#tenants = tenants;
  }

  /**
   * The version in force, without a promise where it is kept. Refuses: …_NOT_FOUND.
   * @param fresh whether what is kept has turned out stale.
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

/** Asks for what `requireActive` looks at. */
export function lookAt({ definitionId }: VersionName, rows: RowRequests): void {
  rows.read(definition, definitionId);
}

/** Whether the definition is active, whichever version is in force. */
export const isActive = ({ definitionId }: VersionName, snapshot: Snapshot): boolean =>
  snapshot.row(definition, definitionId).status === status.active;

/** Refuses a definition that is not active: …_NOT_ACTIVE. Throws StaleVersionError where another version is in force. */
export function requireActive(kind: DefinitionKind, bound: VersionName, snapshot: Snapshot): void {
  const head = snapshot.row(definition, bound.definitionId);
  if (head.status !== status.active) throw notActive(kind, bound.code, statusName(head.status));
  if (head.version !== bound.version) throw new StaleVersionError();
}
