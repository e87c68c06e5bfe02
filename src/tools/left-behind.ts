import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, until } from '../db/index.ts';
import type { Child } from './child.ts';

/**
 * The processes of a start: each with its id and its command line, so that another process with the same id is not
 * touched.
 */
interface Started {
  readonly owner: Process;
  readonly children: readonly Process[];
}

interface Process {
  readonly pid: number;
  readonly command: string | null;
}

const file = (dataDir: string): string => join(dataDir, 'processes.json');
const processOf = (pid: number): Process => ({ pid, command: commandOf(pid) });
const runs = ({ pid, command }: Process): boolean => command !== null && commandOf(pid) === command;

/** Records the processes of this start, for the next start in case this one is killed. */
export function noteStarted(dataDir: string, children: readonly Child[]): void {
  const started: Started = {
    owner: processOf(process.pid),
    children: children.map(({ pid }) => processOf(pid)),
  };
  writeFileSync(file(dataDir), JSON.stringify(started), { mode: 0o600 });
}

export function forgetStarted(dataDir: string): void {
  rmSync(file(dataDir), { force: true });
}

/**
 * Stops the processes that a killed start has left behind. If that start is still running, returns its process id and
 * stops nothing.
 */
export async function endLeftBehind(dataDir: string): Promise<number | null> {
  if (!existsSync(file(dataDir))) return null;
  const { owner, children } = JSON.parse(readFileSync(file(dataDir), 'utf8')) as Started;
  if (owner.pid !== process.pid && runs(owner)) return owner.pid;
  for (const child of children.filter(runs)) {
    process.kill(child.pid, 'SIGTERM');
    if (!(await until(() => !runs(child), 5000)) && runs(child)) process.kill(child.pid, 'SIGKILL');
  }
  forgetStarted(dataDir);
  return null;
}
