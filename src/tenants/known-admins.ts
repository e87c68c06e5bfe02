import type { Reads } from '../db/index.ts';
import { Admin } from './entities.ts';
import { ReadThrough } from './read-through.ts';

/** A change on another server takes effect within this time, as the contract promises. */
const FOUND_MS = 5000;
const MISSING_MS = 1000;
const ADMINS_MAX = 10_000;
/** An admin takes 1 ms: a read that takes this long hangs on a broken connection. */
const QUICK_MS = 2000;

/** What a token says of its admin, as strings that are equal for the tokens that are good. */
export const tokenMark = (operator: number, generation: number): string => `${operator}/${generation}`;

/** A cache of what the tokens of admins must say. Of an admin who was removed no token says it. */
export class KnownAdmins {
  readonly #marks: ReadThrough<number, string>;

  constructor(reads: Reads) {
    this.#marks = new ReadThrough<number, string>({
      async read(ids) {
        const admins = await reads((em) => em.find(Admin, { adminId: { $in: [...ids] } }), QUICK_MS);
        return new Map(
          admins.map(({ adminId, operatorId, tokenGeneration }) => [adminId, tokenMark(operatorId, tokenGeneration)]),
        );
      },
      foundMs: FOUND_MS,
      missingMs: MISSING_MS,
      sizeMax: ADMINS_MAX,
    });
  }

  /** The mark of an admin's good tokens; undefined if there is no such admin. No promise if it is cached. */
  mark(adminId: number): string | undefined | Promise<string | undefined> {
    return this.#marks.get(adminId);
  }

  /** Must be called after admins were changed: later calls see the current state of the database. */
  clear(): void {
    this.#marks.clear();
  }
}
