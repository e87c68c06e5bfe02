import { hash } from 'node:crypto';
import { invalid } from './errors.ts';

const checksum = (filter: string, position: string): string => hash('sha256', `${filter}\n${position}`, 'base64url').slice(0, 8);

/** The token of a list's next page: where the page before ended. Good for the same list only. */
export function encodePageToken(filter: string, position: string): string {
  return Buffer.from(JSON.stringify([checksum(filter, position), position])).toString('base64url');
}

/** The position that `encodePageToken` was given. Refuses tokens of other lists, and what is no token. */
export function decodePageToken(filter: string, token: string): string {
  try {
    const [sum, position] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (typeof position === 'string' && sum === checksum(filter, position)) return position;
  } catch {
    // Not even JSON.
  }
  throw invalid('page_token', 'is not a token of this list');
}

/** The position where it was a whole number above 0. The checksum is no secret, so the token may hold anything. */
export function decodePageNumber(filter: string, token: string): number {
  const position = decodePageToken(filter, token);
  if (!/^[1-9]\d{0,14}$/.test(position)) throw invalid('page_token', 'is not a token of this list');
  return Number(position);
}
