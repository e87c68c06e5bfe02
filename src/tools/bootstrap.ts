/**
 * Creates an operator with its brand, assets and first admin, or those of them that are missing:
 *
 *   ADMIN_PASSWORD=... npm run bootstrap -- --operator acme --brand 2001:main --assets WINZ,EUR --admin alice
 *
 * Without --brand and --assets it makes none: an operator that root has created gets its admin with --operator and
 * --admin alone, and its currencies come with templates and multipliers.
 *
 * Without ADMIN_PASSWORD it prompts for the password. Existing parts do not change, including the admin's password. An
 * asset is a currency if ISO 4217 has its code, otherwise a coin, unless its kind is given, as in GEMS:item. With
 * SPIN:ticket:86400 each unit expires a day after its credit, which cannot be changed later.
 *
 * --webhooks https, http or private says where webhooks of the operator may go: to public addresses by https, or also
 * by http, or also into private networks. Unset: as it was, at first https.
 */
import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from '../config.ts';
import { createOrm, DatabaseError, migrate } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { ApiError } from '../kernel/index.ts';
import { entitiesOf } from '../schema.ts';
import { bootstrap, isCurrency, type Installation } from '../tenants/index.ts';
import { grantTo, openDatabase } from './database.ts';

type Asset = Installation['assets'][number];

const USAGE = 'npm run bootstrap -- --operator acme --brand 2001:main --assets WINZ,EUR --admin alice';
const KINDS = new Set<string>(['coin', 'currency', 'ticket', 'item'] satisfies Asset['kind'][]);
/** Where webhooks may go: each word allows more than the one before it. */
const WEBHOOKS = ['https', 'http', 'private'];

/** What is wrong with the command line: one line for its user. */
class UsageError extends Error {}

function readArguments(): Omit<Installation, 'admin'> & { userName: string } {
  const option = { type: 'string' } as const;
  const options = { operator: option, brand: option, assets: option, admin: option, webhooks: option };
  const { operator, brand, assets, admin, webhooks } = parse(options);
  if (operator === undefined || admin === undefined) throw new UsageError('--operator and --admin are needed');
  return {
    operator,
    userName: admin,
    assets: assets?.split(',').map(readAsset) ?? [],
    ...(brand === undefined ? {} : { brand: readBrand(brand) }),
    ...(webhooks === undefined ? {} : { webhooks: readWebhooks(webhooks) }),
  };
}

function readBrand(text: string): NonNullable<Installation['brand']> {
  const [, id, name] = /^(\d+):(.+)$/.exec(text) ?? [];
  if (id !== undefined && name !== undefined) return { id: Number(id), name };
  throw new UsageError(`--brand is "${text}": give number and name, as 2001:main`);
}

function parse(options: Record<string, { readonly type: 'string' }>): Record<string, string | undefined> {
  try {
    return parseArgs({ options, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readWebhooks(text: string): NonNullable<Installation['webhooks']> {
  const level = WEBHOOKS.indexOf(text);
  if (level < 0) throw new UsageError(`--webhooks is "${text}": give one of ${WEBHOOKS.join(', ')}`);
  return { hosts: [], http: level > 0, privateNetworks: level > 1 };
}

function readAsset(text: string): Asset {
  const [code = '', kind = isCurrency(code) ? 'currency' : 'coin', expires] = text.split(':');
  if (!KINDS.has(kind)) throw new UsageError(`--assets has "${text}": kinds are ${[...KINDS].join(', ')}`);
  if (expires === undefined) return { code, kind: kind as Asset['kind'] };
  if (!/^[1-9]\d{0,8}$/.test(expires)) throw new UsageError(`--assets has "${text}": seconds are a number from 1`);
  return { code, kind: kind as Asset['kind'], expiresAfterSeconds: Number(expires) };
}

async function readPassword(userName: string): Promise<string> {
  const given = process.env['ADMIN_PASSWORD'];
  if (given) return given;
  // Typed characters are not echoed.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output, terminal: stdin.isTTY === true });
  lines.on('SIGINT', () => process.exit(130));
  const ask = async (question: string): Promise<string> => {
    stdout.write(question);
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(''), ended]);
    stdout.write('\n');
    return answer;
  };
  try {
    const password = await ask(`Password of ${userName}: `);
    if (stdin.isTTY && (await ask('Once more: ')) !== password) {
      throw new UsageError('the two passwords are not the same');
    }
    return password;
  } finally {
    lines.close();
  }
}

async function run(): Promise<void> {
  const { userName, ...rest } = readArguments();
  const config = readConfig();
  const password = await readPassword(userName);
  await using parts = new AsyncDisposableStack();
  const databaseUrl = await openDatabase(config, parts);
  const orm = createOrm({ databaseUrl, databasePool: 1 }, entitiesOf(engines));
  parts.defer(() => orm.close());
  await migrate(orm);
  if (config.databaseUrl !== null) await grantTo(orm, config.databaseUrl);
  const made = await bootstrap(orm, { ...rest, admin: { userName, password } });
  for (const thing of made) console.log(`Made ${thing}`);
  if (made.length === 0) console.log('Everything was there already; nothing was changed.');
  else if (!made.includes(`admin ${userName}`)) console.log(`${userName} keeps the password from before.`);
}

try {
  await run();
} catch (error) {
  const expected = [UsageError, ConfigError, DatabaseError, ApiError].some((kind) => error instanceof kind);
  if (!expected) throw error;
  console.error(`Nothing was made: ${(error as { message: string }).message}`);
  if (error instanceof UsageError) console.error(`Use it as in: ${USAGE}`);
  process.exitCode = 1;
}
