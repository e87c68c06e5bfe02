import { randomBytes } from 'node:crypto';
import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseState } from './state.ts';

/** Why a server does not start, or stops, because of its mark: one line. */
export class MarkError extends Error {}

const FORMAT = 1;
const NUMBERS = ['timeline', 'epoch', 'transaction'] as const;
const TEXTS = ['system', 'database', 'operation'] as const;

/** Reads the mark of a file; null: there is no file. Throws a MarkError if it holds no mark. */
export async function readMark(file: string): Promise<DatabaseState | null> {
  const found = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new MarkError(`the mark ${file} cannot be read (${error.code})`);
  });
  if (found === null) return null;
  if (!found.isFile()) throw new MarkError(`the mark ${file} is no file of its own, but a link or a folder`);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new MarkError(`the mark ${file} cannot be read (${error.code})`);
  });
  const mark = parse(text);
  if (mark === undefined) throw new MarkError(`the file ${file} is damaged: it holds no mark`);
  return mark;
}

function parse(text: string): DatabaseState | undefined {
  try {
    const mark = JSON.parse(text) as Record<string, unknown>;
    const whole = NUMBERS.every((name) => Number.isSafeInteger(mark[name]) && (mark[name] as number) >= 0);
    const said = TEXTS.every((name) => typeof mark[name] === 'string');
    return mark['mark'] === FORMAT && whole && said ? (mark as unknown as DatabaseState) : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the mark of a file: at every moment, also after a crash, the file is the old one or the new one. */
export async function writeMark(file: string, state: DatabaseState): Promise<void> {
  const { system, database, timeline, epoch, transaction, operation } = state;
  const mark = { mark: FORMAT, system, database, timeline, epoch, transaction, operation };
  const making = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(making, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(mark)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(making, file);
  } catch (error) {
    await rm(making, { force: true });
    throw error;
  }
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
