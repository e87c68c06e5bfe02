import { hash } from 'node:crypto';

import canonicalize from 'canonicalize';

/** What a draw depends on, in the canonical form that is hashed into it. */
export interface BoundConfig {
  /** RFC 8785 (JCS) text. */
  readonly config: string;
  /** SHA-256 of its UTF-8 bytes, 64 lower-case hex digits. */
  readonly configHash: string;
}

/** Binds a JSON value. @throws Error for what JSON cannot represent: NaN, infinities, lone surrogates, bigint. */
export function bindConfig(value: object): BoundConfig {
  const config = canonicalize(value)!;
  return { config, configHash: hash('sha256', config, 'hex') };
}
