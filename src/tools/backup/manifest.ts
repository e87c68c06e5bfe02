import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Why a backup cannot be made or restored: one line. */
export class BackupError extends Error {}

/** The rows of a table, or the pending tasks, as `COPY … TO` writes them, packed with gzip. */
export interface BackupPart {
  readonly file: string;
  readonly rows: number;
  /** Of the file, 64 hex digits. */
  readonly sha256: string;
}

/** What a backup is, in its `manifest.json`. */
export interface Manifest {
  readonly backup: typeof FORMAT;
  /** RFC 3339. */
  readonly taken: string;
  readonly epoch: number;
  /** The last migration of its tables. */
  readonly migration: string;
  readonly tables: readonly (BackupPart & { readonly name: string; readonly columns: readonly string[] })[];
  readonly tasks: BackupPart;
  readonly sequences: readonly { readonly name: string; readonly value: string }[];
}

export const FORMAT = 1;
export const MANIFEST = 'manifest.json';

/** The manifest of a backup whose files are all as they were written. Throws a BackupError. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => {
    throw new BackupError(`${folder} holds no backup: it has no ${MANIFEST}`);
  });
  const manifest = parse(text);
  if (manifest?.backup !== FORMAT) throw new BackupError(`${join(folder, MANIFEST)} is damaged`);
  for (const { file, sha256 } of [...manifest.tables, manifest.tasks]) {
    // A name from the manifest leads nowhere else.
    if (!/^[a-z0-9_]+\.copy\.gz$/.test(file)) throw new BackupError(`${join(folder, MANIFEST)} is damaged`);
    if ((await hashOf(join(folder, file))) !== sha256) throw new BackupError(`${join(folder, file)} is damaged`);
  }
  return manifest;
}

function parse(text: string): Manifest | undefined {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
}

async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}

/** The tasks that are pending, as graphile-worker stores them. Those that others have replaced are left out. */
export const TASKS =
  'select t.identifier, j.payload, j.run_at, j.max_attempts, j.key, j.priority ' +
  'from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id ' +
  'where j.key is not null or j.attempts < j.max_attempts order by j.id';
