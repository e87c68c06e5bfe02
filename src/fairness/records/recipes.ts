import { contributionRecipe } from './contribution.ts';
import { gachaRecipe } from './gacha.ts';
import type { Recipe } from './given.ts';
import { raffleRecipe } from './raffle.ts';
import { potEndRecipe } from './pot-end.ts';
import { tableRecipe } from './table.ts';

/** The recipes of windfall/2, by their names in records: one file each. */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map<string, Recipe>([
  ['table', tableRecipe],
  ['gacha', gachaRecipe],
  ['raffle', raffleRecipe],
  ['contribution', contributionRecipe],
  ['pot_end', potEndRecipe],
]);
