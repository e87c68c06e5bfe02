import { LRUCache } from 'lru-cache';
import type { Sql } from '../db/index.ts';
import { Refusal } from '../kernel/index.ts';
import { DEMO } from './demo.ts';
import { isPassword } from './passwords.ts';

/** Wrong passwords that a user name may have in a quarter of an hour. */
const FAILURES = 10;
const WINDOW_MS = 15 * 60_000;

/** Checks admins' passwords. */
export class Login {
  readonly #sql: Sql;
  readonly #demo: boolean;
  readonly #failures = new LRUCache<string, number>({ max: 100_000, ttl: WINDOW_MS, noUpdateTTL: true });

  constructor(sql: Sql, demo: boolean) {
    this.#sql = sql;
    this.#demo = demo;
  }

  /** The admin. Refuses: RATE_LIMITED, UNAUTHENTICATED (for an unknown name as for a wrong password, in the same time). */
  async admin(userName: string, password: string): Promise<{ operator: number; adminId: number }> {
    const failures = this.#failures.get(userName) ?? 0;
    if (failures >= FAILURES) {
      throw new Refusal('RATE_LIMITED', 'too many wrong passwords', { retryAfterMs: this.#failures.getRemainingTTL(userName) });
    }
    const [row] = await this.#sql('select operator_id, admin_id, password_hash from admin where user_name = $1', [userName]);
    const usable = this.#demo || userName !== DEMO.admin.userName;
    if (!await isPassword(password, usable ? row?.[2] ?? null : null)) {
      this.#failures.set(userName, failures + 1);
      throw new Refusal('UNAUTHENTICATED', 'the user name or the password is wrong');
    }
    return { operator: Number(row![0]), adminId: Number(row![1]) };
  }
}
