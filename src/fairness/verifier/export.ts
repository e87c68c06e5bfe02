import type { Json } from './json.ts';
import { verifyRecord } from './records/verify.ts';

/** What was found in an export. */
export interface ExportVerdict {
  /** How many draws were recomputed; how many have a seed that is not revealed yet; how many came without a proof. */
  readonly proved: number;
  readonly sealed: number;
  readonly unproved: number;
  /** What is wrong, each with its line. */
  readonly failures: readonly string[];
}

/** What a draw shows beside its proof must be what the record says. */
const SHOWN = ['stream', 'seed_hash'] as const;
const COUNTS = ['position', 'nonce'] as const;
/** What does not hold as long as the seed is not revealed. */
const UNREVEALED = ['server_seed: does not hold', 'seed_hash: does not hold'];

/**
 * Checks the lines of GET /v1/fairness/streams/{kind}/{name}/export: each draw; that none is missing between two, as
 * far as the numbers of a stream tell; and that the end is there.
 */
export function verifyExport(text: string): ExportVerdict {
  const verdict = { proved: 0, sealed: 0, unproved: 0, failures: [] as string[] };
  let before: Json;
  let complete = false;
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const found: string[] = complete ? ['is behind the end'] : [];
    const { draw, error }: Json = JSON.parse(line);
    if (error !== undefined) found.push(`the server has failed: ${error.code}`);
    else if (draw === undefined) complete = true;
    else {
      found.push(...gaps(before, draw), ...drawFailures(draw));
      if (draw.record_proof === undefined) verdict.unproved += 1;
      else if (draw.record_proof.server_seed === '') verdict.sealed += 1;
      else verdict.proved += 1;
      before = draw;
    }
    verdict.failures.push(...found.map((failure) => `line ${i + 1}: ${failure}`));
  }
  if (!complete) verdict.failures.push('the end is missing: continue with the last next_page_token');
  return verdict;
}

function drawFailures({ record_proof: proof, ...draw }: Json): string[] {
  if (proof === undefined) return [];
  const failures = verifyRecord(proof);
  const sealed = proof.server_seed === '';
  if (sealed) for (const one of UNREVEALED) if (failures.includes(one)) failures.splice(failures.indexOf(one), 1);
  if (failures.length > 0) return failures;
  const record: Json = JSON.parse(proof.record);
  const differs = [
    ...SHOWN.filter((name) => draw[name] !== record[name]),
    ...COUNTS.filter((name) => Number(draw[name]) !== record[name]),
    ...(draw.digest === proof.digest ? [] : ['digest']),
    ...((draw.server_seed ?? '') === proof.server_seed ? [] : ['server_seed']),
  ];
  return differs.map((name) => `${name}: is not that of the record`);
}

/**
 * What is missing before a draw. A player's positions have no gaps; of a jackpot the nonces under one seed have none;
 * other streams only go on.
 */
function gaps(before: Json, draw: Json): string[] {
  if (before === undefined || before.stream !== draw.stream) return [];
  const [from, to] = [before, draw].map((one) => ({ position: Number(one.position), nonce: Number(one.nonce) }));
  const kind = String(draw.stream).split('/')[0];
  const same = from!.position === to!.position;
  const next =
    kind === 'player'
      ? to!.position === from!.position + 1
      : kind === 'jackpot'
        ? to!.nonce === (same ? from!.nonce + 1 : 0) && to!.position >= from!.position
        : to!.position > from!.position;
  return next ? [] : ['a draw before it is missing, or it is out of order'];
}
