import { LRUCache } from 'lru-cache';
import type { Reads } from '../db/index.ts';
import { readRowsById } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import { definition, definitionVersion, idOfCode } from './entities.ts';
import type { DefinitionKind, VersionName } from './kind.ts';

/** The maximum of stored bytes whose versions are cached. */
const KEPT_BYTES = 16 * 2 ** 20;
/** What a version takes besides its content. */
const NAME_BYTES = 500;

/** What never changes of a version. When it was in force may change, and is read where it is shown. */
export interface FixedVersion<Content = unknown> extends VersionName {
  readonly content: Content;
}

/** A cache of versions by the numbers of their rows, for whoever has such a number from a fact or a row. */
export class Versions {
  readonly #reads: Reads;
  readonly #kept: LRUCache<string, FixedVersion>;
  /** Reads that are running: concurrent callers share them. */
  readonly #loading = new Map<string, Promise<FixedVersion>>();

  /** @param keptBytes how much is cached. */
  constructor(reads: Reads, keptBytes = KEPT_BYTES) {
    this.#reads = reads;
    this.#kept = new LRUCache({ maxSize: keptBytes });
  }

  /** A version; no promise if it is cached. One that is not stored, or not yet committed, is an error. */
  get<Content>(
    kind: DefinitionKind<Content>,
    operator: OperatorNo,
    versionId: number,
  ): FixedVersion<Content> | Promise<FixedVersion<Content>> {
    const key = `${operator}|${versionId}`;
    const known = this.#kept.get(key) ?? this.#loading.get(key) ?? this.#read(kind, operator, versionId, key);
    return known as FixedVersion<Content> | Promise<FixedVersion<Content>>;
  }

  #read(kind: DefinitionKind, operator: OperatorNo, versionId: number, key: string): Promise<FixedVersion> {
    const reading = this.#find(kind, operator, versionId, key).finally(() => this.#loading.delete(key));
    this.#loading.set(key, reading);
    return reading;
  }

  async #find(kind: DefinitionKind, operator: OperatorNo, versionId: number, key: string): Promise<FixedVersion> {
    const found = await this.#reads(async (em) => {
      const [row] = await readRowsById(em, definitionVersion, operator, [versionId]);
      const [head] = await readRowsById(em, definition, operator, row === undefined ? [] : [row.definitionId]);
      return head === undefined ? undefined : { row: row!, head };
    });
    if (found === undefined) throw new Error(`there is no version ${versionId} of operator ${operator}`);
    const { row, head } = found;
    const code = idOfCode(head.code);
    const content: unknown = kind.read(row.format, row.content);
    const version = { definitionId: head.id, code, version: row.version, versionId, content };
    this.#kept.set(key, version, { size: NAME_BYTES + row.content.length });
    return version;
  }
}

/** What follows from the content of a version alone, computed once for each content that is cached. */
export function derived<Content extends object, Value>(
  derive: (content: Content) => Value,
): (content: Content) => Value {
  const known = new WeakMap<Content, Value>();
  return (content) => {
    let value = known.get(content);
    if (value === undefined) known.set(content, (value = derive(content)));
    return value;
  };
}
