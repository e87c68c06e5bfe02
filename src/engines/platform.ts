import type { Sql } from '../db/index.ts';
import type { MasterKeys } from '../fairness/index.ts';
import type { Journal } from '../journal/index.ts';
import type { Caller } from '../kernel/index.ts';
import type { Directory } from '../tenants/index.ts';

/** A player whom a request names. */
export interface Identified {
  readonly brandId: number;
  readonly player: number;
}

/** What every engine stands on; put together once, in server.ts. */
export interface Platform {
  readonly sql: Sql;
  readonly journal: Journal;
  readonly keys: MasterKeys;
  readonly tenants: Directory;
  /** A number that no row has yet. */
  newId(): Promise<number>;
  /** The player that a write is for; made if unknown. Refuses: INVALID_ARGUMENT, PERMISSION_DENIED, BRAND_NOT_FOUND. */
  identify(request: { readonly userId: string; readonly brandId: number }, caller: Caller): Promise<Identified>;
  /** The player that a read is for. Refuses besides: PLAYER_NOT_FOUND. */
  find(request: { readonly userId: string; readonly brandId: number }, caller: Caller): Promise<Identified>;
  /** Hashes requests of a message type: what tells a repeated request from another one with its key. */
  requestHash(messageType: string): (request: unknown) => string;
}
