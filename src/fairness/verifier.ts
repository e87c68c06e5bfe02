/*
 * Checks a draw of Windfall without trusting its server. This file and the folder verifier need only Node. They share
 * no code with the server, so that a mistake in either is noticed.
 *
 *     node verifier.ts PROOF.json [--hash SERVER_SEED_HASH] [--config-hash CONFIG_HASH]
 *     node verifier.ts PROOF.json --entries ENTRIES.json
 *     node verifier.ts --vectors vectors.json
 *
 * PROOF.json is the response of GET /v1/fairness/proofs/{draw_id}; "-" reads standard input. Its further proofs are
 * checked too; ENTRIES.json has the pages of GET /v1/raffles/{id}/entries, one after the other, for a raffle whose
 * proof does not hold them; --hash and --config-hash apply to the first. Only --hash, read from GetCommitment before
 * the draw, shows that the seed was fixed beforehand, and only a client seed of your own shows that the seed was not
 * chosen to match it. Prints VALID or INVALID with reasons; exits with 0 or 1.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Json } from './verifier/json.ts';
import { verifyVectors } from './verifier/vectors.ts';
import { verify } from './verifier/verify.ts';

/** The entries of pages that stand one after the other, with or without lines between them. */
function entriesOf(pages: string): Json[] {
  return JSON.parse(`[${pages.trim().replace(/\}\s*(?=\{"entries")/g, '},')}]`).flatMap((page: Json) =>
    page.entries.map(({ first_ticket, count, player_hash }: Json) => ({ first_ticket, count, player_hash })),
  );
}

function main(): void {
  const text = { type: 'string' } as const;
  const options = { hash: text, 'config-hash': text, vectors: text, entries: text };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const file = values.vectors ?? positionals[0];
  if (file === undefined) throw new Error('say which proof to check; "-" reads standard input');
  const json = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  const proof = json.proof ?? json;
  if (values.entries !== undefined) proof.raffle.entries = entriesOf(readFileSync(values.entries, 'utf8'));
  const { hash, 'config-hash': configHash } = values;
  const failures =
    values.vectors === undefined
      ? [
          ...verify(proof, { ...(hash && { hash }), ...(configHash && { configHash }) }),
          ...(json.further_proofs ?? []).flatMap((one: Json, i: number) =>
            verify(one).map((failure) => `further_proofs[${i}]: ${failure}`),
          ),
        ]
      : verifyVectors(json);
  console.log([failures.length === 0 ? 'VALID' : 'INVALID', ...failures].join('\n  '));
  if (values.vectors === undefined && hash === undefined) {
    console.log('Not checked: that the seed was fixed before the draw. Give its earlier hash as --hash.');
  }
  process.exitCode = failures.length === 0 ? 0 : 1;
}

main();
