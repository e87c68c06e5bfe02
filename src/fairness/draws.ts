import type { Draw } from '../../gen/windfall/facts/v1/facts.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { TableProof } from './proof.ts';

/** What FairnessService has to know of a kind of fact that drew from a player's stream. */
export interface DrawKind<Data = any> {
  /** The kind's name, as "lootbox.opened". */
  readonly kind: string;
  /** The kind's number in the journal. */
  readonly number: number;
  draw(data: Data): Draw;
  /** What was drawn from, read from immutable versions. */
  source(operator: OperatorNo, data: Data): Promise<{
    readonly definitionId: string;
    readonly definitionVersion: number;
    /** The JCS text that the draw's config hash is of. */
    readonly config: string;
  }>;
  /** The recipe and what came of it. */
  recipe(data: Data): Pick<TableProof, 'recipe' | 'opens'>;
}
