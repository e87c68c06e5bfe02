import assert from 'node:assert/strict';
import { test } from 'vitest';
import { pageOf, positionNumber } from '../../src/kernel/index.ts';
import { refusalOf } from '../tenants/fixture.ts';

interface Page {
  readonly items: readonly (number | string)[];
  readonly nextPageToken: string;
}

/** A page of a list of the numbers from 1, whose positions they are. */
const numbersUpTo = (last: number, pageSize: number, pageToken: string, name = 'numbers/1'): Promise<Page> =>
  pageOf(
    { pageSize, pageToken },
    {
      name,
      read: async (position, limit) => {
        const after = positionNumber(position, 0);
        return Array.from({ length: Math.max(0, Math.min(limit, last - after)) }, (_, i) => after + 1 + i);
      },
      position: (item) => item,
    },
  );

/** The pages of a list, one after another. */
async function pagesOf(read: (pageToken: string) => Promise<Page>): Promise<(readonly (number | string)[])[]> {
  const pages = [];
  let token = '';
  do {
    const page = await read(token);
    pages.push(page.items);
    token = page.nextPageToken;
    assert.ok(pages.length < 100, 'there is no end of pages');
  } while (token !== '');
  return pages;
}

async function assertRefused(read: () => unknown): Promise<void> {
  const { reason, fields } = await refusalOf(read);
  assert.deepEqual([reason, fields[0]?.field], ['INVALID_ARGUMENT', 'page_token']);
}

const tokenOf = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString('base64url');
const jsonOf = (token: string): [sum: string, position: string] =>
  JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, string];

test('a page holds at most 500 items, whatever size is asked for', async () => {
  for (const size of [501, 2 ** 31 - 1]) {
    const { items, nextPageToken } = await numbersUpTo(1200, size, '');
    assert.equal(items.length, 500);
    assert.equal((await numbersUpTo(1200, size, nextPageToken)).items[0], 501);
  }
  assert.equal((await numbersUpTo(1200, 500, '')).items.length, 500);
  assert.equal((await numbersUpTo(1200, 0, '')).items.length, 50);
});

test('large items end a page, which has one at least, and few of them are read at once', async () => {
  const read: number[] = [];
  const pages = await pagesOf((pageToken) =>
    pageOf<number>(
      { pageSize: 200, pageToken },
      {
        name: 'large',
        read: async (position, limit) => {
          const after = positionNumber(position, 0);
          read.push(limit);
          return Array.from({ length: Math.max(0, Math.min(limit, 310 - after)) }, (_, i) => after + 1 + i);
        },
        position: (item) => item,
        bytes: (item) => (item < 300 ? 1024 * 16 : 3 * 1024 * 1024),
      },
    ),
  );
  assert.deepEqual(
    pages.map(({ length }) => length),
    [128, 128, 43, ...Array.from({ length: 11 }, () => 1)],
  );
  assert.equal(pages.flat().length, 310);
  assert.equal(Math.max(...read), 50);
});

test('the pages of a list are full up to the last, which is not empty unless the list is', async () => {
  const cases = [
    [0, [0]],
    [1, [1]],
    [2, [2]],
    [3, [3]],
    [4, [3, 1]],
    [6, [3, 3]],
    [7, [3, 3, 1]],
  ] as const;
  for (const [count, lengths] of cases) {
    const pages = await pagesOf((token) => numbersUpTo(count, 3, token));
    assert.deepEqual(
      pages.map(({ length }) => length),
      lengths,
      `${count} items`,
    );
    assert.deepEqual(
      pages.flat(),
      Array.from({ length: count }, (_, i) => i + 1),
    );
  }
});

test('a page has 50 items if no size is requested', async () => {
  for (const [count, lengths] of [
    [49, [49]],
    [50, [50]],
    [51, [50, 1]],
  ] as const) {
    assert.deepEqual(
      (await pagesOf((token) => numbersUpTo(count, 0, token))).map(({ length }) => length),
      lengths,
    );
  }
});

test('a token returns its position, whatever that is', async () => {
  for (const position of ['12', 'StarlordV7', '"\\', '[1]', '!'.repeat(200)]) {
    const asked: string[] = [];
    const read = (pageToken: string): Promise<Page> =>
      pageOf(
        { pageSize: 1, pageToken },
        {
          name: 'keys/1',
          position: (item) => item,
          read: async (from) => {
            asked.push(from);
            return from === '' ? [position, 'more'] : ['more'];
          },
        },
      );
    assert.deepEqual(await pagesOf(read), [[position], ['more']]);
    assert.deepEqual(asked, ['', position]);
  }
});

test('a token of another list is refused', async () => {
  const { nextPageToken } = await numbersUpTo(2, 1, '');
  await assertRefused(() => numbersUpTo(2, 1, nextPageToken, 'numbers/2'));
});

test('a changed token is refused', async () => {
  const [sum, position] = jsonOf((await numbersUpTo(2, 1, '')).nextPageToken);
  assert.equal(position, '1');
  assert.deepEqual((await numbersUpTo(3, 1, tokenOf([sum, '1']))).items, [2], 'the control');
  await assertRefused(() => numbersUpTo(3, 1, tokenOf([sum, '2'])));
  await assertRefused(() => numbersUpTo(3, 1, tokenOf([sum, 1])));
});

test('an invalid token is refused', async () => {
  for (const token of ['x', '%%%', tokenOf(null), tokenOf(1), tokenOf({}), tokenOf([]), tokenOf([null, null])]) {
    await assertRefused(() => numbersUpTo(2, 1, token));
  }
});

/** A token with the right checksum, which is not secret. */
const forged = async (position: string): Promise<string> =>
  (
    await pageOf(
      { pageSize: 1, pageToken: '' },
      {
        name: 'numbers/1',
        read: async () => [position, 'more'],
        position: (item) => item,
      },
    )
  ).nextPageToken;

test('a forged position that no id and no number is like is refused before anything is read', async () => {
  for (const position of ['', 'é', 'a b', 'a\n', '\0', '\u007f', '\ud800', 'x'.repeat(201)]) {
    const pageToken = await forged(position);
    const read = (): never => {
      throw new Error('it was read');
    };
    await assertRefused(() => pageOf({ pageSize: 1, pageToken }, { name: 'numbers/1', read, position: String }));
  }
});

test('a forged position that is no number above 0 is refused by lists of numbers', async () => {
  assert.deepEqual((await numbersUpTo(13, 1, await forged('12'))).items, [13], 'the control');
  for (const position of ['0', '-1', '1.5', '1e3', 'x', ' 1', '9'.repeat(16)]) {
    const token = await forged(position);
    await assertRefused(() => numbersUpTo(2, 1, token));
  }
  assert.equal(positionNumber('', 7), 7, 'where a list begins');
});
