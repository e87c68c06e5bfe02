import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../kernel/index.ts';

/** The cost of a hash: 2^ln × r × 128 bytes of memory, p passes. */
interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** One of OWASP's settings of equal strength: 32 MiB and 0.15 to 0.25 s; p = 1 would take 128 MiB. */
const COST: Cost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Node has four threads for this, for file look-ups and for checking tokens. */
const AT_ONCE = 2;
/** The last of them waits 4 s. */
const WAITING_MAX = 32;

const STORED = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;

/** Compared if there is no such user. No password has this hash. */
const NOBODY = encode(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES));

/** Hashes a password with a new salt. The cost is part of the text, so that it can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return encode(COST, salt, await derive(password, salt, COST));
}

/**
 * Whether a stored hash belongs to a password. Null (no such user): false, after the same time.
 * Throws RATE_LIMITED if too many passwords are being checked.
 */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, ln, r, p, salt, expected] = STORED.exec(stored ?? NOBODY) ?? [];
  if (expected === undefined) throw new Error('a stored password hash cannot be read');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt!, 'base64'), cost);
  return timingSafeEqual(actual, Buffer.from(expected, 'base64'));
}

function encode({ ln, r, p }: Cost, salt: Buffer, derived: Buffer): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${salt.toString('base64')}$${derived.toString('base64')}`;
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> {
  // The one that finishes hands its place over, so `running` does not change.
  if (running >= AT_ONCE) await turn();
  else running += 1;
  try {
    return await new Promise((resolve, reject) => {
      const options = { N: 2 ** ln, r, p, maxmem: 2 ** ln * r * 256 };
      // The same letters may be typed as different characters on different machines.
      scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, derived) => {
        if (error === null) resolve(derived);
        else reject(error);
      });
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function turn(): Promise<void> {
  if (waiting.length >= WAITING_MAX) {
    throw new ApiError('RATE_LIMITED', 'too many log-ins at once', { retryAfterMs: 5000 });
  }
  return new Promise((resolve) => waiting.push(resolve));
}
