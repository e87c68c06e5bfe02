import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder completely or not at all. Two concurrent calls both fill a temporary folder next to it, and the
 * first to finish wins.
 */
export async function makeWhole(folder: string, fill: (making: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const making = mkdtempSync(`${folder}.`);
  try {
    await fill(making);
    moveInto(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function moveInto(making: string, folder: string): void {
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}
