import { hash } from 'node:crypto';
import { invalid } from './errors.ts';

/** The fields that every request for a page of a list has. */
export interface PageRequest {
  /** 0: 50. More than 500 mean 500. */
  readonly pageSize: number;
  /** Empty: the first page. */
  readonly pageToken: string;
}

/** A list that is read page by page. */
export interface List<Item> {
  /** Identifies the list with its filters: a token is valid for this list only. */
  readonly name: string;
  /** Up to `limit` items after a position; '': from the first. */
  read(position: string, limit: number): Promise<readonly Item[]>;
  /** The position of an item in the list. */
  position(item: Item): string | number;
  /** About how many bytes an item is in memory or in the answer, where it may be many; unset: few. */
  bytes?(item: Item): number;
}

/** The position after which a token continues a list; '': from the first. Throws INVALID_ARGUMENT as `pageOf` does. */
export const tokenPosition = (name: string, token: string): string => (token === '' ? '' : decode(name, token));

/** The token that continues a list after a position. */
export const tokenAfter = (name: string, position: string | number): string => encode(name, String(position));

const PAGE_SIZE = 50;
const PAGE_SIZE_MAX = 500;

/** Where items may be large a page has no more of them than this, but always one; and so many are read at once. */
const PAGE_BYTES = 2 * 1024 * 1024;
const AT_ONCE = 50;

/**
 * A page of a list, and the token of the next one; empty: none. Large items make it end sooner. Throws INVALID_ARGUMENT
 * for a token of another list.
 */
export async function pageOf<Item>(
  { pageSize, pageToken }: PageRequest,
  { name, read, position, bytes }: List<Item>,
): Promise<{ items: Item[]; nextPageToken: string }> {
  const size = Math.min(pageSize || PAGE_SIZE, PAGE_SIZE_MAX);
  const items: Item[] = [];
  const end = (): string => String(position(items.at(-1)!));
  let sum = 0;
  for (let after = tokenPosition(name, pageToken); ; after = end()) {
    const limit = Math.min(size + 1 - items.length, bytes === undefined ? Infinity : AT_ONCE);
    const found = await read(after, limit);
    for (const item of found) {
      sum += bytes?.(item) ?? 0;
      if (items.length === size || (items.length > 0 && sum > PAGE_BYTES))
        return { items, nextPageToken: tokenAfter(name, end()) };
      items.push(item);
    }
    if (found.length < limit) return { items, nextPageToken: '' };
  }
}

/**
 * A position as an integer above 0; `first` for ''. A token's checksum is not secret, so a position may be anything.
 */
export function positionNumber(position: string, first: number): number {
  if (position === '') return first;
  if (!/^[1-9]\d{0,14}$/.test(position)) throw notOurs();
  return Number(position);
}

/** What positions consist of: ids and numbers. A forged one may contain what the database cannot compare. */
const POSITION = /^[!-~]{1,200}$/;
const notOurs = () => invalid('page_token', 'is not a token of this list');
const checksum = (name: string, position: string): string =>
  hash('sha256', `${name}\n${position}`, 'base64url').slice(0, 8);

function encode(name: string, position: string): string {
  return Buffer.from(JSON.stringify([checksum(name, position), position])).toString('base64url');
}

function decode(name: string, token: string): string {
  try {
    const [sum, position] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (typeof position === 'string' && POSITION.test(position) && sum === checksum(name, position)) return position;
  } catch {
    // Not JSON.
  }
  throw notOurs();
}
