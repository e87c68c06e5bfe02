import { createHmac } from 'node:crypto';

/** What a handler throws when the client has the response already. */
export const NOT_MODIFIED = Symbol('not modified');

/**
 * The tag of a response that is made from these parts, and from nothing else. Weak: Envoy may compress the response.
 * Keyed, because the parts may hold what the client must not guess.
 */
export function etagOf(key: Buffer, parts: readonly unknown[]): string {
  const digest = createHmac('sha256', key).update(JSON.stringify(parts, plain)).digest('base64url');
  return `W/"${digest.slice(0, 22)}"`;
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Map ? [...value] : value;
}

/** Whether a header if-none-match names a tag: as one of a list, or by `*`. */
export function isNamed(etag: string, header: string): boolean {
  if (header.trim() === '*') return true;
  const opaque = (tag: string): string => tag.replace(/^W\//, '');
  return (header.match(/(W\/)?"[^"]*"/g) ?? []).some((tag) => opaque(tag) === opaque(etag));
}
