import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../kernel/index.ts';

/** What a hash costs: memory is 2^ln × r × 128 bytes, passed p times. */
interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** One of OWASP's settings of equal strength: 32 MiB and 0.15 to 0.25 s, where p = 1 would take 128 MiB. */
const COST: Cost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Node has four threads for this, for file look-ups and for the checking of tokens. */
const AT_ONCE = 2;
/** The last of them waits 4 s. */
const WAITING_MAX = 32;

const STORED = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;

/** What is compared where there is no such user. No password has this hash. */
const NOBODY = encode(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES));

/** Hashes a password with a salt of its own; the cost stands in the text, so that it can be raised. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return encode(COST, salt, await derive(password, salt, COST));
}

/**
 * Whether a stored hash is that of a password. Null (there is no such user): false, after as long a time.
 * Refuses: RATE_LIMITED, when too many are being checked.
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
  // Whoever is done hands its place over, so `running` stays.
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
