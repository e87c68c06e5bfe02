import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { LogFile } from '../db/index.ts';

export interface ChildOptions {
  /** Its name in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** The file for its output. */
  readonly log: string;
}

/** A child process. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** How it ended, such as "the server ended with exit code 1: port in use", for whatever reason. */
  readonly ended: Promise<string>;
  /** Sends SIGTERM, and SIGKILL after `limitMs`. */
  stop(limitMs: number): Promise<void>;
  /** Sends SIGKILL. */
  kill(): void;
}

/**
 * Starts a program in a separate session, so that the terminal's Ctrl-C reaches only this process, which stops the
 * parts in order.
 */
export function startChild({ name, command, args, env = process.env, log }: ChildOptions): Child {
  const written = new LogFile(log);
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const file = written.open(ended);
  const child = spawn(command, args, { stdio: ['ignore', file, file], detached: true, env });
  closeSync(file);
  child.once('error', (error) => end(`${name} cannot be run: ${error.message}`));
  child.once('exit', (code, signal) => end(`${name} ${howEnded(code, signal)}${lastWords(written)}`));
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    stop: (limitMs) => stop(child, ended, limitMs),
    kill: () => void child.kill('SIGKILL'),
  };
}

async function stop(child: ChildProcess, ended: Promise<string>, limitMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  await ended;
  clearTimeout(limit);
}

const howEnded = (code: number | null, signal: string | null): string =>
  signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;

/** The most informative line at the end of a log, and the log's path. */
function lastWords(log: LogFile): string {
  const lines = log
    .tail()
    .trim()
    .split('\n')
    .filter((line) => !/^Node\.js v|^\s+at |^\s*$/.test(line));
  const line = lines.findLast((text) => /error|fatal|critical/i.test(text)) ?? lines.at(-1);
  return line === undefined ? '' : `: ${sentence(line)} (see ${log.path})`;
}

/** The text of a log line: the message, if the line is JSON. */
function sentence(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter(Boolean).join(': ');
  } catch {
    return line.trim().slice(0, 300);
  }
}
