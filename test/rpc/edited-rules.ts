import { create, type FileRegistry } from '@bufbuild/protobuf';
import { MessageOptionsSchema } from '@bufbuild/protobuf/wkt';
import { ApiError, type FieldIssue } from '../../src/kernel/index.ts';
import { Validation } from '../../src/rpc/validation/compile.ts';
import type { CheckItem, CheckRequest } from '../edge/gen/probe/v1/probe.ts';
import { editedContract, messageOf, setOption } from './edited-contract.ts';

/** A rule in the options of a message. */
export interface Rule {
  readonly id: string;
  readonly message?: string;
  readonly expression: string;
}

/** The options of CheckRequest and CheckItem. */
interface Edit {
  readonly request?: { cel?: readonly Rule[]; celExpression?: readonly string[]; oneof?: readonly object[] };
  readonly item?: readonly Rule[];
  readonly keepsFieldRules?: boolean;
}

/** The contract of the probe with other rules. */
export function registryOf({ request = {}, item = [], keepsFieldRules = false }: Edit): FileRegistry {
  const { registry } = editedContract((probe) => {
    const messages = [messageOf(probe, 'CheckRequest'), messageOf(probe, 'CheckItem')];
    for (const message of messages) {
      message.options = create(MessageOptionsSchema);
      if (keepsFieldRules) continue;
      for (const part of [...message.field, ...message.oneofDecl]) delete part.options;
    }
    setOption(messages[0]!, 'buf.validate.message', request);
    if (item.length > 0) setOption(messages[1]!, 'buf.validate.message', { cel: item });
  });
  return registry;
}

/** Returns what is wrong with a CheckRequest, or throws as the server would at its start. */
export function issuesBy(registry: FileRegistry): (message: CheckRequest) => readonly FieldIssue[] {
  const validate = new Validation(registry).of(registry.getMessage('probe.v1.CheckRequest')!);
  return (message) => {
    try {
      validate(message);
      return [];
    } catch (thrown) {
      if (thrown instanceof ApiError) return thrown.fields;
      throw thrown;
    }
  };
}

/** Returns what is wrong with a CheckRequest that has only this rule. */
export const issuesOfRule = (rule: Rule): ((message: CheckRequest) => readonly FieldIssue[]) =>
  issuesBy(registryOf({ request: { cel: [rule] } }));

/** An item that keeps the rules of its fields. */
export const ITEM: CheckItem = { code: 'AB', weight: 1, children: [] };
/** A request that keeps the rules of its fields. */
export const VALID: CheckRequest = {
  length: 'abc',
  exact: '',
  uuid: '0198c5a0-1111-7222-8333-444455556666',
  word: 'yes',
  requiredText: 'x',
  small: 1,
  large: 10n,
  chosen: 1,
  ratio: 0.5,
  colour: 1,
  blob: Buffer.from('a'),
  tags: ['a'],
  items: [ITEM],
  labels: new Map([['a', 'b']]),
  byNumber: new Map(),
  item: ITEM,
  how: { $case: 'url', value: 'x' },
  free: undefined,
  time: undefined,
  flag: false,
  unchecked: '',
};
