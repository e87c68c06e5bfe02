import type { Reads } from '../db/index.ts';
import { ApiError, TokenBuckets } from '../kernel/index.ts';
import { DEMO } from './demo.ts';
import { Admin } from './entities.ts';
import { isPassword } from './passwords.ts';

/** Enough for people who mistype. 17,000 guesses a day; the limit of an address is 43,000. */
const TRIES = { perSecond: 0.2, burst: 10 };

/** Checks admins' passwords. */
export class Login {
  readonly #reads: Reads;
  readonly #demo: boolean;
  readonly #tries = new TokenBuckets(TRIES);

  constructor(reads: Reads, demo: boolean) {
    this.#reads = reads;
    this.#demo = demo;
  }

  /**
   * The admin. Throws RATE_LIMITED, UNAUTHENTICATED (the same, and as late, for an unknown name and a wrong password).
   */
  async admin(userName: string, password: string): Promise<{ operator: number; adminId: number }> {
    // Taken before the slow hash: concurrent guesses must not all see the same count.
    const retryAfterMs = Math.ceil(this.#tries.take(userName));
    if (retryAfterMs > 0) throw new ApiError('RATE_LIMITED', 'too many wrong passwords', { retryAfterMs });
    const admin = await this.#reads((em) => em.findOne(Admin, { userName }));
    const usable = this.#demo || userName !== DEMO.admin.userName;
    if (!(await isPassword(password, usable ? (admin?.passwordHash ?? null) : null))) {
      throw new ApiError('UNAUTHENTICATED', 'the user name or the password is wrong');
    }
    this.#tries.giveBack(userName);
    return { operator: admin!.operatorId, adminId: admin!.adminId };
  }
}
