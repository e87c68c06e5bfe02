import type { JsonObject } from '@bufbuild/protobuf';

const DAY = 86_400;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** A schedule has at most 10 rules of 24 windows; one is of another day. */
const [RULES, WINDOWS] = [9, 24];
/** Open for so many seconds of so many. */
const [OPEN, OF] = [2, 4];

/** The windows of an instance: two seconds of every four, for 14 minutes from now. */
export class Windows {
  /** The second since 1970 in which the first one begins. */
  readonly #first = Math.floor(Date.now() / 1000);

  /** Rules of days and of weeks in turn, and one that is of no day of the run. */
  get schedule(): JsonObject {
    const today = new Date(this.#first * 1000).getUTCDay();
    const days = [0, 1, 2].map((after) => DAYS[(today + after) % 7]!);
    const rules = Array.from({ length: RULES }, (_, rule): JsonObject => {
      const hours = Array.from({ length: WINDOWS }, (_, i) => {
        const from = this.#first + (rule * WINDOWS + i) * OF;
        return [timeOf(from), timeOf(from + OPEN - 1)];
      });
      return { frequency: rule % 2 === 0 ? { Daily: { hours } } : { Weekly: { days, hours } } };
    });
    return { recurrence_rules: [...rules, { frequency: { Weekly: { days: [DAYS[(today + 4) % 7]!] } } }] };
  }

  /** @param time in microseconds since 1970. */
  isOpen(time: number): boolean {
    const since = (((Math.floor(time / 1e6) - this.#first) % DAY) + DAY) % DAY;
    return since < RULES * WINDOWS * OF && since % OF < OPEN;
  }

  /** Whether it was closed at any time between two, in microseconds. */
  wasClosed(from: number, to: number): boolean {
    for (let time = from; time < to; time += 1e6) if (!this.isOpen(time)) return true;
    return !this.isOpen(to);
  }
}

function timeOf(second: number): JsonObject {
  const within = second % DAY;
  return { hour: Math.floor(within / 3600), minute: Math.floor(within / 60) % 60, sec: within % 60 };
}
