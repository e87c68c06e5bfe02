import type { FieldIssue } from '../../kernel/index.ts';

/**
 * Looks at a value and adds what is wrong with it. The field of an issue is relative to the value: '' is
 * the value itself.
 */
export type Check = (value: any, issues: FieldIssue[]) => void;

/** More are not told: they would not fit a header, and nobody reads them. */
export const ISSUES_MAX = 20;

/** Adds an issue of the value itself. `rule` is the rule's id as protovalidate has it: `string.min_len`. */
export function fail(issues: FieldIssue[], rule: string, description: string): void {
  issues.push({ field: '', description, reason: rule.toUpperCase().replaceAll('.', '_') });
}

/** One check that is all of these; undefined: none. */
export function all(checks: readonly (Check | undefined)[]): Check | undefined {
  const [first, second, ...others] = checks.filter((check) => check !== undefined);
  if (first === undefined || second === undefined) return first;
  if (others.length === 0) {
    return (value, issues) => {
      first(value, issues);
      second(value, issues);
    };
  }
  const every = [first, second, ...others];
  return (value, issues) => {
    for (const check of every) check(value, issues);
  };
}

/**
 * One check that is the first, and the second only on what has passed the first: rules across fields may rely
 * on each field's own, and a list that is too long is not walked.
 */
export function afterwards(first: Check | undefined, second: Check | undefined): Check | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (value, issues) => {
    const before = issues.length;
    first(value, issues);
    if (issues.length === before) second(value, issues);
  };
}

/** Runs the check of a field on its value. Only what is wrong pays for paths. */
export function checkField(check: Check, value: unknown, issues: FieldIssue[], name: string): void {
  const before = issues.length;
  check(value, issues);
  if (issues.length > before) prefix(issues, before, name);
}

/** Runs the check of a list's element, or of a map's key or value. */
export function checkElement(check: Check, value: unknown, issues: FieldIssue[], index: unknown): void {
  const before = issues.length;
  check(value, issues);
  if (issues.length > before)
    prefix(issues, before, `[${typeof index === 'string' ? JSON.stringify(index) : String(index)}]`);
}

function prefix(issues: FieldIssue[], from: number, name: string): void {
  for (let i = from; i < issues.length; i++) {
    const { field, ...issue } = issues[i]!;
    const dot = field === '' || field.startsWith('[') ? '' : '.';
    issues[i] = { ...issue, field: name + dot + field };
  }
}
