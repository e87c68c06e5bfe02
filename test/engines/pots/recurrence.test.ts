import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import type { PotsRecurrence, PotsWindow } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import { openAt, recurrenceMessages, recurrenceOf } from '../../../src/engines/pots/schedule.ts';

const [SECOND, DAY] = [1000, 86_400_000];
/** Milliseconds of 1999 to 2101: with the leap day of 2000, and without one in 2100. */
const time = fc.integer({ min: Date.UTC(1999, 0), max: Date.UTC(2101, 0) });
const second = fc.integer({ min: 0, max: 86_399 });
const window = fc.record({ from: second, to: second }, { noNullPrototype: true });
const rule = fc.record(
  {
    interval: fc.integer({ min: 1, max: 366 }).map((n) => (n % 3 === 0 ? n : (n % 3) + 1)),
    weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 7 }),
    windows: fc.array(window, { minLength: 1, maxLength: 4 }),
  },
  { noNullPrototype: true },
);
const open = (rules: readonly PotsRecurrence[], start: number, at: number): boolean =>
  openAt(rules, start * 1000, at * 1000 + 999);

/** Whether a window begins on a day, by the calendar. */
function begins({ interval, weekdays }: PotsRecurrence, start: number, day: Date): boolean {
  const midnight = (of: Date): number => Date.UTC(of.getUTCFullYear(), of.getUTCMonth(), of.getUTCDate());
  const days = Math.round((midnight(day) - midnight(new Date(start))) / DAY);
  if (weekdays.length === 0) return days % interval === 0;
  const weekday = (of: Date): number => (of.getUTCDay() + 6) % 7;
  const weeks = (days + weekday(new Date(start)) - weekday(day)) / 7;
  return weekdays.includes(weekday(day)) && weeks % interval === 0;
}

/** Whether a time is within a window of a rule, by the calendar: windows of the day before may go on. */
function within(of: PotsRecurrence, { from, to }: PotsWindow, start: number, at: number): boolean {
  return [0, 1].some((back) => {
    const day = new Date(at - back * DAY);
    const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()];
    const first = Date.UTC(year, month, date, 0, 0, from);
    const last = Date.UTC(year, month, to < from ? date + 1 : date, 0, 0, to) + SECOND;
    return begins(of, start, day) && first <= at && at < last;
  });
}

test('an instance is open exactly within the windows of the calendar, in any zone', () => {
  const before = process.env['TZ'];
  try {
    for (const zone of ['UTC', 'America/St_Johns', 'Pacific/Apia']) {
      process.env['TZ'] = zone;
      const law = fc.property(fc.array(rule, { minLength: 1, maxLength: 3 }), time, time, (rules, start, at) => {
        const expected = rules.some((one) => one.windows.some((hours) => within(one, hours, start, at)));
        assert.equal(open(rules, start, at), expected);
      });
      fc.assert(law, { numRuns: 400 });
    }
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
});

test('a window is open from its first millisecond to its last, and closed around them', () => {
  const law = fc.property(window, time, ({ from, to }, start) => {
    const rules = [{ interval: 2, weekdays: [], windows: [{ from, to }] }];
    const midnight = start - (start % DAY);
    const [first, end] = [midnight + from * SECOND, midnight + (to < from ? DAY : 0) + (to + 1) * SECOND];
    const seen = [first - 1, first, end - 1, end].map((at) => open(rules, start, at));
    assert.deepEqual(seen, [false, true, true, false]);
  });
  fc.assert(law, { numRuns: 200 });
});

test('windows across midnight, leap days and weeks of an interval', () => {
  const night = [{ interval: 2, weekdays: [], windows: [{ from: 22 * 3600, to: 2 * 3600 - 1 }] }];
  const start = Date.UTC(2028, 1, 28);
  const seen = (rules: PotsRecurrence[], ...at: [number, number, number, number][]): boolean[] =>
    at.map(([year, month, date, hour]) => open(rules, start, Date.UTC(year, month, date, hour)));
  // 2028-02-28, the leap day, 03-01.
  assert.deepEqual(
    seen(night, [2028, 1, 28, 23], [2028, 1, 29, 1], [2028, 1, 29, 23], [2028, 2, 1, 1], [2028, 2, 1, 22]),
    [true, true, false, false, true],
  );
  // A Monday. Sunday's window ends on the Monday of a week without windows.
  const weeks = [{ interval: 2, weekdays: [6], windows: [{ from: 22 * 3600, to: 3600 }] }];
  assert.deepEqual(seen(weeks, [2028, 2, 5, 23], [2028, 2, 6, 0], [2028, 2, 12, 23], [2028, 2, 19, 23]), [
    true,
    true,
    false,
    true,
  ]);
  assert.equal(open([], start, 0), true);
});

test('what is shown is what was asked for', () => {
  const law = fc.property(fc.array(rule, { maxLength: 3 }), (rules) => {
    assert.deepEqual(recurrenceOf(recurrenceMessages(rules), true), rules);
  });
  fc.assert(law, { numRuns: 100 });
});
