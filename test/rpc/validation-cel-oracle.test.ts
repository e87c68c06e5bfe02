import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { CheckRequest, type CheckItem } from '../edge/gen/probe/v1/probe.ts';
import { issuesBy, registryOf, type Rule } from './edited-rules.ts';

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
});
