import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey } from '../../db/index.ts';
import { stateTable, type RowOf } from '../../journal/index.ts';

/** What is listed; the numbers are stored. */
export const listed = { template: 1, instance: 2 } as const;

/** What lists of templates and instances filter by. A row has the number of its definition's head. */
export const PotsListingSchema = defineEntity({
  name: 'PotsListing',
  tableName: 'pots_listing',
  properties: {
    ...stateKey,
    /** See `listed`. */
    kind: column.integer(),
    name: column.text(),
    /** The number of the owning brand; 0: the operator's own. */
    brandId: column.integer(),
    /** The number of an instance's template; 0 for a template. */
    templateId: column.integer(),
    /** An instance's; empty: none. */
    gameCode: column.code(),
    /** The number of an instance's jackpot; 0 for a template. */
    jackpotId: column.integer(),
    /** 1: what it shows is told when it changes; 0: it is a template, or was told to be terminated. */
    isTold: column.integer(),
    /** What was last told: how many facts the jackpot had, and how many changes the definition. */
    told: column.integer(),
    toldHead: column.integer(),
    toldAt: column.time(),
  },
  indexes: [
    { name: 'pots_listing_template', properties: ['operatorId', 'templateId'] },
    { name: 'pots_listing_game_code', properties: ['operatorId', 'gameCode', 'id'], where: "game_code <> ''" },
    { name: 'pots_listing_told', properties: ['operatorId', 'id'], where: 'is_told = 1' },
  ] as never,
});
export const potsListing = stateTable(PotsListingSchema, { number: 1601, rank: 2 });
export type PotsListingRow = RowOf<InferEntity<typeof PotsListingSchema>>;
