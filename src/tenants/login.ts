import type { Reads } from '../db/index.ts';
import { ApiError, TokenBuckets } from '../kernel/index.ts';
import { DEMO } from './demo.ts';
import { Admin } from './entities.ts';
import { hashPassword, isPassword } from './passwords.ts';
import type { AdminIdentity } from './tokens.ts';

/**
 * Of one name from one address: enough for people who mistype, 17,000 guesses a day. Not of a name alone: strangers
 * could lock it out.
 */
const TRIES = { perSecond: 0.2, burst: 10 };
/** Of the 34 passwords that are checked or wait for it. */
const AT_ONCE_EACH = 4;

/** The user name of the admin of the installation: no operator's admin gets it. */
export const ROOT_NAME = 'root';

/** A log-in that was tried, for the log. */
export interface LoginTold {
  readonly address: string;
  readonly user_name: string;
  readonly success: boolean;
}

/** Who has logged in: an operator's admin, or root. */
export type LoggedIn = Omit<AdminIdentity, 'userName'> | 'root';

export interface LoginHost {
  readonly reads: Reads;
  /** Whether the demo's admin can log in. */
  readonly demo: boolean;
  /** The password of root; null: there is no root. */
  readonly root?: string | null;
  /** Tells the log of each password that was checked. */
  readonly tell: (login: LoginTold) => void;
}

/** Checks passwords of admins and of root. */
export class Login {
  readonly #reads: Reads;
  readonly #demo: boolean;
  readonly #root: string | null;
  readonly #tell: (login: LoginTold) => void;
  readonly #tries = new TokenBuckets(TRIES);
  readonly #underWay = new Map<string, number>();
  #rootHash: Promise<string> | undefined;

  constructor({ reads, demo, root = null, tell }: LoginHost) {
    this.#reads = reads;
    this.#demo = demo;
    this.#root = root;
    this.#tell = tell;
  }

  /**
   * Who has this password. Throws RATE_LIMITED, UNAUTHENTICATED (the same, and as late, for an unknown name and a wrong
   * password).
   */
  async admin(userName: string, password: string, address: string): Promise<LoggedIn> {
    const tried = `${address} ${userName}`;
    const who = await this.#inTurn(address, () => {
      // Taken before the slow hash: concurrent guesses must not all see the same count.
      const retryAfterMs = Math.ceil(this.#tries.take(tried));
      if (retryAfterMs > 0) throw new ApiError('RATE_LIMITED', 'too many wrong passwords', { retryAfterMs });
      return this.#prove(userName, password);
    });
    this.#tell({ address, user_name: userName, success: who !== null });
    if (who === null) throw new ApiError('UNAUTHENTICATED', 'the user name or the password is wrong');
    this.#tries.giveBack(tried);
    return who;
  }

  /** The user name of an admin. Throws UNAUTHENTICATED if there is none. */
  async nameOf(adminId: number): Promise<string> {
    const admin = await this.#reads((em) => em.findOne(Admin, { adminId, removedAt: null }));
    if (admin === null) throw new ApiError('UNAUTHENTICATED', 'you were removed');
    return admin.userName;
  }

  /** Null: the name or the password is wrong. */
  async #prove(userName: string, password: string): Promise<LoggedIn | null> {
    const isRoot = this.#root !== null && userName === ROOT_NAME;
    const admin = isRoot ? null : await this.#reads((em) => em.findOne(Admin, { userName, removedAt: null }));
    const usable = this.#demo || userName !== DEMO.admin.userName;
    const stored = isRoot ? await this.#hashOf(this.#root) : usable ? (admin?.passwordHash ?? null) : null;
    if (!(await isPassword(password, stored))) return null;
    if (isRoot) return 'root';
    const { operatorId: operator, adminId, tokenGeneration: generation } = admin!;
    return { operator, adminId, generation };
  }

  /** Checks at most a few passwords of one address at once, so that it does not fill the places of all. */
  async #inTurn<T>(address: string, prove: () => Promise<T>): Promise<T> {
    const count = this.#underWay.get(address) ?? 0;
    if (count >= AT_ONCE_EACH) throw new ApiError('RATE_LIMITED', 'too many log-ins at once', { retryAfterMs: 1000 });
    this.#underWay.set(address, count + 1);
    try {
      return await prove();
    } finally {
      const left = this.#underWay.get(address)! - 1;
      if (left === 0) this.#underWay.delete(address);
      else this.#underWay.set(address, left);
    }
  }

  /** Made once, at the first log-in. */
  async #hashOf(root: string): Promise<string> {
    this.#rootHash ??= hashPassword(root);
    try {
      return await this.#rootHash;
    } catch (error) {
      // Too many passwords were being checked.
      this.#rootHash = undefined;
      throw error;
    }
  }
}
