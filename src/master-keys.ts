import { spawn } from 'node:child_process';
import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, type Config } from './config.ts';
import { KEY_ADVICE } from './readers.ts';

/** One of the keys that all other keys are derived from. */
export interface MasterKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
  /** From when new streams and tokens use it, in milliseconds since 1970. */
  readonly from: number;
}

/** Where master keys come from: settings, a file, or a command, which may ask a KMS. The first key is the oldest. */
export interface KeySource {
  /** Throws a ConfigError, also when it is given up. */
  read(giveUp?: AbortSignal): Promise<readonly MasterKey[]>;
  /** How often it is read again while the server is running, because it may have more keys; null: it never has. */
  readonly everyMs: number | null;
}

const FILE_EACH_MS = 1000;
const COMMAND_MS = 30_000;
/** More than any set of keys has, in characters. */
const OUTPUT_MAX = 1_000_000;
const LINE = /^(?:([A-Za-z0-9_-]{1,32}) )?([0-9a-f]{64})(?: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z))?$/i;

/** The source of the settings. In development it is a file in the data folder, which is made if there is none. */
export function keySource(
  config: Pick<Config, 'masterKey' | 'masterKeyFile' | 'masterKeyCommand' | 'masterKeyCommandMs' | 'dataDir'>,
): KeySource {
  const { masterKey, masterKeyFile, masterKeyCommand, masterKeyCommandMs: everyMs } = config;
  if (masterKey !== null) return { everyMs: null, read: async () => [{ id: '1', key: masterKey, from: 0 }] };
  if (masterKeyCommand !== null) return commandSource(masterKeyCommand, { everyMs });
  const file = masterKeyFile ?? makeKeyFile(config.dataDir);
  return { everyMs: FILE_EACH_MS, read: () => readKeyFile(file) };
}

/** Keys that a command prints. It is asked again and again, so that a new key needs no restart. */
export function commandSource(
  command: string,
  { everyMs, limitMs = COMMAND_MS }: { readonly everyMs: number; readonly limitMs?: number },
): KeySource {
  return {
    everyMs,
    async read(giveUp) {
      const printed = await outputOf(command, limitMs, giveUp);
      // What it has printed may be a secret.
      if (printed === null)
        throw new ConfigError(`MASTER_KEY_COMMAND has failed, or took longer than ${limitMs / 1000} s`);
      return parseKeys(printed, 'what MASTER_KEY_COMMAND has printed');
    },
  };
}

/** What a command has printed; null: it has failed, was too slow or too long, or was given up. */
function outputOf(command: string, limitMs: number, giveUp?: AbortSignal): Promise<string | null> {
  // In a group of its own: what it has started ends with it.
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let printed = '';
  let ended = false;
  let givenUp = false;
  const end = (): void => {
    if (ended || child.pid === undefined) return;
    ended = givenUp = true;
    // What has left the group keeps the pipe open: it is not waited for.
    child.stdout.destroy();
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (printed.length > OUTPUT_MAX) end();
  });
  const timer = setTimeout(end, limitMs);
  giveUp?.addEventListener('abort', end);
  if (giveUp?.aborted) end();
  return new Promise((resolve) => {
    const done = (code: number | null): void => {
      ended = true;
      clearTimeout(timer);
      giveUp?.removeEventListener('abort', end);
      resolve(code === 0 && !givenUp ? printed : null);
    };
    child.once('error', () => done(null)).once('close', done);
  });
}

async function readKeyFile(file: string): Promise<readonly MasterKey[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new ConfigError(`the file ${file} of the master keys cannot be read`);
  });
  return parseKeys(text, file);
}

/**
 * Keys by lines: an id, 64 hexadecimal digits, and the time from which the key is used, in RFC 3339. The first one may
 * be without a time, and without an id, which then is 1. @param where names the text in the ConfigError.
 */
export function parseKeys(text: string, where: string): readonly MasterKey[] {
  const keys = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line, i): MasterKey => {
      const [, id, hex, from] = LINE.exec(line) ?? [];
      if (hex === undefined) throw new ConfigError(`line ${i + 1} of ${where} holds no key: ${KEY_ADVICE}`);
      if (i > 0 && (id === undefined || from === undefined))
        throw new ConfigError(`line ${i + 1} of ${where} needs an id, a key, and the time from which it is used`);
      return { id: id ?? '1', key: Buffer.from(hex, 'hex'), from: from === undefined ? 0 : Date.parse(from) };
    });
  if (keys.length === 0) throw new ConfigError(`${where} holds no key: ${KEY_ADVICE}`);
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new ConfigError(`${where} has two keys with one id`);
  if (keys.some(({ from }, i) => Number.isNaN(from) || (i > 0 && from <= keys[i - 1]!.from)))
    throw new ConfigError(`${where} has times that do not rise`);
  return keys;
}

/** The key that is used at a time: the last one whose time has come. The first one is used before its time, too. */
export const keyAt = (keys: readonly MasterKey[], now: number): MasterKey =>
  keys.findLast(({ from }) => from <= now) ?? keys[0]!;

/** The file of the data folder in development, which is created once. */
function makeKeyFile(dataDir: string): string {
  const file = join(dataDir, 'master.key');
  mkdirSync(dataDir, { recursive: true });
  try {
    // Fails if the file exists: two concurrent starts then both use the key of the first one.
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return file;
}

/** Adds a key to a file, from which on all streams and tokens use it. Makes the file if there is none. */
export async function addKey(file: string, from: number): Promise<MasterKey> {
  const keys = existsSync(file) ? parseKeys(readFileSync(file, 'utf8'), file) : [];
  const numbers = keys.map(({ id }) => (/^\d{1,15}$/.test(id) ? Number(id) : 0));
  const key: MasterKey = {
    id: String(Math.max(0, ...numbers) + 1),
    key: randomBytes(32),
    from: keys.length === 0 ? 0 : Math.max(from, keys.at(-1)!.from + 1),
  };
  const lines = [...keys, key].map(
    ({ id, key: bytes, from: start }) =>
      `${id} ${bytes.toString('hex')}${start === 0 ? '' : ` ${new Date(start).toISOString()}`}\n`,
  );
  const making = `${file}.new`;
  await writeFile(making, lines.join(''), { mode: 0o600, flush: true });
  await rename(making, file);
  return key;
}

/** A key of 32 bytes for one purpose, such as `auth` or `fairness`. No key reveals anything about another. */
export function deriveKey(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', `windfall ${purpose}`, 32));
}
