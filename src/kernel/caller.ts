/** The number of an operator: the first column of every key. */
export type OperatorNo = number;

export type Role = 'anonymous' | 'player' | 'service' | 'admin' | 'root';

/** The caller, as its credential proves. */
export interface Caller {
  readonly role: Role;
  /** 0: an anonymous caller that names no operator. */
  readonly operator: OperatorNo;
  /** The only brand that the credential may act for; null: any brand of the operator, named by the request. */
  readonly brand: number | null;
  /** Scopes of an API key, as `ledger:issue`; empty for other roles. */
  readonly scopes: ReadonlySet<string>;
  /** The player of a player token. */
  readonly userId: string | null;
  /** Of an admin: the generation of the token. Its tokens are revoked by counting the admin's on. */
  readonly generation?: number;
  /** How the journal names the caller: `key:12`, `admin:3`, `player:StarlordV7`, `anonymous`. */
  readonly name: string;
}
