import { invalid } from '../../../kernel/index.ts';

/** How an HTTP wallet is called. */
export interface WalletSettings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly timeoutMs: number;
  /** How often a call is made that has no answer, before it is left to the task. */
  readonly tries: number;
  /** The wait before the second try; each later wait is the one before times `backOff`. */
  readonly retryMs: number;
  readonly backOff: number;
}

/** What a request sets. */
export interface WalletInput extends WalletSettings {
  /** Null: the one that is set remains. */
  readonly secret: string | null;
}

const SECRET = /^[!-~]{16,256}$/;
const KNOWN = new Set(['url', 'secret', 'timeout_ms', 'tries', 'retry_ms', 'back_off']);

/** The settings in a config as requests have it. Throws INVALID_ARGUMENT. */
export function walletInput(config: unknown): WalletInput {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw invalid('config', 'must be an object with the settings of the wallet');
  const given = config as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw invalid(`config.${unknown}`, 'is no setting');
  const { url, secret = null } = given;
  if (typeof url !== 'string') throw invalid('config.url', 'must be an URL');
  if (secret !== null && !(typeof secret === 'string' && SECRET.test(secret)))
    throw invalid('config.secret', 'must have 16 to 256 printable characters without spaces, or be null');
  return {
    url,
    secret,
    timeoutMs: numberOf(given, 'timeout_ms', { least: 100, most: 30_000, otherwise: 10_000 }),
    tries: numberOf(given, 'tries', { least: 1, most: 10, otherwise: 3 }),
    retryMs: numberOf(given, 'retry_ms', { least: 10, most: 10_000, otherwise: 1000 }),
    backOff: numberOf(given, 'back_off', { least: 1, most: 4, otherwise: 2 }),
  };
}

function numberOf(
  given: Readonly<Record<string, unknown>>,
  name: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  const value = given[name] ?? otherwise;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw invalid(`config.${name}`, `must be a whole number from ${least} to ${most}`);
  return value;
}

/** The settings as requests and answers have them; the secret is never shown. */
export const walletConfig = ({ url, timeoutMs, tries, retryMs, backOff }: WalletSettings): object => ({
  url,
  secret: null,
  timeout_ms: timeoutMs,
  tries,
  retry_ms: retryMs,
  back_off: backOff,
});

/** The longest time that all tries of a call take. */
export function triesMs({ timeoutMs, tries, retryMs, backOff }: WalletSettings): number {
  let ms = timeoutMs;
  for (let nth = 1; nth < tries; nth++) ms += timeoutMs + retryMs * backOff ** (nth - 1);
  return ms;
}
