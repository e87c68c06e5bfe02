import { celType, isCelError, isCelList, isCelMap, isCelUint, plan } from '@bufbuild/cel';
import type { CelEnv, CelInput, CelResult, CelValue, parse } from '@bufbuild/cel';

/** An expression that has been parsed. */
export type Expression = NonNullable<ReturnType<typeof parse>['expr']>;

type Names = Readonly<Record<string, CelInput>>;

/** Errors of the expression itself. Others depend on the values: a missing index, a division by 0. */
const FAULT = /overload|field not found|unbound|unresolved|mismatch|unknown|unsupported|regexp|but got/i;

/**
 * Throws if an expression cannot work, whatever the message: the library has no type checker. Each part of the
 * expression is evaluated separately on a sample, where no && or ?: can hide its errors.
 */
export function assertTyped(env: CelEnv, expression: Expression, names: Names): void {
  const value = valueOf(env, expression, names);
  if (value !== undefined && typeof value !== 'boolean' && typeof value !== 'string')
    throw new Error(`yields ${celType(value)}, which is neither bool nor string`);
}

/** undefined: the value cannot be known from a sample. That includes null, which can stand for any type. */
function valueOf(env: CelEnv, expression: Expression, names: Names): CelValue | undefined {
  const parts = isForeign(expression, names) ? [] : partsOf(env, expression, names);
  if (parts.includes(undefined)) return undefined;
  const value = plan(env, expression)(names);
  const fault = faultOf(expression, parts as CelValue[], value);
  if (fault !== undefined) throw new Error(fault);
  return isCelError(value) || value === null ? undefined : value;
}

/** Whether it is a name of the contract, such as an enum value: its parts mean nothing separately. */
function isForeign({ exprKind }: Expression, names: Names): boolean {
  if (exprKind.case === 'selectExpr') return !exprKind.value.testOnly && isForeign(exprKind.value.operand!, names);
  return exprKind.case === 'identExpr' && !Object.hasOwn(names, exprKind.value.name);
}

function partsOf(env: CelEnv, { exprKind }: Expression, names: Names): (CelValue | undefined)[] {
  const valuesOf = (parts: (Expression | undefined)[], known = names): (CelValue | undefined)[] =>
    parts.filter((part) => part !== undefined).map((part) => valueOf(env, part, known));
  switch (exprKind.case) {
    case 'selectExpr':
      return valuesOf([exprKind.value.operand]);
    case 'callExpr':
      return valuesOf([exprKind.value.target, ...exprKind.value.args]);
    case 'listExpr':
      return valuesOf(exprKind.value.elements);
    case 'structExpr':
      return valuesOf(
        exprKind.value.entries.flatMap(({ keyKind, value }) => [
          keyKind.case === 'mapKey' ? keyKind.value : undefined,
          value,
        ]),
      );
    case 'comprehensionExpr': {
      const { iterRange, accuInit, iterVar, accuVar, loopCondition, loopStep, result } = exprKind.value;
      const [range, start] = valuesOf([iterRange, accuInit]);
      const item = firstOf(range);
      if (item === undefined || start === undefined) return [range, start];
      const inside = { ...names, [iterVar]: item, [accuVar]: start } as Names;
      return [range, start, ...valuesOf([loopCondition, loopStep, result], inside)];
    }
    default:
      return [];
  }
}

function firstOf(range: CelValue | undefined): CelValue | undefined {
  if (isCelList(range)) return range.get(0);
  return isCelMap(range) ? range.keys().next().value : undefined;
}

/** What is wrong with an expression whose parts are correct. */
function faultOf({ exprKind }: Expression, parts: readonly CelValue[], value: CelResult): string | undefined {
  const [first, second] = parts;
  const called = exprKind.case === 'callExpr' ? exprKind.value.function : '';
  const isLookup = first !== undefined && (exprKind.case === 'selectExpr' || called === '_[_]');
  if (isLookup && isScalar(first)) return `${celType(first)} has neither fields nor elements`;
  if ((called === '_==_' || called === '_!=_') && kindOf(first!) !== kindOf(second!))
    return `compares ${celType(first!)} with ${celType(second!)}`;
  const odd = called === '_&&_' || called === '_||_' ? parts.find((part) => typeof part !== 'boolean') : undefined;
  if (odd !== undefined) return `${called} takes bool, not ${celType(odd)}`;
  if (!isCelError(value)) return undefined;
  // The keys of a map come from the caller.
  if (isLookup && isCelMap(first)) return undefined;
  return FAULT.test(value.message) || isConstant(exprKind) ? value.message : undefined;
}

/** Whether it is a call of a function with only literals as arguments, such as `timestamp("today")`. */
function isConstant(kind: Expression['exprKind']): boolean {
  if (kind.case !== 'callExpr' || kind.value.target !== undefined) return false;
  return kind.value.args.every(({ exprKind }) => exprKind.case === 'constExpr');
}

function isScalar(value: CelValue): boolean {
  return typeof value !== 'object' || value instanceof Uint8Array || isCelUint(value);
}

/** Numbers of all types can be compared. */
function kindOf(value: CelValue): string {
  const isNumber = typeof value === 'bigint' || typeof value === 'number' || isCelUint(value);
  return isNumber ? 'number' : celType(value).name;
}
