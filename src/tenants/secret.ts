import { hash, randomBytes } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62⁴³ is the first power of 62 that can represent 32 bytes. */
const LENGTH = 43;
const SHAPE = /^wf_(live|test)_[0-9A-Za-z]{1,64}$/;

/** How the secret of a key begins that works in development only. */
export const TEST_KEY = 'wf_test_';

/** A new secret of an API key: 32 random bytes in base 62, which a double click selects entirely. */
export function makeSecret(kind: 'live' | 'test'): string {
  let rest = BigInt(`0x${randomBytes(32).toString('hex')}`);
  let digits = '';
  for (let i = 0; i < LENGTH; i++) {
    digits = DIGITS[Number(rest % 62n)]! + digits;
    rest /= 62n;
  }
  return `wf_${kind}_${digits}`;
}

/** Whether a text has the form of an API key's secret. */
export const isSecret = (text: string): boolean => SHAPE.test(text);

/** The hash that is stored instead of a secret. 256 random bits need no salt and no slow hash. */
export const hashSecret = (secret: string): Buffer => hash('sha256', secret, 'buffer');

/** The part by which people distinguish keys: `wf_live_` and 4 of 43 digits. */
export const prefixOf = (secret: string): string => secret.slice(0, 12);
