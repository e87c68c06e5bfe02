/*
 * Checks a draw of Windfall without trusting its server. This file and the folder verifier need only Node. They share
 * no code with the server, so that a mistake in either is noticed.
 *
 *     node verifier.ts PROOF.json [--hash SERVER_SEED_HASH] [--config-hash CONFIG_HASH] [--digest DIGEST]
 *     node verifier.ts PROOF.json --entries ENTRIES.json
 *     node verifier.ts PROOF.json --receipts RECEIPTS.json --keys KEYS.json
 *     node verifier.ts --export DRAWS.ndjson
 *     node verifier.ts --vectors vectors.json
 *
 * PROOF.json is the response of GET /v1/fairness/proofs/{draw_id}; "-" reads standard input. All its proofs are
 * checked; ENTRIES.json has the pages of GET /v1/raffles/{id}/entries, one after the other, for a raffle whose proof
 * does not hold them; --hash, --config-hash and --digest apply to the first. Only --hash, read from GetCommitment
 * before the draw, shows that the seed was fixed beforehand, and only a client seed of your own shows that the seed
 * was not chosen to match it; --digest, from a receipt, shows that nothing was changed since. RECEIPTS.json is the
 * response of GET /v1/fairness/receipts/{draw_id}, KEYS.json that of GET /v1/fairness/keys, which you should have
 * from before: each record must have a receipt that its key has signed. DRAWS.ndjson is the response of GET
 * /v1/fairness/streams/{kind}/{name}/export: all its draws are checked, and that none is missing between two. That
 * drand has signed a beacon is not checked here. Prints VALID or INVALID with reasons; exits with 0 or 1.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { verifyExport } from './verifier/export.ts';
import type { Json } from './verifier/json.ts';
import { verifyRecord, type Expected } from './verifier/records/verify.ts';
import { verifyReceipt } from './verifier/receipt.ts';
import { verifyVectors } from './verifier/vectors.ts';
import { verify } from './verifier/verify.ts';

/** The entries of pages that stand one after the other, with or without lines between them. */
function entriesOf(pages: string): Json[] {
  return JSON.parse(`[${pages.trim().replace(/\}\s*(?=\{"entries")/g, '},')}]`).flatMap((page: Json) =>
    page.entries.map(({ first_ticket, count, player_hash }: Json) => ({ first_ticket, count, player_hash })),
  );
}

/** Why receipts do not hold, or lack one of the records of a response. */
function receiptFailures(json: Json, receipts: Json[], keys: Json[]): string[] {
  const lacking = (json.record_proofs ?? []).filter(
    ({ digest }: Json) => !receipts.some((receipt) => receipt.digest === digest),
  );
  return [
    ...receipts.flatMap((one, i) => verifyReceipt(one, keys).map((failure) => `receipts[${i}].${failure}`)),
    ...lacking.map(({ digest }: Json) => `receipts: there is none of ${digest}`),
  ];
}

/** Why the proofs of a response, or a single one, are not valid. */
function failuresOf(json: Json, expected: Expected, entries: Json[] | undefined): string[] {
  const records = json.record_proofs ?? (json.record === undefined ? [] : [json]);
  const checks = records.map((record: Json, i: number) =>
    verifyRecord(entries === undefined ? record : { ...record, entries }, i === 0 ? expected : {}),
  );
  const first = json.proof ?? (records.length === 0 ? json : undefined);
  if (first) checks.push(verify(first, expected), ...(json.further_proofs ?? []).map((one: Json) => verify(one)));
  return checks.flatMap((failures: string[], i: number) => failures.map((one) => (i === 0 ? one : `[${i}] ${one}`)));
}

/** Checks an export, and prints what was found. */
function mainExport(file: string): void {
  const { proved, sealed, unproved, failures } = verifyExport(readFileSync(file === '-' ? 0 : file, 'utf8'));
  console.log([failures.length === 0 ? 'VALID' : 'INVALID', ...failures.slice(0, 20)].join('\n  '));
  console.log(`${proved} draws recomputed, ${sealed} with seeds not revealed yet, ${unproved} without a proof`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function main(): void {
  const text = { type: 'string' } as const;
  const options = {
    hash: text,
    'config-hash': text,
    digest: text,
    vectors: text,
    export: text,
    entries: text,
    receipts: text,
    keys: text,
  };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.export !== undefined) return mainExport(values.export);
  const file = values.vectors ?? positionals[0];
  if (file === undefined) throw new Error('say which proof to check; "-" reads standard input');
  const json = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  const entries = values.entries === undefined ? undefined : entriesOf(readFileSync(values.entries, 'utf8'));
  const { hash, 'config-hash': configHash, digest } = values;
  const expected = { ...(hash && { hash }), ...(configHash && { configHash }), ...(digest && { digest }) };
  const failures = values.vectors === undefined ? failuresOf(json, expected, entries) : verifyVectors(json);
  if (values.receipts !== undefined) {
    if (values.keys === undefined) throw new Error('say which keys sign receipts, as --keys');
    const { receipts } = JSON.parse(readFileSync(values.receipts, 'utf8'));
    failures.push(...receiptFailures(json, receipts, JSON.parse(readFileSync(values.keys, 'utf8')).keys));
  }
  console.log([failures.length === 0 ? 'VALID' : 'INVALID', ...failures].join('\n  '));
  if (values.vectors === undefined && hash === undefined) {
    console.log('Not checked: that the seed was fixed before the draw. Give its earlier hash as --hash.');
  }
  process.exitCode = failures.length === 0 ? 0 : 1;
}

main();
