import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { issuesBy, issuesOfRule, registryOf } from './edited-rules.ts';

describe('rules across fields', () => {
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
