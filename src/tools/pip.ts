import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

// 70 MB; at 1 Mbit/s that takes ten minutes.
const FETCH_MS = 1_200_000;

export interface PipInstall {
  readonly folder: string;
  /** Packages with versions and hashes: the text of a requirements file. */
  readonly requirements: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Installs packages into a folder with pip. Throws an Error with the most informative line of pip's output. */
export async function installByPip({ folder, requirements, env = process.env }: PipInstall): Promise<void> {
  const file = join(folder, 'requirements.txt');
  writeFileSync(file, requirements);
  // `--target` is also allowed if the system's Python forbids installing packages into itself.
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--no-deps',
    '--no-compile',
    '--only-binary',
    ':all:',
    '--require-hashes',
    '--target',
    folder,
    '--requirement',
    file,
  ];
  try {
    await promisify(execFile)('python3', args, { env: { ...env }, timeout: FETCH_MS });
  } catch (error) {
    throw new Error(reason(error), { cause: error });
  }
}

/** The most informative line of pip's output. */
function reason(error: unknown): string {
  const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'there is no python3';
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const found = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.find((line) => line !== '');
  return found ?? (error as Error).message;
}
