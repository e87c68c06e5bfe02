import type { Reads } from '../db/index.ts';
import { chain, ApiError, type Caller, type OperatorNo } from '../kernel/index.ts';
import type { Authenticate, Credentials } from '../rpc/index.ts';
import { DEMO } from './demo.ts';
import type { Directory } from './directory.ts';
import { KnownAdmins, tokenMark } from './known-admins.ts';
import { KnownKeys } from './known-keys.ts';
import { TEST_KEY } from './secret.ts';
import type { VerifiedToken, Tokens } from './tokens.ts';

interface Host {
  readonly reads: Reads;
  readonly directory: Directory;
  readonly tokens: Tokens;
  /** Whether keys of tests work. */
  readonly development: boolean;
  /** Whether the credentials of the demo work from this machine, and its operator is that of callers that name none. */
  readonly demo: boolean;
}

type Soon<T> = T | Promise<T>;

const refused = (message: string): ApiError => new ApiError('UNAUTHENTICATED', message);
const NO_SCOPES: ReadonlySet<string> = new Set();
const HERE = 'in development only, and from this machine';

/** Authenticates callers. */
export class Authenticator {
  readonly #host: Host;
  readonly #keys: KnownKeys;
  readonly #admins: KnownAdmins;

  constructor(host: Host) {
    this.#host = host;
    this.#keys = new KnownKeys(host.reads);
    this.#admins = new KnownAdmins(host.reads);
  }

  /**
   * The caller proven by an API key or an admin's token (authorization), or by a player's token (authorization or
   * x-auth-token); otherwise an anonymous caller of the operator that x-windfall-operator names.
   *
   * Throws UNAUTHENTICATED, OPERATOR_MISMATCH, OPERATOR_NOT_FOUND, OPERATOR_DISABLED, BRAND_DISABLED. An anonymous
   * caller that names none has operator 0.
   */
  readonly authenticate: Authenticate = (credentials) => {
    const { bearer, playerToken, operatorHeader, anyOperator } = credentials;
    if (bearer && playerToken && bearer !== playerToken) {
      throw refused('authorization and x-auth-token are not the same');
    }
    if (!bearer && !playerToken) {
      return chain(this.#anonymous(operatorHeader, anyOperator === true), (caller) => this.#ofEnabled(caller));
    }
    const caller = playerToken ? this.#byPlayerToken(playerToken, credentials) : this.#byBearer(bearer!, credentials);
    const proven = operatorHeader ? chain(caller, (known) => this.#ofOperator(known, operatorHeader)) : caller;
    return chain(proven, (known) => this.#ofEnabled(known));
  };

  /** Must be called after a key was revoked: from then on this server rejects it. */
  keysChanged(): void {
    this.#keys.clear();
  }

  /** Must be called after an admin was changed: from then on this server rejects revoked tokens. */
  adminsChanged(): void {
    this.#admins.clear();
  }

  #byBearer(bearer: string, { forwarded, beforeProof }: Credentials): Soon<Caller> {
    const { tokens, development, demo } = this.#host;
    // With the demo, this machine serves only itself: who comes through a proxy is not meant.
    const isHere = (): boolean => !demo || forwarded?.() !== true;
    if (!bearer.startsWith('wf_'))
      return chain(tokens.verify(bearer, beforeProof), (proven) => this.#admitted(proven, () => demo && isHere()));
    if (bearer === DEMO.secret && !(demo && isHere())) throw refused(`the key of the demo works ${HERE}`);
    if (bearer.startsWith(TEST_KEY) && !(development && isHere())) throw refused(`keys of tests work ${HERE}`);
    return chain(this.#keys.caller(bearer, beforeProof), (caller) => {
      if (caller === undefined) throw refused('the API key is unknown, revoked or expired');
      return caller;
    });
  }

  #admitted({ subject, caller, admin }: VerifiedToken, isDemo: () => boolean): Soon<Caller> {
    if (admin === undefined) return caller;
    if (subject === DEMO.admin.userName && !isDemo()) throw refused(`the admin of the demo works ${HERE}`);
    return chain(this.#admins.mark(admin.adminId), (mark) => {
      if (mark !== tokenMark(caller.operator, admin.generation)) throw refused('the token was revoked');
      return caller;
    });
  }

  #byPlayerToken(token: string, { beforeProof }: Credentials): Soon<Caller> {
    return chain(this.#host.tokens.verify(token, beforeProof), ({ kind, caller }) => {
      if (kind !== 'player') throw refused('x-auth-token is no token of a player');
      return caller;
    });
  }

  #anonymous(operatorHeader: string | undefined, anyOperator: boolean): Soon<Caller> {
    const { directory, demo } = this.#host;
    const name = operatorHeader || (demo && !anyOperator ? DEMO.operator : undefined);
    return name === undefined ? anonymousOf(0) : chain(directory.numberOf(name), anonymousOf);
  }

  /** Throws OPERATOR_DISABLED, and BRAND_DISABLED for a credential of one brand. */
  #ofEnabled(caller: Caller): Soon<Caller> {
    const { operator, brand } = caller;
    if (operator === 0) return caller;
    return chain(this.#host.directory.of(operator), (tenant) => {
      if (brand === null) tenant.requireServed();
      else tenant.requireEnabled(brand);
      return caller;
    });
  }

  #ofOperator(caller: Caller, operatorName: string): Soon<Caller> {
    return chain(this.#host.directory.numberOf(operatorName), (operator) => {
      if (operator === caller.operator) return caller;
      throw new ApiError('OPERATOR_MISMATCH', "x-windfall-operator is not the credential's operator");
    });
  }
}

function anonymousOf(operator: OperatorNo): Caller {
  return { role: 'anonymous', operator, brand: null, scopes: NO_SCOPES, userId: null, name: 'anonymous' };
}
