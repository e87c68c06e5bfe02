/**
 * Runs all checks that do not need a running service:
 *
 *   npm run check                     all parts
 *   npm run check -- types lint       the parts whose name contains one of the words
 *
 * Every part runs, even if others fail. Exit code 1 if one fails. `npm test` has a test for each part.
 */
import { join } from 'node:path';
import { checks } from './checks.ts';

const ROOT = join(import.meta.dirname, '../..');
const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, '    ');

const words = process.argv.slice(2);
const meant = checks.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (meant.length === 0) {
  console.error(`There is no such part: they are ${checks.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const failed: string[] = [];
for (const { name, find } of meant) {
  const notes: string[] = [];
  const started = performance.now();
  const complaint = await find(ROOT, (line) => notes.push(line)).catch(String);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${complaint === '' ? '✓' : '✗'} ${name} (${seconds} s)`);
  for (const note of notes) console.log(indent(note));
  if (complaint !== '') {
    console.log(indent(complaint));
    failed.push(name);
  }
}
if (failed.length > 0) {
  console.log(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
