/** CPU time as the operating system counts it: Linux's /proc/<pid>/stat. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever its own clock is. */
const TICK_US = 10_000;

interface Times {
  readonly parent: number;
  /** The process's own, in microseconds. */
  readonly own: number;
  /** That of its finished children. */
  readonly ended: number;
}

/** Null: there is no such process any more. */
function timesOf(pid: number): Times | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses, and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = (from: number): number => (Number(fields[from]) + Number(fields[from + 1])) * TICK_US;
  return { parent: Number(fields[1]), own: ticks(11), ended: ticks(13) };
}

/** What a process has used, in microseconds; null where that cannot be read. */
export function cpuOf(pid: number): number | null {
  return timesOf(pid)?.own ?? null;
}

/** What a process and all its children have used, including finished ones. */
export function cpuOfFamily(pid: number): number | null {
  const head = timesOf(pid);
  if (head === null) return null;
  let sum = head.own + head.ended;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const child = timesOf(Number(name));
    if (child?.parent === pid) sum += child.own;
  }
  return sum;
}
