import type { MikroORM } from '@mikro-orm/postgresql';
import type { Definitions, Versions } from '../catalogue/index.ts';
import type { Reads } from '../db/index.ts';
import type { Beacon, DrawKind, MasterKeys } from '../fairness/index.ts';
import type { FactKind, Journal, Register } from '../journal/index.ts';
import type { Reason } from '../kernel/index.ts';
import type { Live } from '../live/index.ts';
import type { Identify, Players } from '../players/index.ts';
import type { Context, Definition, Handler } from '../rpc/index.ts';
import type { Authenticator, Directory, Login, Tokens } from '../tenants/index.ts';
import type { Gathered } from './gathered.ts';
import type { Receipted } from './receipted.ts';

/** What every operation uses; assembled once, in server.ts. */
export interface Platform {
  readonly mode: 'development' | 'production';
  /** For units of work of administration. Reads that callers wait for use `reads`. */
  readonly orm: MikroORM;
  readonly reads: Reads;
  readonly register: Register;
  readonly journal: Journal;
  readonly keys: MasterKeys;
  /** The public keys of receipts (Ed25519, 32 bytes) and from when each is used, in milliseconds since 1970. */
  receiptKeys(): readonly { readonly id: string; readonly from: number; readonly publicKey: Buffer }[];
  /** How the draws of the engines' facts are proved. */
  readonly draws: ReadonlyMap<FactKind<any>, DrawKind>;
  /** What secrets of webhooks are derived from, by the ids of the master keys. */
  readonly webhookKeys: { readonly currentId: string; key(id: string): Buffer };
  /** Operations with their receipts, as concurrent callers ask for them. */
  readonly receipts: Gathered<Receipted>;
  /** Randomness from outside. */
  readonly beacon: Beacon;
  readonly tenants: Directory;
  readonly players: Players;
  /** Finds the player that a request names. */
  readonly identify: Identify;
  /** The engines' definitions, prepared for deciding. */
  readonly definitions: Definitions;
  /** Their versions, by the numbers that facts name them with. */
  readonly versions: Versions;
  readonly live: Live;
  /** Aborted once the server stops: work in the background ends then. */
  readonly stopping: AbortSignal;
  readonly tokens: Tokens;
  readonly authenticator: Authenticator;
  readonly login: Login;
  /** Every scope that an API key can hold. */
  readonly scopes: readonly string[];
  /** Returns a new row number. */
  newId(): Promise<number>;
  /**
   * Returns the check of an item in a batch, by the path of its RPC. It throws INVALID_ARGUMENT with the invalid
   * fields, or if the item has neither an idempotency key nor a natural one.
   */
  itemCheck(path: string): (item: unknown) => void;
  /** The canonical gRPC code of a reason. */
  codeOf(reason: Reason): number;
  /**
   * Returns the hash function for requests of an RPC, by its path. It shows whether a key is reused for another
   * request.
   */
  requestHash(path: string): (request: unknown) => string;
}

/** What proofs are made from, besides facts. */
export type ProofSources = Pick<Platform, 'reads' | 'keys' | 'tenants' | 'versions'>;

/** An RPC as it is served on a platform. */
export type Operation<Request = any, Response = any> = (
  platform: Platform,
) => (request: Request, context: Context) => Promise<Response> | AsyncIterable<Response>;

/** An operation with the types of a method of the contract. */
export type OperationOf<M extends Definition> = (platform: Platform) => Handler<M>;

/**
 * Describes an operation that only reads:
 * `read(LootboxServiceService.getLootboxOdds, (platform) => async (request, context) => …)`.
 */
export const read = <M extends Definition>(_: M, operation: OperationOf<M>): OperationOf<M> => operation;
