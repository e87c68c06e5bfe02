import type { PotsRecurrence, PotsWindow } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { DailyFrequency, RecurrenceRule } from '../../../gen/ts/windfall/pots/v1/schedule.ts';
import { invalid } from '../../kernel/index.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7;
/** 1970 began on a Thursday. */
const MONDAY = 3;
const SECOND_MICROS = 1_000_000;
const ALL_DAY: PotsWindow = { from: 0, to: DAY - 1 };

/** The stored form of rules. Throws INVALID_ARGUMENT. @param start whether the schedule has a beginning. */
export const recurrenceOf = (rules: readonly RecurrenceRule[], start: boolean): PotsRecurrence[] =>
  rules.map(({ frequency, interval = 1 }, i) => {
    const at = `schedule.recurrence_rules[${i}]`;
    if (interval > 1 && !start) throw invalid(`${at}.interval`, 'must be 1 without schedule.timestamp_start');
    const { $case, value } = frequency!.kind!;
    return {
      interval,
      weekdays: $case === 'weekly' ? value.days.map((day) => DAYS.indexOf(day)) : [],
      windows: windowsOf(value, `${at}.frequency.${$case === 'weekly' ? 'Weekly' : 'Daily'}`),
    };
  });

/** The messages of rules. */
export const recurrenceMessages = (rules: readonly PotsRecurrence[]): RecurrenceRule[] =>
  rules.map(({ interval, weekdays, windows }) => {
    const hours = windows.map(({ from, to }) => [timeMessage(from), timeMessage(to)]);
    const days = weekdays.map((day) => DAYS[day]!);
    return {
      interval,
      frequency: {
        kind: days.length === 0 ? { $case: 'daily', value: { hours } } : { $case: 'weekly', value: { days, hours } },
      },
    };
  });

/**
 * Whether contributions are taken at a time: within a window of any rule, or if there is no rule. A window belongs to
 * the day in UTC on which it begins; days and weeks are counted in both directions from those of the start.
 * @param start and time in microseconds since 1970.
 */
export function openAt(rules: readonly PotsRecurrence[], start: number, time: number): boolean {
  if (rules.length === 0) return true;
  const second = Math.floor(time / SECOND_MICROS);
  const [today, first] = [dayOf(second), dayOf(Math.floor(start / SECOND_MICROS))];
  const clock = second - today * DAY;
  return rules.some((rule) =>
    rule.windows.some(({ from, to }) =>
      from <= to
        ? from <= clock && clock <= to && returns(rule, first, today)
        : (from <= clock && returns(rule, first, today)) || (clock <= to && returns(rule, first, today - 1)),
    ),
  );
}

/** Whether the windows of a rule begin on a day. Days are counted from 1970. */
function returns({ interval, weekdays }: PotsRecurrence, first: number, day: number): boolean {
  if (weekdays.length === 0) return (day - first) % interval === 0;
  if ((weekOf(day) - weekOf(first)) % interval !== 0) return false;
  return weekdays.includes(day + MONDAY - weekOf(day) * WEEK);
}

const dayOf = (second: number): number => Math.floor(second / DAY);
const weekOf = (day: number): number => Math.floor((day + MONDAY) / WEEK);

function windowsOf({ hours }: DailyFrequency, at: string): PotsWindow[] {
  if (hours.length === 0) return [ALL_DAY];
  return hours.map((pair: readonly unknown[], i) => {
    const field = `${at}.hours[${i}]`;
    if (pair.length !== 2) throw invalid(field, 'must be a pair [from, to]');
    return { from: secondOf(pair[0], `${field}[0]`), to: secondOf(pair[1], `${field}[1]`) };
  });
}

/** The second of the day of {"hour", "minute", "sec"}. */
function secondOf(value: unknown, field: string): number {
  if (typeof value !== 'object' || value === null) throw invalid(field, 'must be {"hour", "minute", "sec"}');
  const part = (name: string, below: number): number => {
    const number = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < below) return number;
    throw invalid(`${field}.${name}`, `must be a whole number from 0 to ${below - 1}`);
  };
  return part('hour', 24) * HOUR + part('minute', 60) * 60 + part('sec', 60);
}

const timeMessage = (second: number) => ({
  hour: Math.floor(second / HOUR),
  minute: Math.floor((second % HOUR) / 60),
  sec: second % 60,
});
