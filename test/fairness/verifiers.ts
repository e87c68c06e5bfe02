import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { QUICKNET } from '../../src/fairness/beacon.ts';
import { verifyRecord as serverVerifies } from '../../src/fairness/records/verify.ts';
import { verifyRecord } from '../../src/fairness/verifier/records/verify.ts';
import { ROOT } from '../support/command.ts';
import type { RecordCase } from './sample-records-2.ts';
import { texts } from './texts.ts';

/** What VerifyProof says. No message of the contract has entries of another form: these it refuses to read. */
export const serverSays = ({ entries, ...proof }: RecordCase): boolean =>
  Array.isArray(entries) &&
  entries.every((entry) => FORM === JSON.stringify(formOf(entry))) &&
  serverVerifies(proof, { entries, beacon: QUICKNET }).valid;

const FORM = '[["count","number"],["firstTicket","number"],["playerHash","string"]]';
const formOf = (entry: object | null): unknown[] =>
  Object.entries(entry ?? {})
    .map(([key, value]) => [key, typeof value])
    .sort(([a], [b]) => (a! < b! ? -1 : 1));

/** What the TypeScript verifier says. */
export const typeScriptSays = (proof: Omit<RecordCase, 'name'>): boolean => verifyRecord(texts(proof)).length === 0;

/** What the Python verifier says, of many proofs. */
export async function pythonSays(proofs: readonly object[]): Promise<boolean[]> {
  const python = spawn('python3', [join(ROOT, 'test/fairness/verifier.py'), '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  python.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  python.stdin.end(proofs.map((proof) => `${JSON.stringify(proof)}\n`).join(''));
  await new Promise((resolve, reject) => python.on('close', resolve).on('error', reject));
  const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
  if (lines.length !== proofs.length) throw new Error(`${lines.length} verdicts for ${proofs.length} proofs`);
  return lines.map((line) => line === 'VALID');
}
