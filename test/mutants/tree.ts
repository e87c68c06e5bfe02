import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import startCluster from '../support/cluster.ts';
import { ROOT, runCommand } from '../support/command.ts';
import { CLUSTER_VARIABLE } from '../support/database.ts';
import { runSql } from '../support/sql.ts';
import { planted, type Fault } from './faults.ts';

/** What a run of tests came to. */
export type Run =
  | { readonly is: 'passed'; readonly tests: number }
  /** At least one test has failed: the first, by file and name. */
  | { readonly is: 'failed'; readonly by: string }
  /** It was ended, because it took too long. */
  | { readonly is: 'hung' }
  /** No test came to run: a file cannot be loaded, or none has such a name. */
  | { readonly is: 'broken'; readonly why: string };

const LINKED = ['node_modules', '.cache'];
const LEFT_OUT = new Set([...LINKED, '.git', 'data', 'coverage']);
/** What a fault that cannot be loaded makes Node say. */
const UNLOADABLE = /SyntaxError: The requested module .*|ReferenceError: .* is not defined|ERR_MODULE_NOT_FOUND/;

/** A copy of the project's tree, in which faults are planted one after the other, with a cluster of its own. */
export class Tree {
  readonly #folder: string;
  readonly #root: string;
  readonly #scratch: string;
  readonly #cluster: string;
  readonly #stop: () => Promise<void>;

  private constructor(folder: string, cluster: string, stop: () => Promise<void>) {
    this.#folder = folder;
    this.#cluster = cluster;
    this.#stop = stop;
    this.#root = join(folder, 'tree');
    this.#scratch = join(folder, 'tmp');
  }

  /** @param folder a new one, which `remove` removes. */
  static async make(folder: string): Promise<Tree> {
    const root = join(folder, 'tree');
    const filter = (path: string): boolean => !LEFT_OUT.has(relative(ROOT, path));
    cpSync(ROOT, root, { recursive: true, filter });
    for (const name of LINKED) {
      if (existsSync(join(ROOT, name))) symlinkSync(join(ROOT, name), join(root, name));
    }
    const stop = await startCluster();
    const cluster = process.env[CLUSTER_VARIABLE]!;
    delete process.env[CLUSTER_VARIABLE];
    return new Tree(folder, cluster, stop);
  }

  /** Runs tests with a fault, and undoes it. */
  async runWith(fault: Fault, limitMs: number): Promise<Run> {
    const path = join(this.#root, fault.file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, planted(text, fault));
    try {
      const unreadable = await this.#complaintOf(path);
      return unreadable === null ? await this.run(fault, limitMs) : { is: 'broken', why: unreadable };
    } finally {
      writeFileSync(path, text);
    }
  }

  /** Runs tests as the tree is. */
  async run({ tests, name }: Pick<Fault, 'tests' | 'name'>, limitMs: number): Promise<Run> {
    mkdirSync(this.#scratch, { recursive: true });
    const vitest = join(this.#root, 'node_modules/vitest/vitest.mjs');
    const named = name === undefined ? [] : ['-t', name];
    const child = spawn(process.execPath, [vitest, 'run', ...tests, ...named, '--bail=1', '--maxWorkers=1'], {
      cwd: this.#root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: this.#scratch, NO_COLOR: '1', [CLUSTER_VARIABLE]: this.#cluster },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    }
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      this.#killAll();
    }, limitMs);
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    clearTimeout(limit);
    // A test that has failed may have left servers, and databases to them.
    this.#killAll();
    rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 5 });
    await this.#dropDatabases();
    return isLate ? { is: 'hung' } : resultOf(code, output);
  }

  /** Why Node cannot read a program; null: it can. */
  async #complaintOf(path: string): Promise<string | null> {
    if (!path.endsWith('.ts')) return null;
    const { code, output } = await runCommand(process.execPath, ['--check', path]);
    return code === 0 ? null : output;
  }

  async #dropDatabases(): Promise<void> {
    const databases = await runSql(
      this.#cluster,
      "select datname as name from pg_database where datname like 'test_%'",
    );
    for (const { name } of databases) await runSql(this.#cluster, `drop database ${name} with (force)`);
  }

  /** Ends what runs in it, and removes it. */
  async remove(): Promise<void> {
    this.#killAll();
    await this.#stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Processes that were started by its tests, at any remove, work in its folder: PostgreSQL in that of its data. */
  #killAll(): void {
    if (!existsSync('/proc')) return;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        if (readlinkSync(`/proc/${pid}/cwd`).startsWith(`${this.#folder}/`)) process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended, or belongs to somebody else.
      }
    }
  }
}

/** What a run says, as `test/support/reporter.ts` prints it. */
export function resultOf(code: number | null, output: string): Run {
  const unloadable = UNLOADABLE.exec(output);
  if (code !== 0 && unloadable !== null) return { is: 'broken', why: unloadable[0] };
  const [, passed] = /^(\d+) passed, \d+ failed/m.exec(output) ?? [];
  if (code === 0 && passed !== undefined && passed !== '0') return { is: 'passed', tests: Number(passed) };
  const failures = [...output.matchAll(/^✗ (?:test\/)?(\S+): (.+)$/gm)];
  const found = failures.find(([, , what]) => what !== 'the file failed');
  if (found !== undefined) return { is: 'failed', by: `${found[1]}: ${found[2]}` };
  const why = failures.length > 0 ? 'a test file cannot be loaded' : 'no test has run';
  return { is: 'broken', why: `${why}\n${output.trim().slice(-2000)}` };
}
