import type { Reads } from '../db/index.ts';
import { ApiError, TokenBuckets } from '../kernel/index.ts';
import { DEMO } from './demo.ts';
import { Admin } from './entities.ts';
import { hashPassword, isPassword } from './passwords.ts';

/** Enough for people who mistype. 17,000 guesses a day; the limit of an address is 43,000. */
const TRIES = { perSecond: 0.2, burst: 10 };

/** The user name of the admin of the installation: no operator's admin gets it. */
export const ROOT_NAME = 'root';

/** Who has logged in: an operator's admin, or root. */
export type LoggedIn = { readonly operator: number; readonly adminId: number } | 'root';

/** Checks passwords of admins and of root. */
export class Login {
  readonly #reads: Reads;
  readonly #demo: boolean;
  readonly #root: string | null;
  readonly #tries = new TokenBuckets(TRIES);
  #rootHash: Promise<string> | undefined;

  /** @param root the password of root; null: there is no root. */
  constructor(reads: Reads, demo: boolean, root: string | null = null) {
    this.#reads = reads;
    this.#demo = demo;
    this.#root = root;
  }

  /**
   * Who has this password. Throws RATE_LIMITED, UNAUTHENTICATED (the same, and as late, for an unknown name and a wrong
   * password).
   */
  async admin(userName: string, password: string): Promise<LoggedIn> {
    // Taken before the slow hash: concurrent guesses must not all see the same count.
    const retryAfterMs = Math.ceil(this.#tries.take(userName));
    if (retryAfterMs > 0) throw new ApiError('RATE_LIMITED', 'too many wrong passwords', { retryAfterMs });
    const isRoot = this.#root !== null && userName === ROOT_NAME;
    const admin = isRoot ? null : await this.#reads((em) => em.findOne(Admin, { userName }));
    const usable = this.#demo || userName !== DEMO.admin.userName;
    const stored = isRoot ? await this.#hashOf(this.#root) : usable ? (admin?.passwordHash ?? null) : null;
    if (!(await isPassword(password, stored))) {
      throw new ApiError('UNAUTHENTICATED', 'the user name or the password is wrong');
    }
    this.#tries.giveBack(userName);
    return isRoot ? 'root' : { operator: admin!.operatorId, adminId: admin!.adminId };
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
