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
  /** For errors: the message and the rule. */
  readonly where: string;
  readonly field: string;
  readonly reason: string;
  /** '': what the expression returns. */
  readonly message: string;
  readonly expression: string;
}

const KNOWN = new Set(['cel', 'cel_expression']);

/**
 * The check of the rules that a message has across its fields, undefined where it has none. An expression that
 * fails on a message is a fault of ours: it throws an Error, no refusal.
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
 * The field at which a broken rule is told. The rule's id names it: it is the first of the id's parts that is a
 * field (or oneof) of the message, together with the parts after it as far as they are fields inside. So
 * `seed_usd.alone` is told at seed_usd, and `pot.hit_rate.odds.whole` at hit_rate.odds, where the message has a
 * hit_rate but no pot. Parts are words, whatever is between them: the id of a bare cel_expression, which is the
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

/** Throws if the expression does not parse, or cannot work. */
function compile(env: CelEnv, desc: DescMessage, rule: Rule): (message: ReflectMessage) => CelResult {
  try {
    const expression = parse(rule.expression).expr!;
    const choices = Math.max(1, ...desc.oneofs.map(({ fields }) => fields.length));
    for (let choice = 0; choice < choices; choice++)
      assertTyped(env, expression, { this: reflect(desc, sampleMessage(desc, choice)) });
    const evaluate = plan(env, expression);
    return (message) => evaluate({ this: message });
  } catch (error) {
    throw new Error(`${rule.where}: ${(error as Error).message}`, { cause: error });
  }
}

/** What is wrong with a message, by what a rule's expression made of it. */
function brokenBy({ where, message, expression }: Rule, result: CelResult): string | undefined {
  if (result === true || result === '') return undefined;
  if (result === false) return message || `must satisfy ${expression}`;
  if (typeof result === 'string') return message || result;
  if (isCelError(result)) throw new Error(`${where}: ${result.message}`, { cause: result });
  throw new Error(`${where}: yields neither bool nor string`);
}

/** unique() of a list, which is protovalidate's. */
const unique = celMethod('unique', listType(CelScalar.DYN), [], CelScalar.BOOL, function () {
  const seen = new Set<unknown>();
  for (const value of this) {
    const key = identity(value);
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
});

/** The same for values that are the same; the letters hold the types apart. */
function identity(value: CelValue): unknown {
  if (typeof value === 'string') return `s${value}`;
  if (isCelUint(value)) return `u${value.value}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  // NaN is no other NaN's equal.
  return Number.isNaN(value) ? Symbol() : value;
}
