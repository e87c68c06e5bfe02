import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The files that only one of two folders has, or that differ. */
export function differences(one: string, other: string): string[] {
  const [left, right] = [filesOf(one), filesOf(other)];
  return [...new Set([...left, ...right])].filter(
    (file) =>
      !left.has(file) || !right.has(file) || !readFileSync(join(one, file)).equals(readFileSync(join(other, file))),
  );
}

/** The paths of all files in a folder, relative to it. */
export function filesOf(folder: string): Set<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)),
  );
}

/** The size of a folder's contents. */
export function sizeOf(folder: string): { bytes: number; files: number } {
  const files = [...filesOf(folder)];
  return { bytes: files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0), files: files.length };
}
