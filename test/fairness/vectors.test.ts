import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { test } from 'vitest';
import type { Proof } from '../../src/fairness/proof.ts';
import { verifyProof } from '../../src/fairness/verify-proof.ts';
import { verifyVectors } from '../../src/fairness/verifier/vectors.ts';
import { verify } from '../../src/fairness/verifier/verify.ts';
import { makeVectors } from './make-vectors.ts';
import { caseOf, cases } from './sample-cases.ts';
import { names, tampered } from './sample-tampering.ts';

const file = new URL('vectors.json', import.meta.url);
const vectors = readFileSync(file, 'utf8');

test('the vectors equal the output of this code, to the byte', () => {
  assert.ok(makeVectors() === vectors, 'vectors are for ever: the code has to change back');
});

test('the independent verifier accepts every vector', () => {
  assert.deepEqual(verifyVectors(JSON.parse(vectors)), []);
});

test('the independent verifier finds a changed vector of every kind', () => {
  const kinds = {
    hmac: 'digest',
    seeds: 'server_seed',
    words: 'words',
    uniform: 'outcome',
    weighted: 'outcome',
    chance: 'outcome',
    configs: 'config_hash',
    pools: 'pool_hashes',
    proofs: 'proof',
    tampered: 'fails',
  };
  for (const [kind, field] of Object.entries(kinds)) {
    const changed = JSON.parse(vectors);
    const other = kind === 'proofs' ? changed.tampered[0].proof : 'changed';
    changed[kind][0][field] = Array.isArray(changed[kind][0][field]) ? [other] : other;
    assert.ok(
      verifyVectors(changed).some((failure) => failure.startsWith(kind)),
      kind,
    );
    changed[kind] = [];
    assert.ok(verifyVectors(changed).includes(`${kind}: there are none`));
  }
});

for (const { name, proof } of cases) {
  test(`valid: ${name}`, () => {
    assert.deepEqual(verifyProof(proof), { valid: true, failures: [] });
    assert.deepEqual(verify(proof), []);
  });
}

for (const { name, fails, proof } of tampered) {
  test(`not valid: ${name}`, () => {
    const { valid, failures } = verifyProof(proof as Proof);
    assert.equal(valid, false);
    assert.ok(names(failures, fails), `${fails} is not among ${failures.join('; ')}`);
    assert.ok(names(verify(proof), fails), `${fails} is not among ${verify(proof).join('; ')}`);
  });
}

/** As proto3 goes to JSON: integers of 64 bits as strings, members with nothing in them left out. */
function transcoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(transcoded);
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => {
    return ![0, '', false].includes(member) && !(Array.isArray(member) && member.length === 0);
  });
  return Object.fromEntries(members.map(([key, member]) => [key, transcoded(member)]));
}

test('the verifier allows for what transcoders to JSON do to integers and to empty members', () => {
  for (const { name, proof } of cases) assert.deepEqual(verify(transcoded(proof)), [], name);
});

const proof = caseOf<Proof>('table: longest client seed');

async function run(input: string, ...args: string[]): Promise<{ code: number; stdout: string }> {
  const running = promisify(execFile)(process.execPath, ['src/fairness/verifier.ts', ...args]);
  running.child.stdin!.end(input);
  return running.then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout }),
  );
}

test('the verifier as a command: exit code, reasons, expectations', async () => {
  const answer = JSON.stringify({ proof });
  const [bare, wrapped, hashes, wrongHash, wrongConfig, forged, all] = await Promise.all([
    run(JSON.stringify(proof), '-'),
    run(answer, '-'),
    run(answer, '-', '--hash', proof.server_seed_hash, '--config-hash', proof.config_hash),
    run(answer, '-', '--hash', proof.config_hash),
    run(answer, '-', '--config-hash', proof.server_seed_hash),
    run(JSON.stringify({ ...proof, client_seed: 'another' }), '-'),
    run('', '--vectors', file.pathname),
  ]);
  assert.ok(bare.code === 0 && bare.stdout.startsWith('VALID\n') && bare.stdout.includes('--hash'));
  assert.ok(wrapped.code === 0 && hashes.code === 0 && all.code === 0);
  assert.equal(hashes.stdout, 'VALID\n');
  assert.ok(wrongHash.code === 1 && wrongHash.stdout.includes('server_seed_hash'));
  assert.ok(wrongConfig.code === 1 && wrongConfig.stdout.includes('config_hash'));
  assert.ok(forged.code === 1 && forged.stdout.startsWith('INVALID\n'));
});
