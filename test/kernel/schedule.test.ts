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
  [
    'of 02:30 and 14:30 Malta skips the first on 29 March: it is at 03:00',
    'Europe/Malta',
    '30 2,14 * * *',
    '2026-03-28T12:00Z',
    ['2026-03-28T13:30', '2026-03-29T01:00', '2026-03-29T12:30', '2026-03-30T00:30'],
  ],
  [
    'of 02:30 and 14:30 Malta has the first one twice on 25 October',
    'Europe/Malta',
    '30 2,14 * * *',
    '2026-10-24T12:00Z',
    ['2026-10-24T12:30', '2026-10-25T00:30', '2026-10-25T13:30', '2026-10-26T01:30'],
  ],
  [
    'Malta skips 02:00 and 02:30 of the half hours from 01:00 to 03:30: both are at 03:00, which is one time',
    'Europe/Malta',
    '0,30 1-3 * * *',
    '2026-03-28T12:00Z',
    ['2026-03-29T00:00', '2026-03-29T00:30', '2026-03-29T01:00', '2026-03-29T01:30', '2026-03-29T23:00'],
  ],
  [
    'Malta has 02:00 and 02:30 twice, of the half hours from 01:00 to 03:30',
    'Europe/Malta',
    '0,30 1-3 * * *',
    '2026-10-24T12:00Z',
    [
      '2026-10-24T23:00',
      '2026-10-24T23:30',
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-25T02:00',
      '2026-10-25T02:30',
    ],
  ],
  [
    'New York skips 02:00 and 02:30, of four times',
    'America/New_York',
    '0,30 2,14 * * *',
    '2026-03-07T20:00Z',
    ['2026-03-08T07:00', '2026-03-08T18:00', '2026-03-08T18:30', '2026-03-09T06:00'],
  ],
  [
    'New York has 01:00 and 01:30 twice, of four times',
    'America/New_York',
    '0,30 1,13 * * *',
    '2026-10-31T20:00Z',
    ['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-01T18:00', '2026-11-01T18:30', '2026-11-02T06:00'],
  ],
  [
    'Kathmandu has each of four times each day',
    'Asia/Kathmandu',
    '0,30 0,2 * * *',
    '2026-03-28T18:00Z',
    ['2026-03-28T18:15', '2026-03-28T18:45', '2026-03-28T20:15', '2026-03-28T20:45', '2026-03-29T18:15'],
  ],
  [
    'the Chatham Islands skip 03:30: it is at 03:45',
    'Pacific/Chatham',
    '30 3,15 * * *',
    '2026-09-26T00:00Z',
    ['2026-09-26T02:45', '2026-09-26T14:00', '2026-09-27T01:45', '2026-09-27T13:45'],
  ],
  [
    'the Chatham Islands have 03:00 and 03:30 twice',
    'Pacific/Chatham',
    '0,30 3-4 * * *',
    '2026-04-04T12:00Z',
    ['2026-04-04T13:15', '2026-04-04T13:45', '2026-04-04T15:15', '2026-04-04T15:45', '2026-04-05T14:15'],
  ],
  [
    'with a step, what Malta skips is left out',
    'Europe/Malta',
    '*/30 2 * * *',
    '2026-03-28T12:00Z',
    ['2026-03-30T00:00', '2026-03-30T00:30', '2026-03-31T00:00'],
  ],
  [
    'with a star, what Malta repeats counts twice',
    'Europe/Malta',
    '30 * * * *',
    '2026-10-24T23:00Z',
    ['2026-10-24T23:30', '2026-10-25T00:30', '2026-10-25T01:30', '2026-10-25T02:30'],
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
