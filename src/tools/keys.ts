/**
 * Lists the master keys, or adds one to MASTER_KEY_FILE:
 *
 *   npm run keys                        ids, and from when each is used
 *   npm run keys -- rotate              a new key, which is used in 10 minutes
 *   npm run keys -- rotate --in 3600    in an hour
 *
 * Until then every server must have the new key. One that reads the file itself has it after a second; give a copy of
 * the file to the others. What MASTER_KEY_COMMAND prints is yours to change: servers ask it again and again. Keys are
 * never removed: seeds that were published under them are drawn and proved with them.
 */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../config.ts';
import { addKey, keyAt, keySource } from '../master-keys.ts';

async function run(): Promise<void> {
  const config = readConfig();
  const { positionals, values } = parse();
  const source = keySource(config);
  if (positionals[0] === undefined) {
    const keys = await source.read();
    const current = keyAt(keys, Date.now());
    for (const { id, from } of keys) {
      const since = from === 0 ? 'from the beginning' : `from ${new Date(from).toISOString()}`;
      console.log(`${id}: ${since}${id === current.id ? ', in use' : ''}`);
    }
    return;
  }
  if (config.masterKey !== null || config.masterKeyCommand !== null)
    throw new ConfigError('MASTER_KEY_FILE is unset: only a file of keys can be added to');
  const seconds = Number(values.in ?? 600);
  if (!Number.isInteger(seconds) || seconds < 0) throw new ConfigError('--in needs a number of seconds');
  const { id, from } = await addKey(
    config.masterKeyFile ?? join(config.dataDir, 'master.key'),
    Date.now() + seconds * 1000,
  );
  console.log(`Added key ${id}, which is used from ${new Date(from).toISOString()}.`);
}

function parse() {
  try {
    const parsed = parseArgs({ options: { in: { type: 'string' } }, allowPositionals: true });
    if (parsed.positionals.length <= 1 && [undefined, 'rotate'].includes(parsed.positionals[0])) return parsed;
  } catch {
    // What is wrong shows in the usage.
  }
  throw new ConfigError('use it as in: npm run keys, or: npm run keys -- rotate');
}

try {
  await run();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(`No key was added: ${error.message}`);
  process.exitCode = 1;
}
