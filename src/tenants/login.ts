import type { Sql } from '../db/index.ts';
import { Refusal } from '../kernel/index.ts';
import { DEMO } from './demo.ts';
import { isPassword } from './passwords.ts';
import { Tries } from './tries.ts';

/** Checks admins' passwords. */
export class Login {
  readonly #sql: Sql;
  readonly #demo: boolean;
  readonly #tries = new Tries();

  constructor(sql: Sql, demo: boolean) {
    this.#sql = sql;
    this.#demo = demo;
  }

  /** The admin. Refuses: RATE_LIMITED, UNAUTHENTICATED (an unknown name as a wrong password, as late). */
  async admin(userName: string, password: string): Promise<{ operator: number; adminId: number }> {
    // Taken before the slow hash: guesses that come at once must not all see the same count.
    const retryAfterMs = Math.ceil(this.#tries.take(userName));
    if (retryAfterMs > 0) throw new Refusal('RATE_LIMITED', 'too many wrong passwords', { retryAfterMs });
    const [row] = await this.#sql(
      'select operator_id, admin_id, password_hash from admin where user_name = $1', [userName]);
    const usable = this.#demo || userName !== DEMO.admin.userName;
    if (!await isPassword(password, usable ? row?.[2] ?? null : null)) {
      throw new Refusal('UNAUTHENTICATED', 'the user name or the password is wrong');
    }
    this.#tries.giveBack(userName);
    return { operator: Number(row![0]), adminId: Number(row![1]) };
  }
}
