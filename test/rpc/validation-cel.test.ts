import assert from 'node:assert/strict';
import { create, fromBinary, type FileRegistry } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { MessageOptionsSchema } from '@bufbuild/protobuf/wkt';
import { createValidator } from '@bufbuild/protovalidate';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { ApiError, type FieldIssue } from '../../src/kernel/index.ts';
import { Validation } from '../../src/rpc/validation/compile.ts';
import { CheckRequest, type CheckItem } from '../edge/gen/probe/v1/probe.ts';
import { editedContract, messageOf, setOption } from './edited-contract.ts';

interface Rule {
  readonly id: string;
  readonly message?: string;
  readonly expression: string;
}

/** What may stand in the options of CheckRequest and of CheckItem. */
interface Edit {
  readonly request?: { cel?: readonly Rule[]; celExpression?: readonly string[]; oneof?: readonly object[] };
  readonly item?: readonly Rule[];
  readonly keepsFieldRules?: boolean;
}

function registryOf({ request = {}, item = [], keepsFieldRules = false }: Edit): FileRegistry {
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
function issuesBy(registry: FileRegistry): (message: CheckRequest) => readonly FieldIssue[] {
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

const issuesOfRule = (rule: Rule): ((message: CheckRequest) => readonly FieldIssue[]) =>
  issuesBy(registryOf({ request: { cel: [rule] } }));

const ITEM: CheckItem = { code: 'AB', weight: 1, children: [] };
/** Keeps the rules of the fields. */
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

/** The rules of CheckRequest, with the field that each is reported for: the id names it. */
const RULES: readonly (Rule & { readonly field: string })[] = [
  { id: 'small.below_large', field: 'small', expression: 'this.small < this.large' },
  { id: 'check.ratio', field: 'ratio', expression: 'this.ratio <= double(this.small) && this.ratio != 0.5' },
  { id: 'ratio.unlike_nan', field: 'ratio', expression: '[this.ratio / 0.0, 0.0 / 0.0].unique() && this.ratio < 1.0' },
  { id: 'optional_word-is-another', field: 'optional_word', expression: 'this.optional_word != this.word' },
  {
    id: 'required_text.has',
    field: 'required_text',
    expression: 'has(this.required_text) || !has(this.optional_word)',
  },
  { id: 'flag.item', field: 'flag', expression: 'has(this.item) == this.flag' },
  { id: 'item.weight.positive', field: 'item.weight', expression: 'this.item.weight > 0' },
  { id: 'length.fits', field: 'length', expression: 'size(this.length) <= this.small' },
  { id: 'tags.unique', field: 'tags', expression: 'this.tags.unique()' },
  { id: 'items.weights', field: 'items', expression: 'this.items.map(i, i.weight).unique()' },
  { id: 'items.lighter', field: 'items', expression: 'this.items.all(i, i.weight <= this.item.weight)' },
  { id: 'items.word', field: 'items', expression: 'this.items.exists(i, i.code == this.word)' },
  { id: 'items.one', field: 'items', expression: 'this.items.filter(i, i.weight > 1).size() == 1' },
  { id: 'labels.tagged', field: 'labels', expression: 'this.labels.all(name, this.labels[name] in this.tags)' },
  {
    id: 'by_number.weighed',
    field: 'by_number',
    expression: 'this.by_number.all(n, n <= this.small && this.by_number[n].weight == n)',
  },
  { id: 'how.part', field: 'how', expression: 'has(this.url) || !has(this.part) || this.part.weight > 0' },
  { id: 'url.word', field: 'url', expression: 'has(this.url) ? this.url == this.word : this.part.code == this.word' },
  { id: 'chosen.more', field: 'chosen', expression: 'this.chosen > 0u && [2u, this.chosen].unique()' },
  { id: 'blob.ab', field: 'blob', expression: 'size(this.blob) < 2 || [b"ab", this.blob].unique()' },
  { id: 'colour.red', field: 'colour', expression: 'this.flag || this.colour == probe.v1.Colour.COLOUR_RED' },
  { id: 'time.old', field: 'time', expression: '!has(this.time) || this.time > timestamp("2020-01-01T00:00:00Z")' },
  { id: 'free.a', field: 'free', expression: 'has(this.free.a) ? this.free.a == this.ratio : size(this.free) == 0' },
  { id: 'exact.word', field: 'exact', expression: 'this.exact == this.word ? "" : "must be " + this.word' },
  { id: 'uuid.lower', field: 'uuid', expression: 'this.uuid.lowerAscii() == this.uuid && this.uuid.matches("^a")' },
  { id: 'unchecked.prefix', field: 'unchecked', expression: 'this.unchecked.startsWith(this.word)' },
];
const BARE = 'this.item.weight * 2 >= this.small';
const ITEM_RULE = { id: 'code.unlike_children', expression: 'this.children.all(c, c.code != this.code)' };
const FIELDS = new Map([
  ...RULES.map(({ id, field }) => [id, field] as const),
  [ITEM_RULE.id, 'code'],
  [BARE, 'item.weight'],
]);

/** Few values, so that two fields are often equal. */
const text = fc.constantFrom('', 'a', 'A', 'ab', '😀', '😀😀');
const whole = fc.constantFrom(-1, 0, 1, 2, 3);
const { item } = fc.letrec<{ item: CheckItem }>((tie) => ({
  item: fc.record({
    code: text,
    weight: whole,
    children: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { arbitrary: fc.constant([]), weight: 4 },
      { arbitrary: fc.array(tie('item'), { maxLength: 2 }), weight: 1 },
    ),
  }),
}));
const message: fc.Arbitrary<CheckRequest> = fc
  .record({
    length: text,
    exact: text,
    uuid: text,
    word: text,
    requiredText: text,
    small: whole,
    large: fc.constantFrom(-1n, 0n, 2n, 2n ** 62n),
    chosen: fc.nat({ max: 3 }),
    ratio: fc.constantFrom(0, 0.5, 1, -1),
    colour: fc.constantFrom(0, 1, 2) as fc.Arbitrary<CheckRequest['colour']>,
    blob: fc.constantFrom('', 'ab', 'abc').map((bytes) => Buffer.from(bytes)),
    tags: fc.array(text, { maxLength: 3 }),
    items: fc.array(item, { maxLength: 3 }),
    labels: fc.array(fc.tuple(text, text), { maxLength: 2 }).map((pairs) => new Map(pairs)),
    byNumber: fc.array(fc.tuple(whole, item), { maxLength: 2 }).map((pairs) => new Map(pairs)),
    item: fc.option(item, { nil: undefined }),
    how: fc.oneof(
      fc.constant(undefined),
      text.map((value) => ({ $case: 'url' as const, value })),
      item.map((value) => ({ $case: 'part' as const, value })),
    ),
    free: fc.constantFrom(undefined, {}, { a: 0.5 }, { a: [1, null, { b: 'c' }] }, { b: true }),
    time: fc.constantFrom(undefined, new Date(0), new Date('2020-01-01T00:00:00.001Z'), new Date(-1500)),
    flag: fc.boolean(),
    unchecked: text,
  })
  .chain((made) =>
    fc
      .option(text, { nil: undefined })
      .map((optionalWord) => (optionalWord === undefined ? made : { ...made, optionalWord })),
  );

const isInside = (inner: string, outer: string): boolean =>
  inner !== outer && (outer === '' || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`));

function told({ path, ruleId }: { path: string; ruleId: string }): string {
  const dot = path === '' ? '' : '.';
  return `${path}${dot}${FIELDS.get(ruleId)} ${ruleId.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`;
}

describe('rules across fields', () => {
  test('are kept and broken as protovalidate has it', () => {
    const registry = registryOf({
      request: { cel: RULES.map(({ id, expression }) => ({ id, expression })), celExpression: [BARE] },
      item: [ITEM_RULE],
    });
    const desc = registry.getMessage('probe.v1.CheckRequest')!;
    const oracle = createValidator({ registry });
    const issuesOf = issuesBy(registry);
    const broken = new Map<string, number>();
    let asked = 0;
    fc.assert(
      fc.property(message, (made) => {
        const bytes = Buffer.from(CheckRequest.encode(made).finish());
        const { kind, violations = [] } = oracle.validate(desc, fromBinary(desc, bytes));
        assert.notEqual(kind, 'error');
        const found = violations.map(({ field, ruleId }) => ({ path: pathToString(field), ruleId }));
        // Errors inside a message are reported without errors across its fields.
        const theirs = found.filter(({ path }) => !found.some((other) => isInside(other.path, path)));
        if (theirs.every(({ path }) => path === '')) asked++;
        for (const { ruleId } of theirs) broken.set(ruleId, (broken.get(ruleId) ?? 0) + 1);
        const ours = issuesOf(CheckRequest.decode(bytes)).map(({ field, reason }) => `${field} ${reason}`);
        if (theirs.length > 20) assert.equal(ours.length, 20);
        else assert.deepEqual(ours.sort(), theirs.map(told).sort());
      }),
      { numRuns: 1500, seed: 7 },
    );
    for (const { id } of [...RULES, { id: BARE }]) {
      const count = broken.get(id) ?? 0;
      assert(count > asked / 50 && count < asked - asked / 50, `${id}: broken by ${count} of ${asked}`);
    }
    assert(broken.get(ITEM_RULE.id)! > 50);
  });

  test('read the messages inside as ts-proto has them', () => {
    const { registry } = editedContract((probe) => {
      const request = messageOf(probe, 'CheckRequest');
      const entry = request.nestedType.find(({ name }) => name === 'ByNumberEntry')!;
      for (const part of [...request.field, ...request.oneofDecl]) delete part.options;
      for (const field of [...request.field, ...entry.field])
        if (field.typeName === '.probe.v1.CheckItem') field.typeName = '.probe.v1.Thing';
      const cel = ['this.item', 'this.part', 'this.items[0]', 'this.by_number[1]'].map((thing) => ({
        id: `${thing}.create_time`,
        expression: `this.time < ${thing}.create_time`,
      }));
      request.options = create(MessageOptionsSchema);
      setOption(request, 'buf.validate.message', { cel });
    });
    const issuesOf = issuesBy(registry);
    const fieldsAt = (ms: number): string[] => {
      const thing = { id: 'a', tags: [], createTime: new Date(ms), metadata: { a: 1 } };
      const how = { $case: 'part', value: thing };
      const things = { item: thing, items: [thing], byNumber: new Map([[1, thing]]), how };
      return issuesOf({ ...VALID, ...things, time: new Date(2000) } as never).map(({ field }) => field);
    };
    assert.deepEqual(fieldsAt(2001), []);
    assert.deepEqual(fieldsAt(1999), ['item.create_time', 'part.create_time', 'items', 'by_number']);
  });

  test('are described by the message of the rule, or by its expression', () => {
    const expression = 'this.small > 1 ? "" : "is but " + string(this.small)';
    const descriptions: [Rule, string][] = [
      [{ id: 'small.more', expression, message: 'must be more' }, 'must be more'],
      [{ id: 'small.more', expression }, 'is but 1'],
      [{ id: 'small.more', expression: 'this.small > 1', message: 'must be more' }, 'must be more'],
      [{ id: 'small.more', expression: 'this.small > 1' }, 'must satisfy this.small > 1'],
    ];
    for (const [rule, description] of descriptions)
      assert.deepEqual(issuesOfRule(rule)(VALID), [{ field: 'small', description, reason: 'SMALL_MORE' }]);
  });

  test('are reported for the field that their id names', () => {
    const fields: [string, string][] = [
      ['small', 'small'],
      ['check.small.of-item', 'small'],
      ['item.weight.heavy', 'item.weight'],
      ['item.small', 'item'],
      ['item.code_of.weight', 'item'],
      ['items.weight', 'items'],
      ['how.chosen', 'how'],
      ['large-small', 'large'],
    ];
    for (const [id, field] of fields)
      assert.equal(issuesOfRule({ id, expression: 'false' })(VALID)[0]!.field, field, id);
    const inner = issuesBy(registryOf({ item: [{ id: 'weight.zero', expression: 'this.weight != 0' }] }));
    const zero = { ...ITEM, weight: 0 };
    assert.deepEqual(
      inner({ ...VALID, items: [ITEM, { ...ITEM, children: [zero] }], byNumber: new Map([[7, zero]]) }).map(
        ({ field }) => field,
      ),
      ['items[1].children[0].weight', 'by_number[7].weight'],
    );
  });

  test('are not checked if fields break their own rules', () => {
    const rule = { id: 'small.divides', expression: '6 / this.small > 7' };
    const issuesOf = issuesBy(registryOf({ request: { cel: [rule] }, keepsFieldRules: true }));
    const reasonsOf = (part: Partial<CheckRequest>): string[] =>
      issuesOf({ ...VALID, ...part }).map(({ reason }) => reason);
    assert.deepEqual(reasonsOf({}), ['SMALL_DIVIDES']);
    assert.deepEqual(reasonsOf({ small: 0, word: 'maybe' }), ['STRING_IN']);
    assert.deepEqual(reasonsOf({ item: { ...ITEM, weight: 0 } }), ['INT32_GTE_LT']);
  });

  test('that fail on a message are no refusal of it', () => {
    const failing: [string, RegExp][] = [
      ['10 / (this.small - 1) > 0', /^Error: probe\.v1\.CheckRequest: the rule small\.x: int divide by zero$/],
      ['this.items[3].weight > 0', /the rule small\.x: index 3 out of bounds/],
      ['this.free.a', /the rule small\.x: yields neither bool nor string$/],
    ];
    for (const [expression, error] of failing) {
      const issuesOf = issuesOfRule({ id: 'small.x', expression });
      assert.throws(
        () => issuesOf({ ...VALID, free: { a: 1 } }),
        (thrown) => error.test(String(thrown)),
        expression,
      );
    }
  });

  test('do not let the server start if they cannot work', () => {
    const expressions: [string, RegExp][] = [
      ['this.small >', /expecting/],
      ['this.typo', /field not found: typo/],
      ['has(this.typo)', /field not found: typo/],
      ['has(ths.small)', /unresolved attribute/],
      ['now > this.time', /unresolved attribute/],
      ['false && this.item.typo == 1', /field not found: typo/],
      ['true ? this.flag : this.typo', /field not found: typo/],
      ['this.items.all(i, i.children.all(c, c.typo > 1))', /field not found: typo/],
      ['this.by_number.all(n, this.by_number[n].typo > 1)', /field not found: typo/],
      ['this.items.all(i, true || i.typo == 1)', /field not found: typo/],
      ['this.labels.all(name, true || this.labels[name] == 1)', /compares string with int/],
      ['this.part.children.exists(c, c.typo)', /field not found: typo/],
      ['this.labels.all(name, name > 1)', /no matching overload for '_>_' applied to '\(string, int\)'/],
      ['this.small + this.ratio > 1', /no matching overload for '_\+_' applied to '\(int, double\)'/],
      ['this.small == this.word', /compares int with string/],
      ['this.tags != this.item', /compares list\(dyn\) with probe\.v1\.CheckItem/],
      ['false && this.small', /_&&_ takes bool, not int/],
      ['this.items.exists_one(i, i.weight)', /no matching overload for _\?_:_ applied to '\(int\)'/],
      ['has(this.small.weight)', /int has neither fields nor elements/],
      ['this.word[0] == "a"', /string has neither fields nor elements/],
      ['this.blob[0] == 1', /bytes has neither fields nor elements/],
      ['this.labels < this.labels', /no matching overload for '_<_' applied to '\(map, map\)'/],
      ['this.small.all(n, n > 1)', /type mismatch: iterable vs int/],
      ['{true ? "a" : this.typo: 1}.size() == 1', /field not found: typo/],
      ['{this.item: 1}.size() == 1', /unsupported key type/],
      ['this.small.isEmail()', /unbound function: isEmail/],
      ['this.word.matches("(")', /error parsing regexp/],
      ['this.time > timestamp("today")', /Failed to parse timestamp/],
      ['this.colour == probe.v1.Colour.RED', /unresolved attribute/],
      ['this.item == probe.v1.CheckItem{typo: 1}', /Unknown field typo/],
      ['this.item == probe.v1.CheckItem{weight: this.word}', /Expected .* but got string/],
      ['this.small', /yields int, which is neither bool nor string/],
      ['', /expecting/],
    ];
    for (const [expression, error] of expressions)
      assert.throws(
        () => issuesOfRule({ id: 'small.x', expression }),
        new RegExp(`probe\\.v1\\.CheckRequest: the rule small\\.x: .*${error.source}`),
        expression,
      );
    assert.throws(
      () => issuesOfRule({ id: 'nothing.known', expression: 'true' }),
      /CheckRequest: the rule nothing\.known: its id names no field of the message$/,
    );
    assert.throws(
      () => issuesBy(registryOf({ request: { oneof: [{ fields: ['small', 'large'] }] } })),
      /CheckRequest: the rule oneof is not supported$/,
    );
  });

  test('let the server start if it is but their values that can fail', () => {
    const expressions = [
      'this.labels["en"] == "x"',
      'this.labels.en == "x" && this.by_number[7].weight > 1',
      'size(this.items) > 3 && this.items[3].weight > 1',
      'this.small != 0 && 10 / this.small > 1',
      'this.free.a.b > 1 || this.free["c"] == "d"',
      'this.free.fields > 1',
      'this.item == null || this.item != probe.v1.CheckItem{weight: 1}',
      'int(this.word) > 1',
      'this.time - timestamp("2020-01-01T00:00:00Z") < duration("24h")',
      'this.chosen == this.small && this.large > this.ratio',
      '[1, 2].exists(n, n == this.small) || this.blob.size() > 3',
    ];
    for (const expression of expressions)
      assert.doesNotThrow(() => issuesOfRule({ id: 'small.x', expression }), expression);
  });
});
