import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { MessageOptionsSchema } from '@bufbuild/protobuf/wkt';
import { describe, test } from 'vitest';
import type { CheckRequest } from '../edge/gen/probe/v1/probe.ts';
import { editedContract, messageOf, setOption } from './edited-contract.ts';
import { issuesBy, issuesOfRule, ITEM, registryOf, VALID, type Rule } from './edited-rules.ts';

describe('rules across fields', () => {
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
});
