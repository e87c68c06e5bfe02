import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DescMessage } from '@bufbuild/protobuf';
import { test } from 'vitest';
import { loadContract } from '../../src/rpc/index.ts';
import { ROOT } from '../support/command.ts';

// A field called `from` cannot be read as an attribute in Python; one called as its message is renamed in C#.

/** Words that are reserved in a language where generators use field names as they are, or add a `_` to. */
const RESERVED = new Set(
  [
    // Python
    'and as assert async await break class continue def del elif else except finally for from global if import in is',
    'lambda nonlocal not or pass raise return try while with yield',
    // C++
    'alignas auto bool case catch char const default delete do double enum explicit export extern float friend goto',
    'inline int long mutable namespace new operator private protected public register short signed sizeof static',
    'struct switch template this throw typedef typename union unsigned using virtual void volatile',
    // Java, C#, Go, Rust, Ruby
    'abstract base boolean byte checked decimal event fixed final func fn go impl implements interface internal let',
    'lock match mod move mut native object override package params range ref select self super synchronized trait',
    'transient type unsafe use var where begin end ensure module next redo rescue retry then undef unless until when',
  ].flatMap((line) => line.split(' ')),
);

const pascal = (name: string): string =>
  name.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());

/** The fields of a message whose names break stubs. */
const broken = ({
  name,
  fields,
}: Pick<DescMessage, 'name'> & { readonly fields: readonly { readonly name: string }[] }) =>
  fields
    .filter((field) => RESERVED.has(field.name) || pascal(field.name) === name)
    .map((field) => `${name}.${field.name}`);

const messages = [...loadContract(join(ROOT, 'gen/api.binpb')).registry]
  .filter((type) => type.kind === 'message')
  .filter(({ typeName }) => /^windfall\.(?!facts|options)/.test(typeName));

test('no field has a name that breaks the stubs of a language', () => {
  assert.ok(messages.length > 100);
  assert.deepEqual(messages.flatMap(broken), []);
});

test('names that break stubs are seen', () => {
  const fields = [{ name: 'from' }, { name: 'balance' }, { name: 'operator' }, { name: 'amount' }];
  assert.deepEqual(broken({ name: 'Balance', fields }), ['Balance.from', 'Balance.balance', 'Balance.operator']);
});
