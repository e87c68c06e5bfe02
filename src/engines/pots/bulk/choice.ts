/** A player opts in to an instance, or out of it, as texts name them. */
export interface Choice {
  readonly instanceId: string;
  /** "operator:brand", or the brand alone. */
  readonly brandId: string;
  readonly playerId: string;
  readonly optIn: boolean;
}

const INSTANCE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const BRAND = /^[A-Za-z0-9._@-]{1,64}(:[A-Za-z0-9._@-]{1,64})?$/;
const PLAYER = /^[A-Za-z0-9._:@-]{1,64}$/;

/** What is wrong with the form of a choice; undefined: nothing. */
export function faultOf({ instanceId, brandId, playerId }: Omit<Choice, 'optIn'>): string | undefined {
  if (!INSTANCE.test(instanceId)) return 'instance_id must be a UUID';
  if (!BRAND.test(brandId)) return 'brand_id must be "operator:brand", or a brand';
  if (!PLAYER.test(playerId)) return 'player_id must be 1 to 64 letters, digits and . _ : @ -';
  return undefined;
}

/** The errors that are told by name. */
const TOLD = 10_000;

/** What became of choices. */
export class Report {
  readonly errors = new Map<string, string>();
  errorCount = 0;
  applied = 0;

  /** @param key the player, or the place of a choice that is broken. @param count of choices. */
  fail(key: string, reason: string, count = 1): void {
    this.errorCount += count;
    if (this.errors.size < TOLD && !this.errors.has(key)) this.errors.set(key, reason);
  }
}
