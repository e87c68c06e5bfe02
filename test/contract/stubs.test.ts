import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { filesOf } from '../../src/tools/stubs/folders.ts';
import { languages } from '../../src/tools/stubs/languages.ts';
import { ROOT } from '../support/command.ts';

const committed = Object.keys(languages).filter((name) => languages[name]!.committed);

test('what clients get has nothing of the journal and of the options', () => {
  for (const name of committed.filter((language) => language !== 'ts')) {
    const files = [...filesOf(join(ROOT, 'gen', name))];
    assert.deepEqual(
      files.filter((file) => /(^|\/)(facts|options|validate|api)\//i.test(file)),
      [],
    );
  }
});

test('packages of clients have the version of the project', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const packages = join(ROOT, 'src/tools/stubs/packages');
  const files = ['web/package.json', 'python/pyproject.toml', 'csharp/Windfall.Client.csproj'];
  const others = ['java/pom.xml', 'rust/Cargo.toml', 'ruby/windfall-client.gemspec'];
  for (const file of [...files, ...others]) {
    const stated = /^\s*(?:"version": "|<version>|<Version>|(?:spec\.)?version = ["'])([\d.]+)/im;
    assert.equal(stated.exec(readFileSync(join(packages, file), 'utf8'))?.[1], version, file);
  }
});
