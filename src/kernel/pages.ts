import { hash } from 'node:crypto';
import { invalid } from './errors.ts';

/** What every request for a page of a list has. */
export interface PageRequest {
  /** 0: 50. */
  readonly pageSize: number;
  /** Empty: the first page. */
  readonly pageToken: string;
}

/** A list that is read page by page. */
export interface List<Item> {
  /** Tells the list, with its filters, from all others: a token is good for it alone. */
  readonly name: string;
  /** Up to `limit` items behind a position; '': from the first. */
  read(position: string, limit: number): Promise<readonly Item[]>;
  /** Where an item stands in the list. */
  position(item: Item): string | number;
}

const PAGE_SIZE = 50;

/** A page of a list, and the token of the next one; empty: there is none. Refuses a token of another list: INVALID_ARGUMENT. */
export async function pageOf<Item>(
  { pageSize, pageToken }: PageRequest,
  { name, read, position }: List<Item>,
): Promise<{ items: Item[]; nextPageToken: string }> {
  const size = pageSize || PAGE_SIZE;
  const found = await read(pageToken === '' ? '' : decode(name, pageToken), size + 1);
  const items = found.slice(0, size);
  return { items, nextPageToken: found.length > size ? encode(name, String(position(items.at(-1)!))) : '' };
}

/** A position as a whole number above 0; `first` for ''. A token's checksum is no secret, so it may hold anything. */
export function positionNumber(position: string, first: number): number {
  if (position === '') return first;
  if (!/^[1-9]\d{0,14}$/.test(position)) throw notOurs();
  return Number(position);
}

/** What positions consist of: ids and numbers. A forged one may hold what the database refuses to compare. */
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
    // Not even JSON.
  }
  throw notOurs();
}
