import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'vitest';
import { verifyReceipt } from '../../src/fairness/verifier/receipt.ts';
import { ROOT } from '../support/command.ts';
import { makeReceiptVectors } from './make-receipt-vectors.ts';
import { HARMLESS, receiptCases, tamperedReceipts, type ReceiptCase } from './sample-receipts.ts';
import { pythonSays } from './verifiers.ts';

const typeScriptSays = ({ receipt, keys }: Omit<ReceiptCase, 'name'>): boolean =>
  verifyReceipt(receipt, keys).length === 0;
const bothSay = async (cases: readonly Omit<ReceiptCase, 'name'>[]): Promise<[boolean, boolean][]> => {
  const python = await pythonSays(cases.map(({ receipt, keys }) => ({ receipt, keys })));
  return cases.map((one, i) => [typeScriptSays(one), python[i]!]);
};

test('both verifiers accept each receipt of trees of each size, under each key', async () => {
  const verdicts = await bothSay(receiptCases);
  assert.deepEqual(
    receiptCases.filter((_, i) => !verdicts[i]!.every(Boolean)).map(({ name }) => name),
    [],
  );
});

test('the vectors equal the output of this code, and both verifiers have the verdict that they state', async () => {
  const vectors = readFileSync(new URL('vectors-receipts.json', import.meta.url), 'utf8');
  assert.ok(makeReceiptVectors() === vectors, 'vectors are for ever: the code has to change back');
  const { keys, receipts, tampered } = JSON.parse(vectors);
  const verdicts = await bothSay([...receipts, ...tampered].map((one) => ({ keys, ...one })));
  assert.deepEqual(
    verdicts,
    verdicts.map((_, i) => [i < receipts.length, i < receipts.length]),
  );
});

test('no verifier accepts a change of any field of a receipt or of its key', async ({ annotate }: TestContext) => {
  const verdicts = await bothSay(tamperedReceipts);
  const accepted: string[] = [];
  let harmless = 0;
  tamperedReceipts.forEach(({ name, path, how }, i) => {
    const [one, other] = verdicts[i]!;
    if (!one && !other) return;
    const known = one && other && HARMLESS.some((pattern) => pattern.test(path));
    if (known) harmless += 1;
    else accepted.push(`${path} (${how}) of ${name}: ${one} ${other}`);
  });
  assert.deepEqual(accepted, []);
  await annotate(`${tamperedReceipts.length - harmless} of ${tamperedReceipts.length} changes refused by both`);
  await annotate(`${harmless} change only what another key is, or a time of use that still fits`);
});

test('the signatures of RFC 8032, 7.1, verify, and none under another key or of another message', () => {
  const vectors: readonly [key: string, message: string, signature: string][] = [
    [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b' +
        'd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c' +
        '387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659' +
        '4a7c15e9716ed28dc027beceea1ec40a',
    ],
  ];
  const all = vectors.flatMap(([key]) => vectors.map(([, message, signature]) => [key, message, signature] as const));
  const python =
    'import json, sys, verifier; b = bytes.fromhex\n' +
    'print(json.dumps([verifier.signed(b(k), b(m), b(s)) for k, m, s in json.load(sys.stdin)]))';
  const { stdout } = spawnSync('python3', ['-B', '-c', python], {
    cwd: join(ROOT, 'test/fairness'),
    input: JSON.stringify(all),
    encoding: 'utf8',
  });
  const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
  const node = all.map(([key, message, signature]) => {
    const spki = Buffer.concat([bytes('302a300506032b6570032100'), bytes(key)]);
    return verify(null, bytes(message), createPublicKey({ key: spki, format: 'der', type: 'spki' }), bytes(signature));
  });
  assert.deepEqual(JSON.parse(stdout), node);
  assert.deepEqual(
    node,
    [0, 1, 2].flatMap((one) => [0, 1, 2].map((other) => one === other)),
  );
});
