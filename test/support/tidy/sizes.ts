import type { Source } from './rule.ts';

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
