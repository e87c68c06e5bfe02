import type { MasterKeys } from '../fairness/index.ts';
import type { Fact, Snapshot, Table, TaskOrder, RowRequests } from '../journal/index.ts';
import type { Reason } from '../kernel/index.ts';
import type { Tenant } from '../tenants/index.ts';
import type { Status } from './entities.ts';

/** What identifies a version. */
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
  /** When the next version came in force. */
  readonly supersededAt: number;
  /** The version in force, which may differ from the one that is shown. */
  readonly inForce: number;
  readonly latest: number;
  readonly scheduled: number;
  readonly scheduledAt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The inputs of an opening. */
export interface Opened<Prepared> {
  /** The number of the definition's head. */
  readonly definitionId: number;
  /** The version that opens, and the number of its row. */
  readonly version: number;
  readonly versionId: number;
  readonly prepared: Prepared;
  assetNo(code: string): number;
}

/** What an engine sets up when its definition first becomes active. */
export interface Opening<Content, Prepared> {
  /** Everything random or from elsewhere, prepared before the command is queued. */
  prepare(content: Content, keys: MasterKeys): Prepared;
  needs(content: Content, rows: RowRequests, assetNo: (code: string) => number): void;
  /** The facts of the opening; their transfers pay for it. */
  open(content: Content, opened: Opened<Prepared>, snapshot: Snapshot): Fact[];
}

/** What goes with each change of a definition's content, such as an index for its lists. */
export interface Following<Content> {
  needs(content: Content, definitionId: number, rows: RowRequests): void;
  facts(content: Content, definitionId: number, snapshot: Snapshot): readonly Fact[];
}

/** A version that is in force after a change, whether or not it was before. */
export interface Renewal {
  readonly version: number;
  /** The number of its row. */
  readonly versionId: number;
  /** Whether the definition is archived by the change. */
  readonly archives: boolean;
}

/** The rows that an engine shows with its definition, such as the money in its pots. */
export interface ShownRows {
  /** A row; blank if the definition was never active. */
  row<Row>(table: Table<Row>, id: number): Readonly<Row>;
  /** All that are stored, in one order. */
  all(): readonly object[];
}

/** A row, by its table and number. */
export type RowName = readonly [table: Table<any>, id: number];

/** How a definition is shown. */
export interface ViewOptions {
  readonly rows: ShownRows;
  readonly keys: MasterKeys;
  /** Whether the reader is a service or an admin. */
  readonly insider: boolean;
  /** Whether to show all details of the version: if the request names a version, and in responses to changes. */
  readonly detailed: boolean;
}

/**
 * What the life cycle needs from an engine's definitions. `Content` is stored; `Bound` is the form that operations use.
 */
export interface DefinitionKind<
  Content = any,
  Bound extends VersionName = any,
  Create = any,
  Update = any,
  Message = any,
> {
  /** Such as "lootbox": the first part of operations' names, and of definitions' codes. */
  readonly engine: string;
  /** Such as "Lootbox" and "Lootboxes": the nouns in the names of the RPCs. */
  readonly nouns: { readonly one: string; readonly many: string };
  readonly reasons: { readonly notFound: Reason; readonly notActive: Reason };
  /**
   * The version of the stored message. A new shape is a new message with a new version; `read` must support the old
   * ones.
   */
  readonly format: number;
  encode(content: Content): Uint8Array;
  read(format: number, bytes: Uint8Array): Content;
  /** A new definition. Throws for what the field rules cannot express. @param newId returns a new row number. */
  create(request: Create, newId: () => Promise<number>): Content | Promise<Content>;
  /** A definition with the changes of an update. Throws if the update changes what must not change. */
  update(before: Content, request: Update, newId: () => Promise<number>): Content | Promise<Content>;
  /** Throws for what only a server in development takes. */
  requireProduction?(content: Content): void;
  /** The bytes of the hash of what draws depend on; empty where nothing is drawn. */
  configHash(content: Content): Uint8Array;
  /** Prepares a version for deciding. Throws ASSET_NOT_FOUND. @param rows those of `binds`; a new one has none. */
  bind(version: VersionName & { readonly content: Content }, tenant: Tenant, rows?: ShownRows): Bound;
  /** The rows that `bind` reads. They never change once the definition was active. */
  binds?(content: Content): readonly RowName[];
  /** The number of the row that counts the changes of all its definitions: see `Definitions.active`. */
  readonly shelf?: number;
  show(shown: Shown<Content>, showing: ViewOptions): Message;
  /** The rows that `show` reads besides the definition. Each change stores them, so that a replay shows the same. */
  shows?(content: Content): readonly RowName[];
  /**
   * The rows that operations on the definition lock. Changes lock them too, so a version changes between two
   * operations.
   */
  locks?(content: Content): readonly RowName[];
  readonly opening?: Opening<Content, any>;
  readonly following?: Following<Content>;
  /**
   * The facts that follow a change of a definition that was opened before: of the version in force, or of the status.
   * They change only rows that the opening needs.
   */
  renewal?(content: Content, renewal: Renewal, snapshot: Snapshot): readonly Fact[];
  /** The tasks to order when the definition becomes active again, or another version comes in force. */
  ordersOf?(content: Content, rows: ShownRows): readonly TaskOrder[];
}

/** Describes an engine's definitions. */
export function defineDefinition<Content, Bound extends VersionName, Create, Update, Message>(
  kind: DefinitionKind<Content, Bound, Create, Update, Message>,
): DefinitionKind<Content, Bound, Create, Update, Message> {
  return kind;
}
