import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { type ApiError, checkSchedule, nextOccurrence } from '../../src/kernel/index.ts';

/** The times of a schedule after a time, as ISO texts without seconds. */
function times(cron: string, zone: string, after: string, count: number): string[] {
  const out: string[] = [];
  for (let at = Date.parse(after) * 1000; out.length < count;) {
    at = nextOccurrence({ cron, zone }, at)!;
    out.push(new Date(at / 1000).toISOString().slice(0, 16));
  }
  return out;
}

// What the clocks of a zone do, and when a time of each day is then. The offsets are those of the zone's own law.
const CHANGES: readonly [what: string, zone: string, cron: string, after: string, expected: readonly string[]][] = [
  [
    'Malta skips 02:30 on 29 March: it is at 03:00 summer time',
    'Europe/Malta',
    '30 2 * * *',
    '2026-03-27T12:00Z',
    ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30'],
  ],
  [
    'Malta has 02:30 twice on 25 October: the first one counts',
    'Europe/Malta',
    '30 2 * * *',
    '2026-10-23T12:00Z',
    ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'New York skips 02:30 on 8 March',
    'America/New_York',
    '30 2 * * *',
    '2026-03-06T12:00Z',
    ['2026-03-07T07:30', '2026-03-08T07:00', '2026-03-09T06:30'],
  ],
  [
    'New York has 01:30 twice on 1 November',
    'America/New_York',
    '30 1 * * *',
    '2026-10-30T12:00Z',
    ['2026-10-31T05:30', '2026-11-01T05:30', '2026-11-02T06:30'],
  ],
  [
    'Kathmandu is at 5:45 and never changes: 00:15 is 18:30',
    'Asia/Kathmandu',
    '15 0 * * *',
    '2026-03-27T18:30Z',
    ['2026-03-28T18:30', '2026-03-29T18:30', '2026-03-30T18:30'],
  ],
  [
    'the Chatham Islands skip 03:00 on 27 September, where 02:45 is followed by 03:45',
    'Pacific/Chatham',
    '0 3 * * *',
    '2026-09-25T00:00Z',
    ['2026-09-25T14:15', '2026-09-26T14:00', '2026-09-27T13:15'],
  ],
  [
    'the Chatham Islands have 03:00 twice on 5 April: the first one counts',
    'Pacific/Chatham',
    '0 3 * * *',
    '2026-04-03T00:00Z',
    ['2026-04-03T13:15', '2026-04-04T13:15', '2026-04-05T14:15'],
  ],
];

describe('a schedule over the changes of clocks', () => {
  for (const [what, zone, cron, after, expected] of CHANGES) {
    test(what, () => assert.deepEqual(times(cron, zone, after, expected.length), expected));
  }

  test('gives the same times wherever one begins to ask', () => {
    for (const [, zone, cron, after, expected] of CHANGES) {
      const last = Date.parse(`${expected.at(-1)}Z`);
      for (let ms = Date.parse(after); ms < last; ms += 5 * 60_000) {
        const next = expected.find((one) => Date.parse(`${one}Z`) > ms);
        assert.equal(times(cron, zone, new Date(ms).toISOString(), 1)[0], next, `${zone} after ${ms}`);
      }
    }
  });
});

test('the next time is later, also by a microsecond', () => {
  const schedule = { cron: '* * * * *', zone: 'UTC' };
  const minute = Date.parse('2026-01-01T00:01Z') * 1000;
  assert.deepEqual(
    [minute - 1, minute, minute + 59_999_999].map((after) => nextOccurrence(schedule, after)! - minute),
    [0, 60_000_000, 60_000_000],
  );
});

describe('a schedule is refused', () => {
  const issueOf = (cron: string, zone: string): string => {
    try {
      checkSchedule({ cron, zone }, 'schedule');
    } catch (error) {
      return (error as ApiError).fields[0]!.field;
    }
    return '';
  };
  const BAD = [
    '',
    '* * * *',
    '* * * * * *',
    '@daily',
    '61 * * * *',
    '*/0 * * * *',
    'a b c d e',
    '0 0 31 2 *',
    '0  0 * * *',
  ];
  for (const cron of BAD) test(`with the pattern "${cron}"`, () => assert.equal(issueOf(cron, 'UTC'), 'schedule.cron'));
  for (const zone of ['', 'Nowhere/X', '+05:00', '-0500', 'Europe/Malta ', "UTC'"]) {
    test(`in the zone "${zone}"`, () => assert.equal(issueOf('0 0 * * *', zone), 'schedule.zone'));
  }
  test('not with names, lists, ranges and steps', () => {
    for (const cron of ['0 0 * JAN-MAR MON', '0,30 9-17 * * 1-5', '*/5 * L * *', '0 12 29 2 *'])
      assert.equal(issueOf(cron, 'Pacific/Chatham'), '');
  });
});
