import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a program that is on PATH, or null. */
export function onPath(name: string, path = process.env['PATH'] ?? ''): string | null {
  return (
    path
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find(isProgram) ?? null
  );
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
