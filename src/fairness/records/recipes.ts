import type { Recipe } from './given.ts';
import { contributionRecipe } from './contribution.ts';
import { tableRecipe } from './table.ts';

/** The recipes of windfall/2, by their names in records: one file each. */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map<string, Recipe>([
  ['table', tableRecipe],
  ['contribution', contributionRecipe],
]);
