import { createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { ApiError, type Caller, type OperatorNo } from '../kernel/index.ts';

type Kind = 'admin' | 'player' | 'root';

export interface PlayerIdentity {
  readonly operator: OperatorNo;
  readonly brand: number;
  readonly userId: string;
}

export interface AdminIdentity {
  readonly operator: OperatorNo;
  readonly adminId: number;
  readonly userName: string;
  /** That of the admin's tokens: those of an earlier one are revoked. */
  readonly generation: number;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** What a token proves. `subject` is the player's user id or the admin's user name. */
export interface VerifiedToken {
  readonly kind: Kind;
  readonly subject: string;
  readonly caller: Caller;
  /** Of an admin. */
  readonly admin?: Pick<AdminIdentity, 'adminId' | 'generation'>;
}

interface SigningKey {
  readonly kind: Kind;
  readonly id: string;
  readonly key: KeyObject;
  /** Until when its tokens are accepted, in milliseconds since 1970. */
  readonly untilMs: number;
}

const ISSUER = 'windfall';
const ADMIN_TTL_SECONDS = 3600;
const ROOT_TTL_SECONDS = 900;
/** Our tokens have 400 characters. */
const LENGTH_MAX = 2048;
/** About 1 KiB each. Checking one takes 90 µs. */
const PROVEN_MAX = 50_000;
const NO_SCOPES: ReadonlySet<string> = new Set();
/** The admin of the installation: of no operator. */
const ROOT: Caller = { role: 'root', operator: 0, brand: null, scopes: NO_SCOPES, userId: null, name: 'root' };

/** Issues and checks tokens of admins, players and root: JWTs, only with HS256, each kind with its own key. */
export class Tokens {
  readonly #root: string | null;
  #signing: ReadonlyMap<Kind, SigningKey>;
  #keys: ReadonlyMap<string, SigningKey>;
  readonly #proven = new LRUCache<string, { proven: VerifiedToken; untilMs: number }>({ max: PROVEN_MAX });

  /**
   * Signs with `secret`; also accepts tokens that were signed with one of the `older` ones.
   * @param root the password of root: with another one, its tokens prove nothing any more; null: there are none.
   */
  constructor(secret: Uint8Array, older: readonly Uint8Array[] = [], root: string | null = null) {
    this.#root = root;
    ({ signing: this.#signing, keys: this.#keys } = keysOf(
      secret,
      older.map((each) => ({ secret: each, untilMs: Infinity })),
      root,
    ));
  }

  /** Signs with another secret from now on, and accepts tokens that were signed with others as long as these say. */
  use(secret: Uint8Array, others: readonly Accepted[]): void {
    ({ signing: this.#signing, keys: this.#keys } = keysOf(secret, others, this.#root));
  }

  issuePlayer({ operator, brand, userId }: PlayerIdentity, ttlSeconds: number): Promise<IssuedToken> {
    return this.#issue('player', userId, { operator, brand }, ttlSeconds);
  }

  issueAdmin({ operator, adminId, userName, generation }: AdminIdentity): Promise<IssuedToken> {
    return this.#issue('admin', userName, { operator, admin: adminId, generation }, ADMIN_TTL_SECONDS);
  }

  issueRoot(): Promise<IssuedToken> {
    return this.#issue('root', 'root', { operator: 0 }, ROOT_TTL_SECONDS);
  }

  /**
   * What a token proves; no promise if it was checked before. Throws UNAUTHENTICATED.
   * @param before is called before a token is checked. What it throws is thrown.
   */
  verify(token: string, before?: () => void): VerifiedToken | Promise<VerifiedToken> {
    const known = this.#proven.get(token);
    if (known !== undefined && Date.now() < known.untilMs) return known.proven;
    before?.();
    return this.#check(token);
  }

  async #issue(kind: Kind, subject: string, claims: JWTPayload, ttlSeconds: number): Promise<IssuedToken> {
    const { id, key } = this.#signing.get(kind)!;
    const now = Math.floor(Date.now() / 1000);
    const expires = now + ttlSeconds;
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: id })
      .setIssuer(ISSUER)
      .setAudience(kind)
      .setSubject(subject)
      .setIssuedAt(now)
      .setExpirationTime(expires)
      .sign(key);
    return { token, expiresAt: new Date(expires * 1000) };
  }

  async #check(token: string): Promise<VerifiedToken> {
    try {
      const { kind, key, untilMs } = this.#keyOf(token);
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: kind,
        requiredClaims: ['exp', 'sub', 'operator'],
      });
      const proven = { kind, subject: payload.sub!, caller: callerOf(kind, payload), ...adminOf(kind, payload) };
      this.#proven.set(token, { proven, untilMs: Math.min(payload.exp! * 1000, untilMs) });
      return proven;
    } catch (error) {
      // decodeProtectedHeader throws a TypeError for text that is not a JWT.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      const why = error instanceof errors.JWTExpired ? 'has expired' : 'is not valid';
      throw new ApiError('UNAUTHENTICATED', `the token ${why}`);
    }
  }

  #keyOf(token: string): SigningKey {
    if (token.length > LENGTH_MAX) throw new errors.JWTInvalid('too long');
    const key = this.#keys.get(decodeProtectedHeader(token).kid ?? '');
    if (key === undefined || Date.now() >= key.untilMs) throw new errors.JWTInvalid('no key of ours');
    return key;
  }
}

/** A secret whose tokens are accepted until a time, in milliseconds since 1970. */
interface Accepted {
  readonly secret: Uint8Array;
  readonly untilMs: number;
}

function keysOf(secret: Uint8Array, others: readonly Accepted[], root: string | null) {
  const of = (one: Uint8Array, untilMs?: number): SigningKey[] => [
    signingKey(one, 'admin', untilMs),
    signingKey(one, 'player', untilMs),
    ...(root === null ? [] : [signingKey(one, 'root', untilMs, root)]),
  ];
  const signing = of(secret);
  const known = others.flatMap((one) => of(one.secret, one.untilMs));
  return {
    signing: new Map(signing.map((each) => [each.kind, each])),
    keys: new Map([...known, ...signing].map((each) => [each.id, each])),
  };
}

function signingKey(secret: Uint8Array, kind: Kind, untilMs = Infinity, salt = ''): SigningKey {
  const key = Buffer.from(hkdfSync('sha256', secret, salt, `windfall token ${kind}`, 32));
  return { kind, untilMs, id: hash('sha256', key).slice(0, 12), key: createSecretKey(key) };
}

function adminOf(kind: Kind, { admin, generation }: JWTPayload): Pick<VerifiedToken, 'admin'> {
  return kind === 'admin' ? { admin: { adminId: admin as number, generation: generation as number } } : {};
}

function callerOf(kind: Kind, { sub, operator, brand, admin, generation }: JWTPayload): Caller {
  if (kind === 'root') return ROOT;
  const common = { role: kind, operator: operator as number, scopes: NO_SCOPES };
  return kind === 'player'
    ? { ...common, brand: brand as number, userId: sub!, name: `player:${sub}` }
    : { ...common, brand: null, userId: null, generation: generation as number, name: `admin:${admin as number}` };
}
