import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { ROOT } from '../support/command.ts';

const SCRIPT = join(ROOT, 'src/tools/check-node.sh');

test('the Node that is installed is the one that is pinned', () => {
  execFileSync('sh', [SCRIPT], { cwd: ROOT });
});

test('another one is refused in one line', { skip: process.platform !== 'linux' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'windfall-node-'));
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/node/bin/node'), 'evil');
  const { status, stderr } = spawnSync('sh', [SCRIPT], { cwd: folder, encoding: 'utf8' });
  assert.deepEqual([status, stderr.trim().split('\n').length], [1, 1]);
  assert.match(stderr, /^Windfall cannot run: /);
  rmSync(folder, { recursive: true });
});
