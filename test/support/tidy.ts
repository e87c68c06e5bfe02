import { dirname, join } from 'node:path/posix';

/** A file of the project: its path from the checkout, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/**
 * What the project holds to. Each of `wrong` is a project that breaks the rule, so that the rule itself is
 * tested.
 */
export interface Rule {
  readonly name: string;
  check(sources: readonly Source[]): string[];
  readonly wrong: readonly (readonly Source[])[];
}

/** Who may import whom: only downwards, types counted too. Engines are level with each other, so none knows another. */
const LEVELS: Readonly<Record<string, number>> = {
  kernel: 0,
  db: 1,
  rpc: 1,
  journal: 2,
  fairness: 3,
  tenants: 3,
  players: 4,
  ledger: 4,
  prizes: 4,
  catalogue: 4,
  platform: 5,
  services: 6,
  tasks: 6,
  'engines/kit': 7,
  'engines/*': 8,
  engines: 9,
  tools: 10,
};
/** Parts from here on up may know the contract's messages; below there are only facts and errors. */
const CONTRACT_LEVEL = LEVELS['services']!;
const VERIFIER = 'src/fairness/verifier.ts';

interface Import {
  readonly from: string;
  /** The path of the file, or the name of a package. */
  readonly to: string;
}

const IMPORT = /^(?:import|export)\s+(?:type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

function importsOf({ path, text }: Source): Import[] {
  return [...text.matchAll(IMPORT)].map(([, target]) => ({
    from: path,
    to: target!.startsWith('.') ? join(dirname(path), target!) : target!,
  }));
}

/** What a file belongs to: `journal`, `engines/lootbox`, `rpc`, `gen`; null for packages and for what lies in no folder. */
function partOf(path: string): string | null {
  const [top, area, name, ...more] = path.split('/');
  if (top === 'gen') return 'gen';
  if (top !== 'src' || name === undefined) return null;
  return area === 'engines' && more.length > 0 ? `engines/${name}` : area!;
}

const levelOf = (part: string): number | undefined =>
  LEVELS[part] ?? (part.startsWith('engines/') ? LEVELS['engines/*'] : undefined);

/** Complains of imports of one part by another. */
function checkImports(find: (one: Import, from: string, to: string) => string | null): Rule['check'] {
  return (sources) =>
    sources
      .filter(({ path }) => path.startsWith('src/'))
      .flatMap(importsOf)
      .flatMap((one) => {
        const [from, to] = [partOf(one.from), partOf(one.to)];
        const complaint = from === null || to === null || from === to ? null : find(one, from, to);
        return complaint === null ? [] : [`${one.from} imports ${one.to}: ${complaint}`];
      });
}

const layers = checkImports((_, from, to) => {
  if (to === 'gen') return null;
  const [above, below] = [levelOf(from), levelOf(to)];
  if (above === undefined || below === undefined) return 'there is no such layer';
  return below < above ? null : 'it is no layer below';
});

/** Files of no folder put the parts together; nothing below knows them, but for the settings and the schema that tools need. */
function bases(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => partOf(path) !== null && !path.startsWith('src/tools/'))
    .flatMap(importsOf)
    .filter(({ from, to }) => from.startsWith('src/') && to.startsWith('src/') && partOf(to) === null)
    .map(({ from, to }) => `${from} imports ${to}: it puts the parts together`);
}

const doors = checkImports((one, from, to) => {
  const open = to === 'gen' || one.to.endsWith('/index.ts') || (from === 'engines' && one.to.endsWith('/engine.ts'));
  return open ? null : 'other folders are entered by index.ts';
});

const contract = checkImports((one, from, to) => {
  if (to !== 'gen' || /^gen\/ts\/(windfall\/(facts|common)|google)\//.test(one.to)) return null;
  return levelOf(from)! >= CONTRACT_LEVEL ? null : 'services and engines alone know the contract';
});

/** Files that import themselves in a circle, types counted: none can be read before the others. */
function circles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources
      .filter(({ path }) => path.startsWith('src/'))
      .map((source) => [
        source.path,
        importsOf(source)
          .map(({ to }) => to)
          .filter((to) => to.startsWith('src/')),
      ]),
  );
  const reaches = (start: string, goal: string, seen = new Set<string>()): boolean =>
    (edges.get(start) ?? []).some((next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))));
  return [...edges.keys()].filter((file) => reaches(file, file)).map((file) => `${file} imports itself in a circle`);
}

const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.(test|campaign))?\.[a-z]+$/;
const VAGUE = /(^|-)(utils?|helpers?|managers?|misc)\./;

function names(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path }) => {
    const name = path.split('/').at(-1)!;
    if (!/^(src|test)\//.test(path)) return [];
    if (VAGUE.test(name)) return [`${path} does not say what it holds`];
    return KEBAB.test(name) || !name.endsWith('.ts') ? [] : [`${path} is not in kebab case`];
  });
}

/** Programs for people. */
const PRINTING = /^src\/(tools\/|fairness\/verifier\.ts$)|^test\/(.*\.campaign|.*\/make-[a-z]+)\.ts$/;

/** Each pattern, and the files where it is at home. Spelled so that this file does not match itself. */
const LEFTOVERS: readonly (readonly [RegExp, RegExp | null])[] = [
  [/\b(TO[D]O|FIX[M]E|XX[X])\b/, null],
  [/console\.lo[g]\(/, PRINTING],
  [/\b(test|describe|it|suite|t)(\.\w+)*\.(onl[y]|ski[p]|tod[o]|fail[s]|skipI[f]|runI[f])\(/, null],
  [/\b(onl[y]|ski[p]|tod[o]|fail[s]): true\b/, null],
  [/'node:tes[t]'/, null],
  [/^\s*debugge[r]\b/, null],
  [/(^|[\s'"`(=:])\/(home|Users|root|work)\/[\w.-]/, null],
];

function leftovers(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, i) =>
        LEFTOVERS.some(([pattern, home]) => pattern.test(line) && home?.test(path) !== true)
          ? [`${path}:${i + 1}: ${line.trim()}`]
          : [],
      ),
  );
}

function verifier(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path === VERIFIER)
    .flatMap(importsOf)
    .filter(({ to }) => !to.startsWith('node:'))
    .map(({ to }) => `${VERIFIER} imports ${to}: auditors run it alone`);
}

const source = (path: string, text = ''): Source => ({ path, text });
const alone = (path: string, text = ''): Source[] => [source(path, text)];

/** The rules, each with what breaks it. */
export const rules: readonly Rule[] = [
  {
    name: 'imports go down the layers',
    check: layers,
    wrong: [
      alone('src/db/a.ts', "import { b } from '../journal/index.ts';"),
      alone('src/ledger/a.ts', "import { b } from '../engines/lootbox/index.ts';"),
      alone('src/engines/lootbox/a.ts', "import { b } from '../raffle/index.ts';"),
      alone('src/engines/kit/a.ts', "import type { B } from '../lootbox/index.ts';"),
      alone('src/journal/a.ts', "import type { B } from '../players/index.ts';"),
      alone('src/rpc/a.ts', "import { b } from '../db/index.ts';"),
      alone('src/strange/a.ts', "import { b } from '../db/index.ts';"),
    ],
  },
  {
    name: 'what puts the parts together is known by none of them',
    check: bases,
    wrong: [alone('src/journal/a.ts', "import { b } from '../server.ts';")],
  },
  {
    name: 'other folders are entered by index.ts',
    check: doors,
    wrong: [alone('src/ledger/a.ts', "import {\n  b,\n} from '../journal/batch.ts';")],
  },
  {
    name: 'services and engines alone know the contract',
    check: contract,
    wrong: [alone('src/players/rules.ts', "import type { B } from '../../gen/ts/windfall/player/v1/player.ts';")],
  },
  {
    name: 'no circles of imports',
    check: circles,
    wrong: [
      [
        source('src/players/a.ts', "import type { b } from './b.ts';"),
        source('src/players/b.ts', "export { c } from '../tenants/c.ts';"),
        source('src/tenants/c.ts', "import type { A } from '../players/a.ts';"),
      ],
    ],
  },
  {
    name: 'the verifier stands alone',
    check: verifier,
    wrong: [alone(VERIFIER, "import { draw } from './draw.ts';")],
  },
  {
    name: 'names of files say what they hold',
    check: names,
    wrong: ['utils', 'account-manager', 'RollUp'].map((name) => alone(`src/ledger/${name}.ts`)),
  },
  {
    name: 'nothing is left over',
    check: leftovers,
    wrong: [
      alone('src/ledger/a.ts', '// TO' + 'DO: later'),
      alone('src/ledger/b.ts', 'console.lo' + 'g(1);'),
      alone('test/a.test.ts', 'test.onl' + "y('x', () => {});"),
      alone('test/b.test.ts', 'describe.ski' + "p('x', () => {});"),
      alone('test/c.test.ts', 'test.concurrent.tod' + "o('x');"),
      alone('test/d.test.ts', "test('x', { ski" + 'p: true }, () => {});'),
      alone('test/e.test.ts', "import { test } from 'node:tes" + "t';"),
      alone('src/ledger/c.ts', '  debugge' + 'r;'),
      alone('README.md', 'cd /hom' + 'e/me/windfall'),
    ],
  },
];

/**
 * The longest function of a file, in lines: from a line that opens one to the line that closes it at its
 * indent.
 */
export function longestFunction({ text }: Source): number {
  const lines = text.split('\n');
  const opens = /^\s*(export |async |static |get |override |#)*(function\b.*|[\w$]+\(.*\).*|\)[^;]*|.*=>) \{$/;
  return Math.max(
    0,
    ...lines.map((line, i) => {
      if (!opens.test(line) || /^\s*(if|for|while|switch|\} else|try|describe|test)\b/.test(line)) return 0;
      const indent = /^\s*/.exec(line)![0];
      const end = lines.findIndex((other, j) => j > i && other.startsWith(`${indent}}`));
      return end === -1 ? 0 : end - i + 1;
    }),
  );
}
