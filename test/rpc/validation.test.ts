import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { ApiError, type FieldIssue } from '../../src/kernel/index.ts';
import { Validation } from '../../src/rpc/validation/compile.ts';
import { CheckRequest, type CheckItem } from '../edge/gen/probe/v1/probe.ts';
import { contract } from '../edge/probe.ts';
import { editedContract, messageOf, setOption } from './edited-contract.ts';

const desc = contract.registry.getMessage('probe.v1.CheckRequest')!;
const validate = new Validation(contract.registry).of(desc);

const ITEM: CheckItem = { code: 'AB', weight: 1, children: [] };
const VALID: CheckRequest = {
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

function issuesOf(message: CheckRequest): readonly FieldIssue[] {
  try {
    validate(message);
    return [];
  } catch (thrown) {
    assert(thrown instanceof ApiError);
    assert.equal(thrown.reason, 'INVALID_ARGUMENT');
    return thrown.fields;
  }
}

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'yes',
    'no',
    'AB',
    'ABCDE',
    'a\n',
    '😀',
    '😀😀😀',
    '😀😀😀😀😀',
    '😀'.repeat(6),
    'é'.repeat(5),
  ),
  fc.constantFrom(
    '0198C5A0-1111-7222-8333-444455556666',
    '0198c5a0-1111-7222-8333-444455556666',
    '0198c5a0111172228333444455556666',
  ),
  fc.string({ maxLength: 6 }).filter((value) => !value.includes('\0')),
);
const whole = fc.constantFrom(0, 1, -1, -3, -2, 3, 4, 10, 99, 100, 2 ** 31 - 1, -(2 ** 31));
const { item } = fc.letrec<{ item: CheckItem }>((tie) => ({
  item: fc.record({
    code: text,
    weight: whole,
    children: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('item'), { maxLength: 3 }),
    ),
  }),
}));
const colour = fc.constantFrom(0, 1, 2, 3, -1) as fc.Arbitrary<CheckRequest['colour']>;
const message: fc.Arbitrary<CheckRequest> = fc
  .record({
    length: text,
    exact: text,
    uuid: text,
    word: text,
    requiredText: text,
    small: whole,
    large: fc.constantFrom(0n, 9n, 10n, -1n, 2n ** 62n),
    chosen: fc.nat({ max: 4 }),
    ratio: fc.constantFrom(0, 0.5, 1, 1.5, -1),
    colour,
    blob: fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    tags: fc.array(text, { maxLength: 4 }),
    items: fc.array(item, { maxLength: 2 }),
    labels: fc.array(fc.tuple(text, text), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    byNumber: fc.array(fc.tuple(whole, item), { maxLength: 2 }).map((pairs) => new Map(pairs)),
    item: fc.option(item, { nil: undefined }),
    how: fc.oneof(
      fc.constant(undefined),
      text.map((value) => ({ $case: 'url' as const, value })),
      item.map((value) => ({ $case: 'part' as const, value })),
    ),
    free: fc.constant({ a: 1 }),
    time: fc.constant(new Date(0)),
    flag: fc.boolean(),
    unchecked: text,
  })
  .chain((made) =>
    fc
      .option(text, { nil: undefined })
      .map((optionalWord) => (optionalWord === undefined ? made : { ...made, optionalWord })),
  );

describe('validation', () => {
  test('finds what protovalidate finds, in every field', () => {
    const oracle = createValidator({ registry: contract.registry });
    let broken = 0;
    fc.assert(
      fc.property(message, (made) => {
        const bytes = Buffer.from(CheckRequest.encode(made).finish());
        const result = oracle.validate(desc, fromBinary(desc, bytes));
        const theirs = (result.violations ?? [])
          .map(({ field, ruleId }) => `${pathToString(field)} ${ruleId.toUpperCase().replaceAll('.', '_')}`)
          .sort();
        const ours = issuesOf(CheckRequest.decode(bytes))
          .map(({ field, reason }) => `${field} ${reason}`)
          .sort();
        broken += theirs.length;
        if (theirs.length > 20) assert.equal(ours.length, 20);
        else assert.deepEqual(ours, theirs);
      }),
      { numRuns: 1500, seed: 7 },
    );
    assert(broken > 1500, 'too few broken messages to prove anything');
  });

  test('passes a message that keeps every rule', () => {
    assert.deepEqual(issuesOf(VALID), []);
  });

  test('refuses what cannot be stored, whatever the rules say', () => {
    const refused: [Partial<CheckRequest>, string, string][] = [
      [{ length: 'a\0c' }, 'length', 'STRING_NUL'],
      [{ ratio: Number.NaN }, 'ratio', 'DOUBLE_FINITE'],
      [{ ratio: -1.7976931348623155e308 }, 'ratio', 'DOUBLE_FINITE'],
      [{ free: { a: [{ b: 'x\0' }] } }, 'free', 'STRING_NUL'],
      [{ free: { 'a\0': 1 } }, 'free', 'STRING_NUL'],
      [{ free: { a: Number.POSITIVE_INFINITY } }, 'free', 'DOUBLE_FINITE'],
      [{ free: JSON.parse('{"a":'.repeat(40) + '1' + '}'.repeat(40)) as object }, 'free', 'STRUCT_DEPTH'],
      [{ time: new Date(Number.NaN) }, 'time', 'TIMESTAMP_RANGE'],
      [{ time: new Date(253_402_300_800_000) }, 'time', 'TIMESTAMP_RANGE'],
    ];
    for (const [part, field, reason] of refused) {
      const found = issuesOf({ ...VALID, ...part });
      assert(
        found.some((issue) => issue.field === field && issue.reason === reason),
        `${field} ${reason}`,
      );
    }
  });

  test('reports at most 20 issues, and the first of them in the message', () => {
    const items = Array<CheckItem>(50).fill({ ...ITEM, code: 'a' });
    try {
      validate({ ...VALID, items });
      assert.fail('passed');
    } catch (thrown) {
      assert(thrown instanceof ApiError);
      assert.equal(thrown.fields.length, 20);
      assert.deepEqual(thrown.fields[3], {
        field: 'items[3].code',
        description: 'must match ^[A-Z]{2,4}$',
        reason: 'STRING_PATTERN',
      });
      assert.equal(thrown.message, 'items[0].code must match ^[A-Z]{2,4}$, and more besides');
    }
  });

  test('does not start with a rule that it does not know', () => {
    const rules: [object, RegExp][] = [
      [
        { type: { case: 'string', value: { wellKnown: { case: 'email', value: true } } } },
        /string\.email is not supported/,
      ],
      [
        { type: { case: 'string', value: { prefix: 'a' } } },
        /CheckRequest\.length: the rule string\.prefix is not supported/,
      ],
      [{ cel: [{ id: 'x', expression: 'true' }] }, /the rule cel is not supported/],
      [{ type: { case: 'timestamp', value: { within: { seconds: 1n } } } }, /timestamp rules are not supported/],
    ];
    for (const [rule, error] of rules) {
      const { registry } = editedContract((probe) => {
        setOption(messageOf(probe, 'CheckRequest').field[0]!, 'buf.validate.field', rule);
      });
      assert.throws(() => new Validation(registry).of(registry.getMessage('probe.v1.CheckRequest')!), error);
    }
  });
});
