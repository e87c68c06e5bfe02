import { alone, type Rule, type Source } from './rule.ts';

const FILE_LINES_MAX = 250;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 120;
/** A longer word, such as an address or a pattern, cannot be broken. */
const WORD_MAX = 80;

/** The number of lines of a file. */
export const lineCount = ({ text }: Source): number => text.split('\n').length - 1;

/** Whether a file is a program. */
export const isProgram = ({ path }: Source): boolean => /\.(ts|lua)$/.test(path);

function files(sources: readonly Source[]): string[] {
  const long = sources.filter((source) => isProgram(source) && lineCount(source) > FILE_LINES_MAX);
  return long.map((source) => `${source.path} has ${lineCount(source)} lines`);
}

function functions(sources: readonly Source[]): string[] {
  const long = sources.filter((source) => isProgram(source) && longestFunction(source) > FUNCTION_LINES_MAX);
  return long.map((source) => `${source.path} has a function of ${longestFunction(source)} lines`);
}

/**
 * The longest function of a file, in lines: from the line that opens it to the line with the same indent that closes
 * it.
 */
function longestFunction({ path, text }: Source): number {
  const lines = text.split('\n');
  const opens = path.endsWith('.lua')
    ? /\bfunction\b[^()]*\([^()]*\)$/
    : /^\s*(export |async |static |get |override |#)*(function\b.*|[\w$]+\(.*\).*|\)[^;]*|.*=>) \{$/;
  return Math.max(
    0,
    ...lines.map((line, i) => {
      if (!opens.test(line) || /^\s*(if|for|while|switch|\} else|try|describe|test)\b/.test(line)) return 0;
      const indent = /^\s*/.exec(line)![0];
      const end = lines.findIndex((other, j) => j > i && new RegExp(`^${indent}(\\}|end\\b)`).test(other));
      return end === -1 ? 0 : end - i + 1;
    }),
  );
}

function lines(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => {
      // A row of a table in Markdown is one line.
      const whole = path.endsWith('.md') && line.startsWith('|');
      const word = Math.max(...line.split(/\s+/).map((one) => one.length));
      return line.length <= COLUMNS_MAX || whole || word > WORD_MAX
        ? []
        : [`${path}:${i + 1} has ${line.length} columns`];
    }),
  );
}

const body = '  work();\n'.repeat(FUNCTION_LINES_MAX);

/** How large files, functions and lines may be. Each rule has examples that break it. */
export const sizeRules: readonly Rule[] = [
  {
    name: `no program has more than ${FILE_LINES_MAX} lines`,
    check: files,
    wrong: ['ts', 'lua'].map((kind) => alone(`src/long.${kind}`, 'work()\n'.repeat(FILE_LINES_MAX + 1))),
  },
  {
    name: `no function has more than ${FUNCTION_LINES_MAX} lines`,
    check: functions,
    wrong: [
      alone('src/function.ts', `function f(): void {\n${body}}\n`),
      alone('src/async-function.ts', `export async function f(\n  a: number,\n): Promise<void> {\n${body}}\n`),
      alone('src/arrow-function.ts', `const f = () => {\n${body}}\n`),
      alone('src/function.lua', `local function f(a)\n${body}end\n`),
    ],
  },
  {
    name: `no line has more than ${COLUMNS_MAX} columns`,
    check: lines,
    wrong: ['a.ts', 'a.proto', 'README.md'].map((path) => alone(path, `// ${'word '.repeat(24)}`.trimEnd())),
  },
];
