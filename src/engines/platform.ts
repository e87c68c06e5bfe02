import type { Sql } from '../db/index.ts';
import type { MasterKeys } from '../fairness/index.ts';
import type { Journal } from '../journal/index.ts';
import type { Caller } from '../kernel/index.ts';
import type { Identified, Named } from '../players/index.ts';
import type { Directory } from '../tenants/index.ts';

/** What every engine stands on; put together once, in server.ts. */
export interface Platform {
  readonly sql: Sql;
  readonly journal: Journal;
  readonly keys: MasterKeys;
  readonly tenants: Directory;
  /** A number that no row has yet. */
  newId(): Promise<number>;
  /** The player that a write is for, without a promise where it is known; made if unknown. Refuses: INVALID_ARGUMENT, PERMISSION_DENIED, BRAND_NOT_FOUND. */
  identify(request: Named, caller: Caller): Identified | Promise<Identified>;
  /** The player that a read is for. Refuses besides: PLAYER_NOT_FOUND. */
  find(request: Named, caller: Caller): Identified | Promise<Identified>;
  /** Hashes requests of a message type: what tells a repeated request from another one with its key. */
  requestHash(messageType: string): (request: unknown) => string;
}
