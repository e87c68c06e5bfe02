import { globSync, existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/command.ts';

/** A fault that somebody could make: a change of one place, and the tests of which at least one must fail with it. */
export interface Fault {
  /** The list that it is in. */
  readonly area: string;
  /** What goes wrong, in the product's words. */
  readonly fault: string;
  readonly file: string;
  /** What the file says; it occurs once. */
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
  /** Only tests whose name contains it are run. */
  readonly name?: string;
}

/** The areas that have a list. */
export const areas: readonly string[] = globSync('*.yaml', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.yaml'))
  .sort();

/** The faults of an area, as its list has them: `complaintsOf` says what is wrong with one. */
export function faultsOf(area: string): Fault[] {
  const list = parse(readFileSync(join(import.meta.dirname, `${area}.yaml`), 'utf8')) as Omit<Fault, 'area'>[];
  return list.map((fault) => ({ ...fault, area }));
}

const TEXTS = ['fault', 'file', 'from', 'to'] as const;
const FIELDS: ReadonlySet<string> = new Set([...TEXTS, 'area', 'tests', 'name']);
const sources = new Map<string, string>();

/** What is wrong with an entry of a list; null: nothing. */
export function complaintOf(fault: Fault): string | null {
  const { file, from, to, tests, name = 'any' } = fault;
  const strange = Object.keys(fault).find((key) => !FIELDS.has(key));
  if (strange !== undefined) return `there is no field ${strange}`;
  const missing = TEXTS.find((key) => typeof fault[key] !== 'string' || (key !== 'to' && fault[key] === ''));
  if (missing !== undefined) return `${missing} is no text`;
  if (typeof name !== 'string' || name === '') return 'name is no text';
  if (fault.fault.includes('\n')) return 'fault has more than one line';
  if (!Array.isArray(tests) || tests.length === 0) return 'tests is no list';
  const absent = tests.find((test) => !test.endsWith('.test.ts') || !existsSync(join(ROOT, test)));
  if (absent !== undefined) return `there is no test file ${absent}`;
  if (!/^(src|proto|envoy\.yaml)/.test(file) || !existsSync(join(ROOT, file))) return `there is no ${file}`;
  if (from === to) return 'nothing changes';
  const text = textOf(file);
  const times = text.split(from).length - 1;
  return times === 1 ? null : `from occurs ${times} times in ${file}`;
}

function textOf(file: string): string {
  let text = sources.get(file);
  if (text === undefined) sources.set(file, (text = readFileSync(join(ROOT, file), 'utf8')));
  return text;
}

/** A file's text with a fault in it. */
export const planted = (text: string, { from, to }: Fault): string => text.replace(from, () => to);
