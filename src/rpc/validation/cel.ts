import { celEnv, celMethod, CelScalar, isCelError, isCelUint, listType, parse, plan } from '@bufbuild/cel';
import type { CelEnv, CelResult, CelValue } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import {
  getOption,
  hasOption,
  type DescField,
  type DescMessage,
  type FileRegistry,
  type Message,
} from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { extensionOf } from '../contract.ts';
import { celMessage, sampleMessage } from './cel-message.ts';
import { assertTyped } from './cel-trial.ts';
import type { Check } from './check.ts';

interface MessageRules {
  readonly cel: readonly { readonly id: string; readonly message: string; readonly expression: string }[];
  readonly celExpression: readonly string[];
}

interface Rule {
  /** For error messages: the message type and the rule. */
  readonly where: string;
  readonly field: string;
  readonly reason: string;
  /** '': the expression's result is the message. */
  readonly message: string;
  readonly expression: string;
}

const KNOWN = new Set(['cel', 'cel_expression']);

/**
 * The check of the rules that a message has across its fields; undefined if it has none. An expression that
 * fails on a message is our bug: the check then throws an Error, not an ApiError.
 */
export function messageCheck(registry: FileRegistry, desc: DescMessage): Check | undefined {
  const rules = readMessageRules(registry, desc);
  if (rules.length === 0) return undefined;
  const env = celEnv({ registry, funcs: [...strings, unique] });
  const compiled = rules.map((rule) => ({ rule, evaluate: compile(env, desc, rule) }));
  return (value, issues) => {
    const message = reflect(desc, celMessage(desc, value));
    for (const { rule, evaluate } of compiled) {
      const broken = brokenBy(rule, evaluate(message));
      if (broken !== undefined) issues.push({ field: rule.field, description: broken, reason: rule.reason });
    }
  };
}

function readMessageRules(registry: FileRegistry, desc: DescMessage): Rule[] {
  const extension = extensionOf(registry, 'buf.validate.message');
  if (!hasOption(desc, extension)) return [];
  const written = getOption(desc, extension) as Message & MessageRules;
  const type = extension.message!;
  const unknown = type.fields.find((field) => !KNOWN.has(field.name) && reflect(type, written).isSet(field));
  if (unknown !== undefined) throw new Error(`${desc.typeName}: the rule ${unknown.name} is not supported`);
  const short = written.celExpression.map((expression) => ({ id: expression, message: '', expression }));
  return [...written.cel, ...short].map(({ id, message, expression }) => {
    const where = `${desc.typeName}: the rule ${id || expression}`;
    const reason = id.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
    return { where, field: fieldOf(desc, id, where), reason, message, expression };
  });
}

/**
 * The field that a broken rule is reported for. The rule's id names it: it is the first part of the id that is a
 * field (or oneof) of the message, together with the following parts as long as they are nested fields. So
 * `seed_usd.alone` is reported for seed_usd, and `pot.hit_rate.odds.whole` for hit_rate.odds, if the message has a
 * hit_rate but no pot. Parts are words, whatever separates them: the id of a bare cel_expression, which is the
 * expression, names the first field in it.
 */
function fieldOf(desc: DescMessage, id: string, where: string): string {
  const path: string[] = [];
  let inside: DescMessage | undefined = desc;
  for (const part of id.match(/\w+/g) ?? []) {
    const field: DescField | undefined = inside?.fields.find(({ name }) => name === part);
    if (field !== undefined || inside?.oneofs.some(({ name }) => name === part)) {
      path.push(part);
      inside = field?.fieldKind === 'message' ? field.message : undefined;
    } else if (path.length > 0) {
      break;
    }
  }
  if (path.length === 0) throw new Error(`${where}: its id names no field of the message`);
  return path.join('.');
}

/** Compiles an expression. Throws if it does not parse, or cannot work. */
function compile(env: CelEnv, desc: DescMessage, rule: Rule): (message: ReflectMessage) => CelResult {
  try {
    const expression = parse(rule.expression).expr;
    const choices = Math.max(1, ...desc.oneofs.map(({ fields }) => fields.length));
    for (let choice = 0; choice < choices; choice++)
      assertTyped(env, expression, { this: reflect(desc, sampleMessage(desc, choice)) });
    const evaluate = plan(env, expression);
    return (message) => evaluate({ this: message });
  } catch (error) {
    throw new Error(`${rule.where}: ${(error as Error).message}`, { cause: error });
  }
}

/** What is wrong with a message, according to the result of a rule's expression; undefined: nothing. */
function brokenBy({ where, message, expression }: Rule, result: CelResult): string | undefined {
  if (result === true || result === '') return undefined;
  if (result === false) return message || `must satisfy ${expression}`;
  if (typeof result === 'string') return message || result;
  if (isCelError(result)) throw new Error(`${where}: ${result.message}`, { cause: result });
  throw new Error(`${where}: yields neither bool nor string`);
}

/** unique() of a list, as protovalidate defines it. */
const unique = celMethod('unique', listType(CelScalar.DYN), [], CelScalar.BOOL, function () {
  const seen = new Set<unknown>();
  for (const value of this) {
    const key = identity(value);
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
});

/** Equal for equal values. The letters keep the types apart. */
function identity(value: CelValue): unknown {
  if (typeof value === 'string') return `s${value}`;
  if (isCelUint(value)) return `u${value.value}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  // NaN does not equal another NaN.
  return Number.isNaN(value) ? Symbol() : value;
}
