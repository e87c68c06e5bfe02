import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { healthAfter, outcomeOf, type Outcome } from '../../src/webhooks/retry.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const answered = (status: number, retryAfter?: string) => ({ status, error: null, retryAfter });
const outcome = (status: number, tries = 1, retryAfter?: string, random = 0.5): Outcome =>
  outcomeOf(answered(status, retryAfter), tries, NOW, random);
const afterMs = (one: Outcome): number => (one.state === 'again' ? one.afterMs : Number.NaN);

describe('an answer', () => {
  for (const status of [200, 201, 202, 204, 299]) {
    test(`${status} is an acknowledgement`, () => assert.deepEqual(outcome(status), { state: 'delivered' }));
  }
  for (const status of [400, 401, 403, 404, 409, 413, 422, 451, 499]) {
    test(`${status} refuses the event`, () => {
      assert.deepEqual(outcome(status), { state: 'failed', error: `the answer is ${status}`, why: 'refused' });
    });
  }
  test('410 ends the webhook', () => {
    assert.deepEqual(outcome(410), { state: 'failed', error: 'the answer is 410', why: 'gone' });
  });
  for (const status of [100, 101, 300, 301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504, 599, 600, 999]) {
    test(`${status} is no answer for now`, () => assert.equal(outcome(status).state, 'again'));
  }
  test('that is missing is none for now', () => {
    const none = outcomeOf({ status: 0, error: 'no connection', retryAfter: undefined }, 1, NOW, 0.5);
    assert.deepEqual(none, { state: 'again', error: 'no connection', afterMs: 5000 });
  });
  test('the twelfth failure is the last', () => {
    assert.equal(outcome(500, 11).state, 'again');
    assert.deepEqual(outcome(500, 12), { state: 'failed', error: 'the answer is 500', why: 'exhausted' });
    assert.deepEqual(outcome(200, 12), { state: 'delivered' });
  });
});

describe('the time until the next try', () => {
  test('grows fourfold, up to six hours', () => {
    const hours6 = 6 * 3_600_000;
    const waits = Array.from({ length: 11 }, (_, i) => afterMs(outcome(500, i + 1)));
    assert.deepEqual(waits.slice(0, 7), [5000, 20_000, 80_000, 320_000, 1_280_000, 5_120_000, 20_480_000]);
    assert.deepEqual(waits.slice(7), [hours6, hours6, hours6, hours6]);
  });
  test('is a fifth shorter or longer at random', () => {
    assert.equal(afterMs(outcome(500, 1, undefined, 0)), 4000);
    assert.equal(afterMs(outcome(500, 1, undefined, 1)), 6000);
  });
  test('is what the receiver asks for, if that is longer, up to six hours', () => {
    assert.equal(afterMs(outcome(429, 1, '60')), 60_000);
    assert.equal(afterMs(outcome(503, 1, '60')), 60_000);
    assert.equal(afterMs(outcome(503, 1, 'Sun, 22 Nov 2026 12:02:00 GMT')), 120_000);
    assert.equal(afterMs(outcome(503, 1, '1')), 5000);
    assert.equal(afterMs(outcome(503, 1, '999999999')), 6 * 3_600_000);
    assert.equal(afterMs(outcome(503, 1, 'Fri, 31 Dec 9999 23:59:59 GMT')), 6 * 3_600_000);
  });
  test('takes no notice of a header that says nothing', () => {
    for (const header of ['', 'soon', '-5', '1e9', 'NaN', '99999999999999999999', 'Sun, 22 Nov 2020 12:00:00 GMT'])
      assert.equal(afterMs(outcome(503, 1, header)), 5000, header);
  });
});

describe('a webhook', () => {
  const again: Outcome = { state: 'again', error: '', afterMs: 0 };
  const at = new Date(NOW);

  test('that keeps failing is left alone for longer and longer, up to a minute', () => {
    const pauses: number[] = [];
    let health = { failures: 0, failingSince: null as Date | null };
    for (let i = 0; i < 14; i++) {
      const after = healthAfter(health, again, at);
      pauses.push(after.pauseMs / 1000);
      health = after;
    }
    assert.deepEqual(pauses, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    assert.deepEqual(health.failingSince, at);
  });
  test('works again after one success, and after an answer that refuses an event', () => {
    const failing = { failures: 20, failingSince: new Date(0) };
    const works = { failures: 0, failingSince: null, pauseMs: 0, disabled: false };
    assert.deepEqual(healthAfter(failing, { state: 'delivered' }, at), works);
    assert.deepEqual(healthAfter(failing, { state: 'failed', error: '', why: 'refused' }, at), works);
    assert.equal(healthAfter(failing, { state: 'failed', error: '', why: 'exhausted' }, at).failures, 21);
  });
  test('is disabled by 410, and after five days without success', () => {
    assert.equal(
      healthAfter({ failures: 0, failingSince: null }, { state: 'failed', error: '', why: 'gone' }, at).disabled,
      true,
    );
    const since = (days: number) => ({ failures: 9, failingSince: new Date(NOW - days * 86_400_000) });
    assert.equal(healthAfter(since(4.9), again, at).disabled, false);
    assert.equal(healthAfter(since(5.1), again, at).disabled, true);
  });
});
