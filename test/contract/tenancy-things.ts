import type { JsonObject } from '@bufbuild/protobuf';
import type { Scene } from './scene.ts';

/** What a request names that belongs to an operator, or to one of its brands. */
export type Thing =
  | 'player'
  | 'brand'
  | 'operation'
  | 'transfer'
  | 'draw'
  | 'lootbox'
  | 'mini-game'
  | 'jackpot'
  | 'contributor'
  | 'grant'
  | 'journey'
  | 'tournament'
  | 'season'
  | 'raffle'
  | 'raffle draw'
  | 'stream'
  | 'owner'
  | 'owning brand'
  | 'template'
  | 'instance'
  | 'withheld win'
  | 'source'
  | 'key'
  | 'admin'
  | 'webhook';

/** The reason by which a caller is told that a thing does not exist, when it belongs to another operator or brand. */
export const NOT_FOUND: Readonly<Record<Thing, { readonly operator: string; readonly brand: string | null }>> = {
  player: { operator: 'BRAND_NOT_FOUND', brand: 'BRAND_NOT_FOUND' },
  brand: { operator: 'BRAND_NOT_FOUND', brand: 'BRAND_NOT_FOUND' },
  operation: { operator: 'OPERATION_NOT_FOUND', brand: 'OPERATION_NOT_FOUND' },
  transfer: { operator: 'TRANSFER_NOT_FOUND', brand: 'TRANSFER_NOT_FOUND' },
  // Draws are proven to anybody, and definitions belong to all brands of an operator.
  draw: { operator: 'DRAW_NOT_FOUND', brand: null },
  stream: { operator: 'STREAM_NOT_FOUND', brand: 'STREAM_NOT_FOUND' },
  // The player who contributed last, and is paid where a drop names nobody.
  contributor: { operator: 'JACKPOT_NOT_FOUND', brand: 'NO_WINNER' },
  lootbox: { operator: 'LOOTBOX_NOT_FOUND', brand: null },
  'mini-game': { operator: 'MINI_GAME_NOT_FOUND', brand: null },
  jackpot: { operator: 'JACKPOT_NOT_FOUND', brand: null },
  grant: { operator: 'GRANT_NOT_FOUND', brand: 'GRANT_NOT_FOUND' },
  // A season in which players of one brand have entered is ended by all keys but those of another brand.
  season: { operator: 'TOURNAMENT_NOT_FOUND', brand: 'PERMISSION_DENIED' },
  tournament: { operator: 'TOURNAMENT_NOT_FOUND', brand: null },
  raffle: { operator: 'RAFFLE_NOT_FOUND', brand: null },
  // A raffle in which players of one brand have tickets is drawn by all keys but those of another brand.
  'raffle draw': { operator: 'RAFFLE_NOT_FOUND', brand: 'PERMISSION_DENIED' },
  journey: { operator: 'JOURNEY_NOT_FOUND', brand: null },
  // Of an operator, and of one of its brands: "operator:brand".
  owner: { operator: 'OPERATOR_NOT_FOUND', brand: null },
  'owning brand': { operator: 'OPERATOR_NOT_FOUND', brand: 'BRAND_NOT_FOUND' },
  source: { operator: 'SOURCE_NOT_FOUND', brand: null },
  instance: { operator: 'INSTANCE_NOT_FOUND', brand: null },
  'withheld win': { operator: 'INSTANCE_NOT_FOUND', brand: 'WITHHELD_WIN_NOT_FOUND' },
  template: { operator: 'TEMPLATE_NOT_FOUND', brand: null },
  key: { operator: 'API_KEY_NOT_FOUND', brand: null },
  admin: { operator: 'ADMIN_NOT_FOUND', brand: null },
  webhook: { operator: 'WEBHOOK_NOT_FOUND', brand: null },
};

/** An RPC's request. */
export interface Entry {
  /** In the order in which they are looked up. None: the RPC is about the caller's own, or about nobody's. */
  readonly names: readonly Thing[];
  readonly request: (scene: Scene) => JsonObject | Promise<JsonObject>;
  /** Whether nothing in the response can be another's: it is the same for everybody, or what the call has created. */
  readonly open?: boolean;
  /** What everybody is refused with who may call it. */
  readonly refusal?: string;
  /** Whether the RPC creates the player that the request names, in the caller's own brand, if it names no brand. */
  readonly createsPlayer?: boolean;
}
