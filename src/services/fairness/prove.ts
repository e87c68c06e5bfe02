import type { GetProofResponse } from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import type { DrawKind, ProvedDraw } from '../../fairness/index.ts';
import { findOperation, type Fact, type FactKind } from '../../journal/index.ts';
import { ApiError, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { proofMessage, recordMessage } from './mapping.ts';

export type Kinds = ReadonlyMap<FactKind<any>, DrawKind>;

/** The draws of an operation. */
interface ProvedOperation {
  /** At least one. */
  readonly proved: readonly ProvedDraw[];
  readonly facts: readonly Fact[];
  readonly time: number;
  readonly tx: number;
  readonly operatorName: string;
}

/** The draws of an operation with their records. Throws DRAW_NOT_FOUND. */
export async function recordsOf(
  { reads, register, tenants }: Platform,
  kinds: Kinds,
  operator: OperatorNo,
  drawId: string,
): Promise<ProvedOperation> {
  const operation = await reads((em) => findOperation(em, register, operator, drawId));
  const { name } = await tenants.of(operator);
  const { facts = [], time = 0, tx = 0 } = operation ?? {};
  const proving = facts.map(async ({ kind, id, data }, part) =>
    kinds.get(kind)?.prove(operator, id, data, { operator: name, operation: drawId, part, time }),
  );
  const proved = (await Promise.all(proving)).filter((one) => one !== undefined);
  if (proved.length === 0) throw new ApiError('DRAW_NOT_FOUND', 'no such draw', { details: { draw_id: drawId } });
  return { proved, facts, time, tx, operatorName: name };
}

/** The proofs of an operation's draws. Throws DRAW_NOT_FOUND, SEED_SEALED. */
export async function prove(
  platform: Platform,
  kinds: Kinds,
  operator: OperatorNo,
  drawId: string,
): Promise<GetProofResponse> {
  const { proved, facts, time } = await recordsOf(platform, kinds, operator, drawId);
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
    kind: facts.find(({ kind }) => kinds.has(kind))!.kind.name,
    definitionVersion: BigInt(definitionVersion),
    drawTime: new Date(time / 1000),
    furtherProofs: further,
    recordProofs: records.map(recordMessage),
  };
}
