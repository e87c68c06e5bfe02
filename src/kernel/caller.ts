/** The number of an operator: the first column of every key. */
export type OperatorNo = number;

export type Role = 'anonymous' | 'player' | 'service' | 'admin' | 'root';

/** Who calls, as its credential proves it. */
export interface Caller {
  readonly role: Role;
  /** 0: an anonymous caller that has named none. */
  readonly operator: OperatorNo;
  /** The only brand that the credential may act for; null: any brand of the operator, named by the request. */
  readonly brand: number | null;
  /** Scopes of an API key, as `ledger:issue`; empty for other roles. */
  readonly scopes: ReadonlySet<string>;
  /** The player of a player token. */
  readonly userId: string | null;
  /** How the journal names the caller: `key:12`, `admin:3`, `player:StarlordV7`, `anonymous`. */
  readonly name: string;
}
