import { getOption, hasOption, type DescMessage, type DescOneof, type FileRegistry } from '@bufbuild/protobuf';
import { ApiError, type FieldIssue } from '../../kernel/index.ts';
import { extensionOf } from '../contract.ts';
import { messageCheck } from './cel.ts';
import { afterwards, all, ISSUES_MAX, type Check } from './check.ts';
import { fieldCheck } from './fields.ts';
import { storableWellKnown } from './storable.ts';

/** Throws an ApiError that names the fields of the message that break a rule of the contract, at most ISSUES_MAX. */
export type Validate = (message: unknown) => void;

/**
 * Compiles the contract's rules (buf.validate) to validators: closures on the objects that ts-proto
 * creates. They take 0.4 µs per message; protovalidate takes 8 to 16, and a second decoding. The tests compare them
 * with protovalidate. Throws if it does not know a rule: a rule that is silently not enforced is
 * worse than a server that does not start.
 */
export class Validation {
  readonly registry: FileRegistry;
  readonly #known = new Map<DescMessage, { check: Check | undefined; done: boolean }>();

  constructor(registry: FileRegistry) {
    this.registry = registry;
  }

  /** The validator of a message type. */
  of(desc: DescMessage): Validate {
    const check = this.message(desc);
    return (message) => {
      const issues: FieldIssue[] = [];
      check?.(message, issues);
      if (issues.length > 0) throw refusalOf(issues);
    };
  }

  message(desc: DescMessage): Check | undefined {
    const known = this.#known.get(desc);
    if (known?.done === true) return known.check;
    // A recursive type: its check is not compiled yet.
    if (known !== undefined) return (value, issues) => known.check?.(value, issues);
    const entry: { check: Check | undefined; done: boolean } = { check: undefined, done: false };
    this.#known.set(desc, entry);
    entry.check = storableWellKnown(desc) ?? this.#compile(desc);
    entry.done = true;
    return entry.check;
  }

  #compile(desc: DescMessage): Check | undefined {
    const fields = all([
      ...desc.fields.map((field) => fieldCheck(this, field)),
      ...desc.oneofs.map((oneof) => this.#oneofCheck(oneof)),
    ]);
    return afterwards(fields, messageCheck(this.registry, desc));
  }

  #oneofCheck(oneof: DescOneof): Check | undefined {
    const extension = extensionOf(this.registry, 'buf.validate.oneof');
    if (!hasOption(oneof, extension) || !(getOption(oneof, extension) as { required?: boolean }).required)
      return undefined;
    const { name, localName } = oneof;
    return (message, issues) => {
      if (message[localName] !== undefined) return;
      issues.push({ field: name, description: 'one of its fields is required', reason: 'REQUIRED' });
    };
  }
}

function refusalOf(issues: readonly FieldIssue[]): ApiError {
  const [first] = issues;
  const message = `${first!.field} ${first!.description}`;
  const more = issues.length === 1 ? '' : `, and ${issues.length >= ISSUES_MAX ? 'more' : issues.length - 1} besides`;
  return new ApiError('INVALID_ARGUMENT', message + more, { fields: issues.slice(0, ISSUES_MAX) });
}
