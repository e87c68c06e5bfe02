import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { go, pathWith, python, type Tools } from '../../src/tools/stubs/toolkits.ts';
import { ROOT } from '../support/command.ts';

export interface Place {
  /** The folder that has `gen`, and the clients in `test/clients`. */
  readonly folder: string;
  /** A folder for what is made of them. */
  readonly scratch: string;
}

/** Where a service is to be reached, and the key to call it with. */
export interface Service {
  readonly grpc: string;
  readonly rest: string;
  readonly key: string;
}

/** How the package of a language is compiled, and its client run. */
export interface Client {
  compile(place: Place): Promise<void>;
  /** Resolves to what the client printed. */
  run?(place: Place, service: Service): Promise<string>;
}

/** A program that this machine does not have. */
export class NotHereError extends Error {}

const tools = { say: () => undefined, fetchGo: false };
const MINUTES_10 = 600_000;
const SAID_MAX = 2000;

interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly from?: Tools;
}

/** Runs a program, tools first, and resolves to what it printed. Throws an Error with what it said first. */
async function program(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { cwd = ROOT, from = {}, env } = options;
  const given = { cwd, env: { ...process.env, ...from.env, ...env, PATH: pathWith([from]) } };
  try {
    const { stdout } = await promisify(execFile)(command, args, { ...given, timeout: MINUTES_10, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (code === 'ENOENT') throw new NotHereError(`there is no ${command}`, { cause: error });
    throw new Error(`${command} failed: ${`${stdout}${stderr}`.slice(0, SAID_MAX)}`, { cause: error });
  }
}

/** Declarations are checked too: all of gen/web are. They speak of `fetch` as browsers have it. */
const typeScript = (name: string, address: 'grpc' | 'rest'): Client => ({
  async compile({ folder }) {
    const config = join(folder, `tsconfig.${name}.json`);
    const lib = ['es2024', 'esnext.disposable', 'dom'];
    const compilerOptions = { lib, skipLibCheck: false, typeRoots: [join(ROOT, 'node_modules/@types')] };
    const include = [`gen/${name}`, `test/clients/${name}`];
    writeFileSync(config, JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, include }));
    await program('tsc', ['-p', config]);
  },
  run: ({ folder }, service) =>
    program('node', [join(folder, 'test/clients', name, 'client.ts'), service[address], service.key]),
});

const pythonPath = (place: Place, from: Tools): Record<string, string> => ({
  PYTHONPATH: `${join(place.scratch, 'python')}:${from.env?.['PYTHONPATH']}`,
});

/** The package is installed as pip does it, out of a copy, because pip builds in place. */
const pythonClient: Client = {
  async compile({ folder, scratch }) {
    const from = await python(tools);
    const copy = join(scratch, 'python-source');
    cpSync(join(folder, 'gen/python'), copy, { recursive: true });
    const options = ['--quiet', '--no-deps', '--no-index', '--no-build-isolation', '--root-user-action=ignore'];
    const target = join(scratch, 'python');
    await program('python3', ['-m', 'pip', 'install', ...options, '--target', target, copy], { from });
    await program('python3', ['-m', 'compileall', '-q', target], { from });
  },
  async run(place, { grpc, key }) {
    const from = await python(tools);
    const client = join(place.folder, 'test/clients/python/client.py');
    return program('python3', [client, grpc, key], { from, env: pythonPath(place, from) });
  },
};

const goClient: Client = {
  async compile({ folder, scratch }) {
    const from = await go(tools).catch((error: Error) => Promise.reject(new NotHereError(error.message)));
    await program('go', ['build', './...'], { from, cwd: join(folder, 'gen/go') });
    await program('go', ['build', '-o', join(scratch, 'go-client'), '.'], {
      from,
      cwd: join(folder, 'test/clients/go'),
    });
  },
  run: ({ scratch }, { grpc, key }) => program(join(scratch, 'go-client'), [grpc, key]),
};

const csharpClient: Client = {
  async compile({ folder }) {
    await program('dotnet', ['build', '--nologo'], { cwd: join(folder, 'gen/csharp') });
  },
};

const javaClient: Client = {
  async compile({ folder }) {
    const goals = ['package', 'dependency:build-classpath', '-Dmdep.outputFile=target/classpath'];
    await program('mvn', ['--batch-mode', '--quiet', ...goals], { cwd: join(folder, 'gen/java') });
  },
  run({ folder }, { grpc, key }) {
    const target = join(folder, 'gen/java/target');
    const classPath = `${target}/classes:${readFileSync(join(target, 'classpath'), 'utf8').trim()}`;
    return program('java', ['-cp', classPath, join(folder, 'test/clients/java/Client.java'), grpc, key]);
  },
};

/** Compiled apart by two processes at a time: one file takes several seconds. */
const cppClient: Client = {
  async compile({ folder, scratch }) {
    const flags = (await program('pkg-config', ['--cflags', '--libs', 'grpc++', 'protobuf'])).trim().split(/\s+/);
    const source = join(folder, 'gen/cpp/src');
    const objects = join(scratch, 'cpp');
    mkdirSync(objects, { recursive: true });
    const files = globSync('**/*.cc', { cwd: source }).map((file) => join(source, file));
    const each = '-n1 -P2 g++ -std=c++17 -O0 -c';
    await program('sh', ['-c', `printf '%s\\n' "$@" | xargs ${each} -I${source}`, 'sh', ...files], { cwd: objects });
    const client = [join(folder, 'test/clients/cpp/client.cc'), `-I${source}`, '-o', join(scratch, 'cpp-client')];
    await program('g++', ['-std=c++17', ...client, ...globSync(join(objects, '*.o')), ...flags]);
  },
  run: ({ scratch }, { grpc, key }) => program(join(scratch, 'cpp-client'), [grpc, key]),
};

const manifest = ({ folder }: Place): string => join(folder, 'test/clients/rust/Cargo.toml');
const rustClient: Client = {
  async compile(place) {
    await program('cargo', ['build', '--quiet', '--manifest-path', manifest(place)]);
  },
  run: (place, { grpc, key }) =>
    program('cargo', ['run', '--quiet', '--manifest-path', manifest(place), '--', grpc, key]),
};

const rubyClient: Client = {
  async compile({ folder }) {
    for (const file of globSync('gen/ruby/lib/**/*.rb', { cwd: folder })) {
      await program('ruby', ['-c', join(folder, file)]);
    }
  },
  run: ({ folder }, { grpc, key }) =>
    program('ruby', ['-I', join(folder, 'gen/ruby/lib'), join(folder, 'test/clients/ruby/client.rb'), grpc, key]),
};

/** The clients, by the names of the languages. */
export const clients: Readonly<Record<string, Client>> = {
  ts: typeScript('ts', 'grpc'),
  web: typeScript('web', 'rest'),
  go: goClient,
  python: pythonClient,
  csharp: csharpClient,
  java: javaClient,
  cpp: cppClient,
  rust: rustClient,
  ruby: rubyClient,
};

/**
 * What is wrong with what a client printed: it opens a box, contributes three times and reads a typed error. Null:
 * nothing.
 */
export function complaint(printed: string): string | null {
  const lines = printed.trim().split('\n');
  const expected = [/^opened [0-9a-f-]{36} \d+(\.0)? WINZ$/, ...[1, 2, 3].map(() => /^contributed [\d.]+$/)];
  const wrong = [...expected, /^refused .*LOOTBOX_NOT_FOUND/].findIndex((line, i) => !line.test(lines[i] ?? ''));
  return wrong < 0 ? null : `line ${wrong + 1} is wrong:\n${printed}`;
}
