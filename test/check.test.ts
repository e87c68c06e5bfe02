import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { checks } from '../src/tools/checks.ts';
import { ROOT } from './support/command.ts';

describe('npm run check', () => {
  for (const { name, find } of checks) {
    test(name, async (t) => {
      const notes: string[] = [];
      assert.equal(await find(ROOT, (note) => notes.push(note)), '');
      for (const note of notes) await t.annotate(note);
    });
  }
});

const PROTO = 'proto/windfall/thing/v1/thing.proto';
const THING = (fields: string): string => `syntax = "proto3";\n\npackage windfall.thing.v1;\n\n${fields}\n`;

/** A fault for each part that one small project can have: the file, what it says, and what the part says of it. */
const faults: Readonly<Record<string, readonly [file: string, text: string, told: RegExp]>> = {
  types: ['src/typed.ts', "export const count: number = 'many';\n", /src\/typed\.ts\(1,14\): error TS2322/],
  lint: [
    'src/left.ts',
    'const wait = async (): Promise<void> => {};\nwait();\n',
    /no-floating-promises[^]*src\/left\.ts/,
  ],
  format: ['src/wide.ts', 'export   const a = 1\n', /src\/wide\.ts/],
  'contract lint': [PROTO, THING('message Thing {\n  string name = 2;\n}'), /should have a non-empty comment/],
  'contract format': [PROTO, THING('message Thing { string name = 2; }'), /-message Thing \{ string name = 2; \}/],
  'contract compatibility': [PROTO, THING('// Thing.\nmessage Thing {}'), /Previously present field "1"/],
};

describe('a fault is found by its part, and by its name', () => {
  const root = mkdtempSync(join(tmpdir(), 'windfall-check-'));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };

  beforeAll(() => {
    for (const file of ['.oxlintrc.json', '.oxfmtrc.json', 'buf.yaml', 'tsconfig.json']) {
      cpSync(join(ROOT, file), join(root, file));
    }
    for (const folder of ['proto/google', 'proto/buf'])
      cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
    // In a folder that is no link: the linter would follow it.
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(ROOT, 'node_modules/@types'), join(root, 'node_modules/@types'));
    write('test/contracts.yaml', '[]\n');
    write(PROTO, THING('// Thing has a name.\nmessage Thing {\n  // name of it.\n  string name = 1;\n}'));
    mkdirSync(join(root, 'test/contract'));
    const buf = join(ROOT, 'node_modules/.bin/buf');
    execFileSync(buf, ['build', 'proto', '-o', 'test/contract/baseline.binpb'], { cwd: root });
  });
  afterAll(() => rmSync(root, { recursive: true }));

  for (const [name, [file, text, told]] of Object.entries(faults)) {
    test(name, async () => {
      write(file, text);
      const check = checks.find((one) => one.name === name)!;
      const complaint = await check.find(root, (note) => assert.fail(note));
      rmSync(join(root, file));
      assert.match(complaint, told);
    });
  }
});
