import type { MasterKeys } from '../fairness/index.ts';
import type { Fact, Snapshot, Table, TaskOrder, RowRequests } from '../journal/index.ts';
import type { Reason } from '../kernel/index.ts';
import type { Tenant } from '../tenants/index.ts';
import type { Status } from './entities.ts';

/** What a version is known by, besides its content. */
export interface VersionName {
  /** The number of the definition's head. */
  readonly definitionId: number;
  /** The operator's id. */
  readonly code: string;
  readonly version: number;
  readonly versionId: number;
}

/** A definition as it is shown. Times are microseconds since 1970, 0 for never. */
export interface Shown<Content> extends VersionName {
  readonly status: Status;
  readonly content: Content;
  /** 64 hex digits; empty where nothing is drawn. */
  readonly configHash: string;
  readonly publishedAt: number;
  readonly effectiveAt: number;
  /** The version in force, which may be another than the one that is shown. */
  readonly inForce: number;
  readonly latest: number;
  readonly scheduled: number;
  readonly scheduledAt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a definition opens with. */
export interface Opened<Prepared> {
  /** The number of the definition's head. */
  readonly definitionId: number;
  readonly prepared: Prepared;
  assetNo(code: string): number;
}

/** What an engine opens when its definition becomes active for the first time. */
export interface Opening<Content, Prepared> {
  /** All that chance or another place decides, found before the command is queued. */
  prepare(content: Content, keys: MasterKeys): Prepared;
  needs(content: Content, rows: RowRequests, assetNo: (code: string) => number): void;
  /** The facts, whose transfers pay for it. */
  open(content: Content, opened: Opened<Prepared>, snapshot: Snapshot): Fact[];
}

/** The rows that an engine shows beside its definition: the money in its pots. */
export interface ShownRows {
  /** A row; blank while the definition was never active. */
  row<Row>(table: Table<Row>, id: number): Readonly<Row>;
}

/** A row, by its table and number. */
export type RowName = readonly [table: Table<any>, id: number];

/** How a definition is shown. */
export interface Showing {
  readonly rows: ShownRows;
  readonly keys: MasterKeys;
  /** Whether the reader is a service or an admin. */
  readonly insider: boolean;
  /** Whether with all that the version says: where a version was asked for, and in the answers to changes. */
  readonly detailed: boolean;
}

/** All that the life cycle asks of an engine's definitions. `Content` is what is stored, `Bound` what operations decide from. */
export interface DefinitionKind<
  Content = any,
  Bound extends VersionName = any,
  Create = any,
  Update = any,
  Message = any,
> {
  /** As "lootbox": the first part of operations' names, and of definitions' codes. */
  readonly engine: string;
  /** As "Lootbox" and "Lootboxes": the nouns in the names of the RPCs. */
  readonly nouns: { readonly one: string; readonly many: string };
  readonly reasons: { readonly notFound: Reason; readonly notActive: Reason };
  /** The stored message and its version; a new shape is a new message with a new version, and `read` knows the old ones. */
  readonly format: number;
  encode(content: Content): Uint8Array;
  read(format: number, bytes: Uint8Array): Content;
  /** A new definition. Refuses what the field rules cannot say. @param newId gives a number that no row has yet. */
  create(request: Create, newId: () => Promise<number>): Content | Promise<Content>;
  /** A definition with what an update sets. Refuses what must stay. */
  update(before: Content, request: Update): Content;
  /** The bytes of the hash of what draws depend on; empty where nothing is drawn. */
  configHash(content: Content): Uint8Array;
  /** Makes a version ready for deciding. Refuses: ASSET_NOT_FOUND. */
  bind(version: VersionName & { readonly content: Content }, tenant: Tenant): Bound;
  show(shown: Shown<Content>, showing: Showing): Message;
  /** The rows that `show` looks at, besides the definition: kept with each change, so that a replay shows them as they were. */
  shows?(content: Content): readonly RowName[];
  /** The rows that operations on the definition lock: locked by changes too, so that a version changes between two of them. */
  locks?(content: Content): readonly RowName[];
  readonly opening?: Opening<Content, any>;
  /** What is to be done later once the definition is active again. */
  ordersOf?(content: Content, rows: ShownRows): readonly TaskOrder[];
}

/** Describes an engine's definitions. */
export function defineDefinition<Content, Bound extends VersionName, Create, Update, Message>(
  kind: DefinitionKind<Content, Bound, Create, Update, Message>,
): DefinitionKind<Content, Bound, Create, Update, Message> {
  return kind;
}
