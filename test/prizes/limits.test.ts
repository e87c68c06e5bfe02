import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { dayIn, startOfDay } from '../../src/kernel/index.ts';
import { countedOf, countPlays, playCounter, requireWithin } from '../../src/prizes/limits.ts';

const micros = (text: string): number => Date.parse(text) * 1000;
const limit = (period: string, count = 1, seconds = 0) => ({ period, count: BigInt(count), seconds: BigInt(seconds) });
type Limit = ReturnType<typeof limit>;

/** One player's plays. */
class Player {
  readonly row = playCounter.blank(7);
  zone = '';
  readonly #limits: readonly Limit[];

  constructor(...limits: readonly Limit[]) {
    this.#limits = limits;
  }

  /** Plays; null: it was possible, else when the next play is. */
  play(time: string, plays = 1): string | null | undefined {
    const now = micros(time);
    const moment = { now, zone: this.zone };
    try {
      requireWithin('box', this.#limits, this.row, plays, moment);
    } catch (error) {
      return (error as { details: Record<string, string> }).details['open_time'];
    }
    countPlays(this.row, { ...countedOf(this.#limits, this.row, plays, moment), row: 7n, created: false }, now);
    return null;
  }
}

describe('limits', () => {
  test('from_last counts anew once its seconds have passed since the last play', () => {
    const player = new Player(limit('from_last', 2, 3600));
    assert.equal(player.play('2026-01-01T00:00:00Z'), null);
    assert.equal(player.play('2026-01-01T00:59:59Z'), null);
    assert.equal(player.play('2026-01-01T01:30:00Z'), '2026-01-01T01:59:59.000Z');
    assert.equal(player.play('2026-01-01T01:59:58.999Z'), '2026-01-01T01:59:59.000Z');
    assert.equal(player.play('2026-01-01T01:59:59Z', 2), null);
    assert.equal(player.play('2026-01-01T02:59:58Z'), '2026-01-01T02:59:59.000Z');
  });

  test('from_last counts a play at the very end of the wait as the first one of the next', () => {
    const player = new Player(limit('from_last', 2, 3600));
    assert.equal(player.play('2026-01-01T00:00:00Z', 2), null);
    assert.equal(player.play('2026-01-01T01:00:00Z'), null);
    assert.equal(player.play('2026-01-01T01:00:00Z'), null);
    assert.equal(player.play('2026-01-01T01:00:00Z'), '2026-01-01T02:00:00.000Z');
  });

  test('from_last waits from the latest play, also where the clock was set back', () => {
    const player = new Player(limit('from_last', 2, 3600));
    assert.equal(player.play('2026-01-01T12:00:00Z'), null);
    assert.equal(player.play('2026-01-01T00:00:00Z'), null);
    assert.equal(player.play('2026-01-01T01:00:00Z'), '2026-01-01T13:00:00.000Z');
  });

  test('utc_day counts from midnight to midnight', () => {
    const player = new Player(limit('utc_day', 2));
    assert.equal(player.play('2026-01-01T23:59:59.999Z', 2), null);
    assert.equal(player.play('2026-01-01T23:59:59.999Z'), '2026-01-02T00:00:00.000Z');
    assert.equal(player.play('2026-01-02T00:00:00Z'), null);
  });

  test("player_day counts by the player's clock, also on days when it changes", () => {
    for (const [zone, at, opens] of [
      ['Europe/Malta', '2026-03-28T23:30:00Z', '2026-03-29T22:00:00.000Z'],
      ['America/New_York', '2026-11-01T04:30:00Z', '2026-11-02T05:00:00.000Z'],
      ['Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01T18:15:00.000Z'],
      ['Pacific/Chatham', '2026-01-01T00:00:00Z', '2026-01-01T10:15:00.000Z'],
    ] as const) {
      const player = new Player(limit('player_day'));
      player.zone = zone;
      assert.equal(player.play(at), null);
      assert.equal(player.play(at), opens, zone);
      assert.equal(player.play(new Date(Date.parse(opens) - 1).toISOString()), opens, zone);
      assert.equal(player.play(opens), null, zone);
    }
  });

  test('another zone gives no day twice', () => {
    const player = new Player(limit('player_day'));
    player.zone = 'Pacific/Kiritimati';
    assert.equal(player.play('2026-01-01T12:00:00Z'), null);
    player.zone = 'Pacific/Pago_Pago';
    assert.equal(player.play('2026-01-01T12:00:01Z'), '2026-01-03T11:00:00.000Z');
    player.zone = 'Pacific/Kiritimati';
    assert.equal(player.play('2026-01-01T12:00:02Z'), '2026-01-02T10:00:00.000Z');
  });

  test('a clock that was set back gives no day twice', () => {
    const player = new Player(limit('utc_day'), limit('from_last', 1, 60));
    assert.equal(player.play('2026-01-02T00:00:00Z'), null);
    assert.equal(player.play('2026-01-01T00:00:00Z'), '2026-01-03T00:00:00.000Z');
  });

  test('lifetime ends once and for all, and all limits hold', () => {
    const player = new Player(limit('lifetime', 3), limit('utc_day', 2));
    assert.equal(player.play('2026-01-01T00:00:00Z', 2), null);
    assert.equal(player.play('2026-01-01T00:00:00Z'), '2026-01-02T00:00:00.000Z');
    assert.equal(player.play('2026-01-02T00:00:00Z', 2), undefined);
    assert.equal(player.play('2026-01-02T00:00:00Z'), null);
    assert.equal(player.play('2027-01-01T00:00:00Z'), undefined);
  });

  test('more plays at once than a limit has are never possible, and no time is given', () => {
    assert.equal(new Player(limit('utc_day', 2)).play('2026-01-01T00:00:00Z', 3), undefined);
  });
});

test('no period ever has more plays than its limit, whenever they are tried', () => {
  const hours = fc.array(fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1, max: 3 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(hours, fc.integer({ min: 1, max: 4 }), (tries, count) => {
      const player = new Player(limit('utc_day', count), limit('lifetime', 20));
      const days = new Map<number, number>();
      for (const [hour, plays] of tries.toSorted(([a], [b]) => a - b)) {
        const time = new Date(Date.UTC(2026, 0, 1) + hour * 3_600_000).toISOString();
        const day = Math.floor(hour / 24);
        const fits = (days.get(day) ?? 0) + plays <= count && [...days.values()].reduce((a, b) => a + b, plays) <= 20;
        assert.equal(player.play(time, plays) === null, fits);
        if (fits) days.set(day, (days.get(day) ?? 0) + plays);
      }
    }),
  );
});

test('a day in a zone starts where the calendar changes', () => {
  const zones = ['', 'Europe/Malta', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Pacific/Apia', 'Africa/Cairo'];
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 10_000, max: 30_000 }), (zone, day) => {
      const start = startOfDay(zone, day);
      assert.ok(dayIn(zone, start) >= day && dayIn(zone, start - 1) < day);
    }),
  );
  // Samoa went from the 29th to the 31st of December 2011.
  const skipped = Date.UTC(2011, 11, 30) / 86_400_000;
  assert.equal(dayIn('Pacific/Apia', startOfDay('Pacific/Apia', skipped)), skipped + 1);
});
