import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { ROOT } from '../support/command.ts';

const COLUMNS = 120;
const guide = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const words = [...guide.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word!);

test('the guide names files that there are', () => {
  const paths = words.filter((word) => /^[\w.-]+\/[\w./-]*$/.test(word) && !word.startsWith('engines/'));
  assert.ok(paths.length > 20);
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(ROOT, path))),
    [],
  );
});

test('the guide names every folder of the service, and every program of the kit', () => {
  const folders = globSync('src/*/', { cwd: ROOT }).map((path) => path.slice('src/'.length).replace('/', ''));
  const programs = globSync('test/kit/chest/**/*.ts', { cwd: ROOT });
  assert.deepEqual(
    [...folders, ...programs].filter((name) => !words.includes(name)),
    [],
  );
});

test('the guide has short lines', () => {
  assert.deepEqual(
    guide.split('\n').filter((line) => line.length > COLUMNS),
    [],
  );
});
