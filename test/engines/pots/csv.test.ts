import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { fieldsOf, Lines } from '../../../src/engines/pots/bulk/csv.ts';
import { unlessSilent } from '../../../src/engines/pots/bulk/silence.ts';
import { ApiError } from '../../../src/kernel/index.ts';

/** The lines of a file that arrives in parts of a size. */
function linesOf(file: Buffer, size: number, max = 20): (string | null)[] {
  const lines = new Lines(max);
  const found: { number: number; text: string | null }[] = [];
  for (let from = 0; from < file.length; from += size) found.push(...lines.add(file.subarray(from, from + size)));
  found.push(...lines.end());
  assert.deepEqual(
    found.map(({ number }) => number),
    found.map((_, i) => i + 1),
  );
  return found.map(({ text }) => text);
}

test('lines are the same wherever a file is cut', () => {
  const file = Buffer.from(`\uFEFFone,two\r\n\n${'x'.repeat(20)}\n${'y'.repeat(21)}\nz\r\n"a\nb"\nlast`);
  const expected = ['one,two', '', 'x'.repeat(20), null, 'z', '"a', 'b"', 'last'];
  for (let size = 1; size <= file.length; size++) assert.deepEqual(linesOf(file, size), expected, `parts of ${size}`);
});

test('a line break at the end is no line, and a line that is too long ends with the file', () => {
  assert.deepEqual(linesOf(Buffer.from('a\n'), 1), ['a']);
  assert.deepEqual(linesOf(Buffer.from(`a\n${'b'.repeat(30)}`), 7), ['a', null]);
  assert.deepEqual(linesOf(Buffer.from(''), 7), []);
});

test('what is kept of a line that is too long is bounded', () => {
  const lines = new Lines(1024);
  const part = Buffer.alloc(65_536, 'x');
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 5000; i++) assert.deepEqual([...lines.add(part)], []);
  assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000);
  assert.deepEqual(
    [...lines.add(Buffer.from('\nnext\n'))].map(({ text }) => text),
    [null, 'next'],
  );
});

const FIELDS: readonly (readonly [string, readonly string[] | null])[] = [
  ['a,b,c', ['a', 'b', 'c']],
  ['a,,', ['a', '', '']],
  ['', ['']],
  ['"a","b,c"', ['a', 'b,c']],
  ['"a""b",c', ['a"b', 'c']],
  ['"",""', ['', '']],
  ['"a",', ['a', '']],
  ['"a', null],
  ['"a"b,c', null],
  ['a"b,c', null],
  ['a,"b" ,c', null],
  ['"', null],
];
for (const [line, fields] of FIELDS)
  test(`${line} has the fields ${JSON.stringify(fields)}`, () => assert.deepEqual(fieldsOf(line), fields));

async function* messages(pauses: readonly number[]): AsyncGenerator<number> {
  for (const ms of pauses) {
    await sleep(ms);
    yield ms;
  }
}

test('a stream that falls silent is given up, and one that goes on is not', async () => {
  const seen: number[] = [];
  const read = async (pauses: number[]): Promise<void> => {
    for await (const one of unlessSilent(messages(pauses), 200)) seen.push(one);
  };
  await read([20, 30, 20]);
  assert.deepEqual(seen, [20, 30, 20]);
  await assert.rejects(
    read([10, 5000]),
    (error) => error instanceof ApiError && error.reason === 'DEADLINE_EXCEEDED' && error.retryAfterMs === undefined,
  );
  assert.deepEqual(seen, [20, 30, 20, 10]);
});
