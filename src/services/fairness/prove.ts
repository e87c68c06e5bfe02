import type { GetProofResponse } from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import { ApiError, type OperatorNo } from '../../kernel/index.ts';
import { recordsOf, type Platform } from '../../platform/index.ts';
import { proofMessage, recordMessage } from './mapping.ts';

/** The proofs of an operation's draws. Throws DRAW_NOT_FOUND, SEED_SEALED. */
export async function prove(platform: Platform, operator: OperatorNo, drawId: string): Promise<GetProofResponse> {
  const { proved, facts, time } = await recordsOf(platform, operator, drawId);
  const details = { draw_id: drawId };
  const [proof, ...further] = proved.flatMap(({ proofs }) => proofs).map(proofMessage);
  const records = proved.flatMap(({ records: ofFact = [] }) => ofFact);
  const sealed = records.some((record) => record.server_seed === '') || (proof === undefined && records.length === 0);
  if (sealed) throw new ApiError('SEED_SEALED', "the draw's seed is not revealed yet", { details });
  const { definitionId, definitionVersion } = proved[0]!;
  return {
    drawId,
    definitionId,
    proof,
    kind: facts.find(({ kind }) => platform.draws.has(kind))!.kind.name,
    definitionVersion: BigInt(definitionVersion),
    drawTime: new Date(time / 1000),
    furtherProofs: further,
    recordProofs: records.map(recordMessage),
  };
}
