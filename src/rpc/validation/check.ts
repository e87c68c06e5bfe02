import type { FieldIssue } from '../../kernel/index.ts';

/**
 * Checks a value and adds an issue for each error. The field of an issue is relative to the value: '' is
 * the value itself.
 */
export type Check = (value: any, issues: FieldIssue[]) => void;

/** More are not reported: they would not fit into a header. */
export const ISSUES_MAX = 20;

/** Adds an issue of the value itself. `rule` is the rule's id in protovalidate: `string.min_len`. */
export function fail(issues: FieldIssue[], rule: string, description: string): void {
  issues.push({ field: '', description, reason: rule.toUpperCase().replaceAll('.', '_') });
}

/** One check that runs all of these; undefined: none. */
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
 * One check that runs the first, and the second only if the first has passed: rules across fields may rely
 * on the rules of each field, and a list that is too long is not traversed.
 */
export function afterwards(first: Check | undefined, second: Check | undefined): Check | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (value, issues) => {
    const before = issues.length;
    first(value, issues);
    if (issues.length === before) second(value, issues);
  };
}

/** Runs the check of a field on its value. Paths are built only for errors. */
export function checkField(check: Check, value: unknown, issues: FieldIssue[], name: string): void {
  const before = issues.length;
  check(value, issues);
  if (issues.length > before) prefix(issues, before, name);
}

/** Runs the check of a list element, or of a map's key or value. */
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
