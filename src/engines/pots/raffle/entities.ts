import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey, uniqueCode } from '../../../db/index.ts';
import { stateTable, type RowOf } from '../../../journal/index.ts';

/** What a player has of a round: one row, however many contributions. */
export const PotsTicketsSchema = defineEntity({
  name: 'PotsTickets',
  tableName: 'pots_tickets',
  properties: {
    ...stateKey,
    /** See `ticketsCode`. */
    code: column.code(),
    roundId: column.integer(),
    playerId: column.integer(),
    brandId: column.integer(),
    tickets: column.integer(),
    /** What counts for the next ticket: below its cost. */
    carried: column.micros(),
  },
  uniques: uniqueCode('pots_tickets'),
  indexes: [{ name: 'pots_tickets_round', properties: ['operatorId', 'roundId', 'id'] }],
});
export const potsTickets = stateTable(PotsTicketsSchema, { number: 1650, rank: 2 });
export type PotsTicketsRow = RowOf<InferEntity<typeof PotsTicketsSchema>>;

export const ticketsCode = (round: number, player: number): string => `${round}/${player}`;
