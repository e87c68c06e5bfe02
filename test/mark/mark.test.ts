import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, test } from 'vitest';
import { readConfig, requireMarkFile } from '../../src/config.ts';
import { readMark, refusal, writeMark, type DatabaseState } from '../../src/mark/index.ts';

const root = mkdtempSync(join(tmpdir(), 'windfall-mark-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const MARK: DatabaseState = {
  system: '7',
  database: '5',
  timeline: 1,
  epoch: 2,
  transaction: 100,
  operation: '1/0191d7a0-0000-7000-8000-000000000000',
};
const state = (change: Partial<DatabaseState & { used: boolean; known: boolean }> = {}) => ({
  ...MARK,
  used: true,
  known: true,
  ...change,
});

describe('a database may be used', () => {
  const cases: [string, DatabaseState | null, ReturnType<typeof state>, RegExp | undefined][] = [
    ['that is as its mark says', MARK, state(), undefined],
    ['that is ahead of its mark', MARK, state({ transaction: 101 }), undefined],
    ['that was never used and has no mark', null, state({ used: false }), undefined],
    ['whose epoch is later, wherever it is', MARK, state({ epoch: 3, system: '8', transaction: 5 }), undefined],
    ['not if it is used and has no mark', null, state(), /there is no mark/],
    ['not if its epoch is earlier', MARK, state({ epoch: 1, transaction: 500 }), /in epoch 1, its mark in epoch 2/],
    ['not in another cluster', MARK, state({ system: '8' }), /another cluster/],
    ['not if it is another database', MARK, state({ database: '6' }), /another database/],
    ['not on another timeline, even if it is ahead', MARK, state({ timeline: 2, transaction: 500 }), /timeline 2/],
    ['not if its transactions are behind', MARK, state({ transaction: 99 }), /behind its mark/],
    ['not if it went another way since', MARK, state({ transaction: 500, known: false }), /behind its mark/],
  ];
  for (const [what, mark, found, message] of cases) {
    test(what, () => {
      const why = refusal(mark, found);
      if (message === undefined) assert.equal(why, undefined);
      else assert.match(why ?? '', message);
    });
  }
});

describe('the file of a mark', () => {
  let file: string;
  beforeEach(() => {
    file = join(mkdtempSync(join(root, 'f-')), 'mark');
  });

  test('is read as it was written, and leaves nothing beside it', async () => {
    assert.equal(await readMark(file), null);
    await writeMark(file, MARK);
    await writeMark(file, { ...MARK, transaction: 101 });
    assert.deepEqual(await readMark(file), { mark: 1, ...MARK, transaction: 101 });
    assert.deepEqual(readdirSync(join(file, '..')), ['mark']);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  for (const text of ['', '{', 'null', '[]', '{"mark":1}', JSON.stringify({ mark: 2, ...MARK })]) {
    test(`is damaged if it holds ${JSON.stringify(text)}`, async () => {
      writeFileSync(file, text);
      await assert.rejects(readMark(file), /damaged/);
    });
  }

  test('is damaged if it was cut off anywhere', async () => {
    await writeMark(file, MARK);
    const whole = readFileSync(file, 'utf8').trimEnd();
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.slice(0, length));
      await assert.rejects(readMark(file), /damaged/, String(length));
    }
  });

  test('is neither a link nor a folder', async () => {
    await writeMark(`${file}-real`, MARK);
    symlinkSync(`${file}-real`, file);
    await assert.rejects(readMark(file), /a link or a folder/);
    await assert.rejects(readMark(join(file, '..')), /a link or a folder/);
  });
});

describe('MARK_FILE', () => {
  const set = { MASTER_KEY: 'ab'.repeat(32), WINDFALL_MODE: 'production' };
  const data = join(root, 'data');
  mkdirSync(data);

  test('is needed in production', () => {
    assert.throws(
      () => requireMarkFile(readConfig(set)),
      /^Error: MARK_FILE is unset: outside development name a file/,
    );
  });

  test('is outside the data folder, also by way of links', () => {
    symlinkSync(data, join(root, 'link'));
    for (const file of [join(data, 'mark'), join(data, 'deep/mark'), join(root, 'link/mark'), data]) {
      assert.throws(() => readConfig({ ...set, DATA_DIR: data, MARK_FILE: file }), /outside the data folder/, file);
    }
    assert.equal(readConfig({ ...set, DATA_DIR: data, MARK_FILE: `${data}.mark` }).markFile, `${data}.mark`);
  });

  test('is beside the data folder in development, but not for a database of its own', () => {
    assert.equal(readConfig({ DATA_DIR: data }).markFile, `${data}.mark`);
    const own = { DATABASE_URL: 'postgresql://a@b/c', WINDFALL_MODE: 'development', MASTER_KEY: set.MASTER_KEY };
    assert.equal(requireMarkFile(readConfig(own)), null);
  });
});
