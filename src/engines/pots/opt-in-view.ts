import type { OptIn } from '../../../gen/ts/windfall/pots/v1/opt_in.ts';
import { definition, idOfCode } from '../../catalogue/index.ts';
import { readRows, readRowsById } from '../../journal/index.ts';
import { toNumber, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { jackpot, optIn, type OptInRow } from '../jackpot/index.ts';
import { ownerName } from './owner.ts';

/** What a list of opt-ins asks for. */
export interface OptInFilter {
  /** The number of the jackpot or of the player. */
  readonly of: { readonly column: 'jackpot_id' | 'player_id'; readonly id: number };
  /** The number of the players' brand; null: any. */
  readonly brand: number | null;
  /** Null: both. */
  readonly optedIn: boolean | null;
  readonly descending: boolean;
  readonly page: number;
  readonly limit: number;
}

/** The filter of a request's opted_in: "true", "false" or empty. */
export const optedInOf = (word: string): boolean | null => (word === '' ? null : word === 'true');

/** One page of opt-ins, in the order in which they were made. */
export function findOptIns(
  { reads }: Platform,
  operator: OperatorNo,
  { of, brand, optedIn, descending, page, limit }: OptInFilter,
): Promise<OptInRow[]> {
  return reads((em) =>
    readRows(em, optIn, operator, (query) => {
      let narrowed = query.where(`t.${of.column}`, '=', of.id);
      if (brand !== null) narrowed = narrowed.where('t.brand_id', '=', brand);
      if (optedIn !== null) narrowed = narrowed.where('t.opted_in', '=', Number(optedIn));
      return narrowed
        .orderBy('t.id', descending ? 'desc' : 'asc')
        .limit(limit)
        .offset(page * limit);
    }),
  );
}

/** The messages of opt-ins. */
export async function optInMessages(
  { reads, tenants, players }: Platform,
  operator: OperatorNo,
  rows: readonly OptInRow[],
): Promise<OptIn[]> {
  const tenant = await tenants.of(operator);
  const known = await players.byId(operator, [...new Set(rows.map(({ playerId }) => playerId))]);
  const codes = await reads(async (em) => {
    const jackpots = await readRowsById(em, jackpot, operator, [...new Set(rows.map((row) => row.jackpotId))]);
    const heads = await readRowsById(em, definition, operator, [...new Set(jackpots.map((j) => j.definitionId))]);
    const codeOf = new Map(heads.map(({ id, code }) => [id, idOfCode(code)]));
    return new Map(jackpots.map(({ id, definitionId }) => [id, codeOf.get(definitionId)!]));
  });
  return rows.map((row): OptIn => {
    const { userId } = known.get(row.playerId)!;
    return {
      instanceId: codes.get(row.jackpotId)!,
      playerId: userId,
      extPlayerId: userId,
      playerBrandId: ownerName(tenant, row.brandId),
      preferredContributionValue: row.preferred === 0n ? undefined : toNumber(row.preferred),
      contributionCount: row.contributions,
      contributionValue: toNumber(row.contributed),
      optedIn: row.optedIn === 1,
      lastUpdated: Math.floor(row.changedAt / 1000),
    };
  });
}
