import { column, defineTable, type RowOf } from '../journal/index.ts';

const columns = {
  /** `<brand>/<user id>`: how players are found from outside. */
  code: column.text,
  brandId: column.integer,
  userId: column.text,
  country: column.text,
  currency: column.text,
  vipLevel: column.integer,
  createdAt: column.time,
};

/** A player of a brand. */
export const player = defineTable({ name: 'player', number: 1, rank: 3, code: 'code', columns });
export type PlayerRow = RowOf<typeof columns>;

/** The code of a player: brand numbers have no slash, so no two players share one. */
export const playerCode = (brandId: number, userId: string): string => `${brandId}/${userId}`;
