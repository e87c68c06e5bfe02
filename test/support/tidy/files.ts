import { alone, type Rule, type Source } from './rule.ts';

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

/** Programs that print for people. */
const PRINTING = /^src\/(tools\/|fairness\/verifier\.ts$)|^test\/(.*\.campaign|.*\/make-[a-z]+)\.ts$/;

/** Each pattern, and the files where it is allowed. Written so that this file does not match itself. */
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

/** How files are named, and what they must not contain. Each rule has examples that break it. */
export const fileRules: readonly Rule[] = [
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
