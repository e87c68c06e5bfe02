import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** The folder of the checkout. */
export const ROOT = join(import.meta.dirname, '../..');

export interface CommandResult {
  readonly code: number;
  /** What it printed, on both streams. */
  readonly output: string;
}

/** Runs a program in the checkout, those of node_modules first, to its end. */
export function runCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CommandResult> {
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`;
  const options = { cwd: ROOT, env: { ...process.env, PATH: path, ...env }, maxBuffer: 64 * 2 ** 20 };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: `${stdout}${stderr}`.trim() });
    });
  });
}
