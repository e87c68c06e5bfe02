import { Cron } from 'croner';
import { invalid } from './errors.ts';

/** Times of a clock on a wall: a pattern of five fields (minute, hour, day, month, day of week) in an IANA zone. */
export interface Schedule {
  readonly cron: string;
  readonly zone: string;
}

/** Lists, ranges, steps, names of months and days, and `L`, `W`, `#` of days: no field of seconds, no nicknames. */
const PATTERN = /^[0-9A-Za-z*,/#-]{1,64}( [0-9A-Za-z*,/#-]{1,64}){4}$/;

/**
 * Throws INVALID_ARGUMENT for a pattern that cannot be read or has no time to come, and for an unknown zone.
 * @param path of the message that has the fields `cron` and `zone`.
 */
export function checkSchedule(schedule: Schedule, path: string): void {
  checkZone(schedule.zone, `${path}.zone`);
  if (!PATTERN.test(schedule.cron)) throw invalid(`${path}.cron`, 'must have five fields, separated by one space');
  try {
    if (nextOccurrence(schedule, Date.now() * 1000) !== undefined) return;
  } catch (error) {
    throw invalid(`${path}.cron`, `is no pattern: ${(error as Error).message}`);
  }
  throw invalid(`${path}.cron`, 'names no time to come');
}

/** Throws INVALID_ARGUMENT for a text that names no time zone. @param path of its field. */
export function checkZone(zone: string, path: string): void {
  try {
    // A zone by its name: PostgreSQL, and other readers of the definition, may not read offsets as we do.
    if (/^[A-Za-z]/.test(zone)) return void new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    // Unknown.
  }
  throw invalid(path, 'must be the name of a time zone, such as Europe/Malta');
}

/**
 * The first time of a schedule after a time, both in microseconds since 1970; undefined: there is none. A time that
 * the zone skips (02:30, where clocks go from 02:00 to 03:00) is at the end of what is skipped, 03:00. Of a time that
 * the zone repeats, the first one counts. With `*` or `/` in its minute or hour a pattern means time that passes: what
 * is skipped is left out, and what is repeated counts twice.
 */
export function nextOccurrence({ cron, zone }: Schedule, after: number): number | undefined {
  const pattern = new Cron(cron, { timezone: zone, paused: true, fixedTimeRule: 'no-wildcard' });
  const next = pattern.nextRun(new Date(Math.floor(after / 1000)));
  return next === null ? undefined : next.getTime() * 1000;
}

/** The last time of a schedule up to `now`, found by bisection; `due` if there is none after that. */
export function lastOccurrence(schedule: Schedule, due: number, now: number): number {
  let [last, none] = [due, now];
  while (last < none) {
    const middle = Math.floor((last + none) / 2);
    const next = nextOccurrence(schedule, middle);
    if (next !== undefined && next <= now) last = next;
    else none = middle;
  }
  return last;
}
