import { personalDrawn, tableText, type Drawn } from '../../../src/fairness/index.ts';
import type { ChestDefinition, ChestOpened } from '../gen/chest/v1/facts.ts';

/** What an open has drawn, as its record says it. */
export function drawnChest(
  { draw, roll, words, amount }: ChestOpened,
  { asset, price }: ChestDefinition,
  named: Pick<Drawn['definition'], 'id' | 'version'>,
): Drawn {
  return {
    ...personalDrawn(draw!),
    recipe: 'table',
    definition: { engine: 'chest', ...named },
    outcome: tableText({
      price,
      freePlays: 0,
      stockWon: [],
      opens: [{ rolls: [roll], soldOut: [], words }],
      payouts: amount === 0n ? [] : [{ asset, amount }],
      grants: [],
    }),
  };
}
