import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { writeEdgeFiles } from '../edge-files.ts';
import { languages } from './languages.ts';
import { pathWith, type ToolOptions, type Tools } from './toolkits.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface Generation extends ToolOptions {
  /** The folder that contains `gen` and `test`; unset: the checkout. */
  readonly folder?: string;
}

/** The languages that could not be generated, with the reason. Their folders are unchanged. */
export type Left = ReadonlyMap<string, string>;

interface Template {
  readonly inputs: readonly object[];
  readonly plugins: readonly { readonly out: string }[];
}

/** Generates code in languages, and copies the files of each language's package. */
export async function generateLanguages(names: readonly string[], generation: Generation): Promise<Left> {
  const { folder = ROOT } = generation;
  const left = new Map<string, string>();
  const ready = new Map<string, readonly Tools[]>();
  for (const name of names) {
    try {
      const toolkits = languages[name]!.toolkits;
      ready.set(name, await Promise.all(toolkits.map((toolkit) => toolkit(generation))));
    } catch (error) {
      left.set(name, (error as Error).message);
    }
  }
  for (const group of groupsOf([...ready.keys()])) {
    const tools = group.flatMap((name) => ready.get(name)!);
    await generateGroup(group, folder, tools);
  }
  return left;
}

/**
 * Languages that are generated together: those of the repository that need the same files. Other languages have their
 * own tools, which must not be on the PATH of the rest.
 */
function groupsOf(names: readonly string[]): string[][] {
  const groups = Object.groupBy(names, (name) => {
    const { committed, hasGoogleRpc } = languages[name]!;
    return committed ? String(hasGoogleRpc) : name;
  });
  return Object.values(groups).filter((group) => group !== undefined);
}

/** Runs one `buf generate`, with the plugins of buf.gen.yaml that write into the languages' folders. */
async function generateGroup(names: readonly string[], folder: string, tools: readonly Tools[]): Promise<void> {
  const template = parse(readFileSync(join(ROOT, 'buf.gen.yaml'), 'utf8')) as Template;
  const plugins = template.plugins.filter(({ out }) => names.includes(out.split('/')[1]!));
  const leftOut = languages[names[0]!]!.hasGoogleRpc ? { exclude_paths: ['proto/google'] } : {};
  const inputs = template.inputs.map((input) => ({ ...input, ...leftOut }));
  await buf(['generate', '--template', JSON.stringify({ ...template, inputs, plugins }), '-o', folder], tools);
  for (const name of names) {
    const files = join(import.meta.dirname, 'packages', name);
    if (existsSync(files)) cpSync(files, join(folder, 'gen', name), { recursive: true });
  }
}

/** A test contract, as listed in test/contracts.yaml. */
interface TestContract {
  readonly folder: string;
  readonly own: string;
  readonly set: string;
  readonly paths: readonly string[];
}

/** The test contracts. */
export const testContracts = (root = ROOT): readonly TestContract[] =>
  parse(readFileSync(join(root, 'test/contracts.yaml'), 'utf8')) as TestContract[];

/**
 * Builds the descriptor sets and edge files of the contract and of the test contracts, and generates the latter's code.
 */
export async function generateSets(folder = ROOT): Promise<void> {
  const build = async (input: string, set: string, options: readonly string[] = []): Promise<void> => {
    await buf(['build', input, ...options, '--exclude-source-info', '-o', join(folder, set)]);
    writeEdgeFiles(join(folder, set));
  };
  mkdirSync(join(folder, 'gen'), { recursive: true });
  await build('proto', 'gen/api.binpb');
  for (const test of testContracts()) {
    const config = ['--config', `${test.folder}/buf.yaml`];
    await buf(['generate', ...config, '--template', `${test.folder}/buf.gen.yaml`, '-o', folder]);
    await build('.', test.set, [...config, ...test.paths.flatMap((path) => ['--path', path])]);
  }
}

async function buf(args: readonly string[], tools: readonly Tools[] = []): Promise<void> {
  const env = Object.assign({}, process.env, ...tools.map((one) => one.env), {
    PATH: pathWith(tools),
  }) as NodeJS.ProcessEnv;
  await promisify(execFile)('buf', args, { cwd: ROOT, env });
}
