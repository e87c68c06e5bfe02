import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { generateLanguages, generateSets } from '../../src/tools/stubs/generate.ts';
import { languages } from '../../src/tools/stubs/languages.ts';
import { ROOT } from '../support/command.ts';
import { differences, filesOf } from '../support/folders.ts';

const folder = mkdtempSync(join(tmpdir(), 'windfall-gen-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const committed = Object.keys(languages).filter((name) => languages[name]!.committed);
const [left] = await Promise.all([
  generateLanguages(committed, { folder, say: () => undefined, fetchGo: false }),
  generateSets(folder),
]);

describe('generated code matches the contracts', () => {
  for (const name of committed) {
    const reason = left.get(name);
    const title = reason === undefined ? `gen/${name}` : `gen/${name} cannot be compared: ${reason}`;
    test(title, { skip: reason !== undefined }, () => assertFresh(`gen/${name}`));
  }
  for (const file of ['gen/api.binpb', 'gen/edge.binpb', 'gen/edge.lua']) {
    test(file, () => {
      const [kept, fresh] = [ROOT, folder].map((at) => readFileSync(join(at, file)));
      assert.ok(kept!.equals(fresh!), 'run npm run generate');
    });
  }
  for (const made of ['test/edge/gen', 'test/kit/gen']) test(made, () => assertFresh(made));
});

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

function assertFresh(made: string): void {
  const stale = differences(join(ROOT, made), join(folder, made)).map((file) => join(made, file));
  assert.deepEqual(stale, [], 'run npm run generate');
}
