import assert from 'node:assert/strict';
import { test } from 'vitest';
import { answerAhead } from '../../src/platform/index.ts';

/** Requests that are counted when they are read, and optionally fail at the end. */
function source(count: number, failure?: Error) {
  const seen = { read: 0 };
  async function* requests(): AsyncGenerator<number> {
    for (let n = 0; n < count; n++) {
      seen.read += 1;
      yield n;
    }
    if (failure !== undefined) throw failure;
  }
  return { seen, requests: requests() };
}

const later = (n: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, n);
  });
const plain = { sizeOf: () => 1, prepare: (n: number) => n };

test('answers are in the order of requests, however long each takes', async () => {
  const answers: number[] = [];
  const { requests } = source(50);
  for await (const answer of answerAhead({
    requests,
    ...plain,
    atMost: 10,
    answer: async (n) => {
      await later((n * 7) % 5);
      return n;
    },
  }))
    answers.push(answer);
  assert.deepEqual(
    answers,
    Array.from({ length: 50 }, (_, n) => n),
  );
});

test('requests are started in order, even if preparing one takes a while', async () => {
  const begun: number[] = [];
  const { requests } = source(20);
  const prepare = (n: number): number | Promise<number> => (n % 3 === 0 ? later(3).then(() => n) : n);
  for await (const _ of answerAhead({
    requests,
    sizeOf: () => 1,
    prepare,
    atMost: 100,
    answer: async (n, ready) => {
      begun.push(ready);
      return n;
    },
  }))
    void _;
  assert.deepEqual(
    begun,
    Array.from({ length: 20 }, (_, n) => n),
  );
});

test('no more is read than may be in progress, until an answer is read', async () => {
  const { requests, seen } = source(100);
  const answers = answerAhead({ requests, ...plain, sizeOf: () => 5, atMost: 20, answer: async (n) => n });
  await answers.next();
  await later(20);
  assert.ok(seen.read <= 6, `${seen.read} were read`);
  await answers.next();
  await later(20);
  assert.ok(seen.read <= 7, `${seen.read} were read`);
  await answers.return(undefined);
});

test('a stream that breaks has what came before answered first', async () => {
  const answers: number[] = [];
  const { requests } = source(5, new Error('broken'));
  await assert.rejects(async () => {
    for await (const answer of answerAhead({
      requests,
      ...plain,
      atMost: 100,
      answer: async (n) => {
        await later(2);
        return n;
      },
    }))
      answers.push(answer);
  }, /broken/);
  assert.deepEqual(answers, [0, 1, 2, 3, 4]);
});

test('reading stops when the consumer leaves', async () => {
  const { requests, seen } = source(1000);
  for await (const answer of answerAhead({ requests, ...plain, atMost: 3, answer: async (n) => n }))
    if (answer === 2) break;
  await later(20);
  assert.ok(seen.read < 20, `${seen.read} were read`);
});

test('an answer that fails is reported in order, and later ones are not unhandled rejections', async () => {
  const { requests } = source(6);
  const answers: number[] = [];
  await assert.rejects(async () => {
    for await (const answer of answerAhead({
      requests,
      ...plain,
      atMost: 100,
      answer: async (n) => {
        if (n >= 2) throw new Error(`no ${n}`);
        await later(5);
        return n;
      },
    }))
      answers.push(answer);
  }, /no 2/);
  assert.deepEqual(answers, [0, 1]);
});
