/** What a request names that belongs to an operator, or to one of its brands. */
export type Thing =
  | 'player'
  | 'brand'
  | 'operation'
  | 'transfer'
  | 'draw'
  | 'lootbox'
  | 'jackpot'
  | 'contributor'
  | 'grant'
  | 'journey'
  | 'key';

/** The reason by which a caller is told that a thing does not exist, when it belongs to another operator or brand. */
export const NOT_FOUND: Readonly<Record<Thing, { readonly operator: string; readonly brand: string | null }>> = {
  player: { operator: 'BRAND_NOT_FOUND', brand: 'BRAND_NOT_FOUND' },
  brand: { operator: 'BRAND_NOT_FOUND', brand: 'BRAND_NOT_FOUND' },
  operation: { operator: 'OPERATION_NOT_FOUND', brand: 'OPERATION_NOT_FOUND' },
  transfer: { operator: 'TRANSFER_NOT_FOUND', brand: 'TRANSFER_NOT_FOUND' },
  // Draws are proven to anybody, and definitions belong to all brands of an operator.
  draw: { operator: 'DRAW_NOT_FOUND', brand: null },
  // The player who contributed last, and is paid where a drop names nobody.
  contributor: { operator: 'JACKPOT_NOT_FOUND', brand: 'NO_WINNER' },
  lootbox: { operator: 'LOOTBOX_NOT_FOUND', brand: null },
  jackpot: { operator: 'JACKPOT_NOT_FOUND', brand: null },
  grant: { operator: 'GRANT_NOT_FOUND', brand: 'GRANT_NOT_FOUND' },
  journey: { operator: 'JOURNEY_NOT_FOUND', brand: null },
  key: { operator: 'API_KEY_NOT_FOUND', brand: null },
};
