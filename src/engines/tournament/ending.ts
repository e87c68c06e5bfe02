import {
  account,
  accountId,
  readRowsById,
  type RowRequests,
  type Snapshot,
  type Transfer,
} from '../../journal/index.ts';
import { ApiError, type Micros, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { settlement, settlementNeeds, type SettlementRow } from '../../settlements/index.ts';
import type { Season, Tournament } from './bound.ts';
import { notOpen } from './entering.ts';
import { season as seasons, seasonStatus, type SeasonRow } from './entities.ts';

/** A season to be closed or cancelled. */
export interface SeasonEnd {
  readonly tournament: Pick<Tournament, 'code'>;
  readonly season: Season;
  /** The only brand whose players the caller may pay; null: all of them. */
  readonly brand: number | null;
  /** The time that a task was ordered for; 0: a call. */
  readonly at: number;
}

/** What closes and cancellations answer with. */
export interface EndAnswer<Data> {
  readonly id: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly seasonId: number;
  readonly data: Data;
  readonly replayed: boolean;
}

/** Requests the rows of an end. */
export function endNeeds({ season: { row } }: SeasonEnd, rows: RowRequests): void {
  rows.lock(seasons, row.id);
  settlementNeeds(row.id, rows);
  rows.lock(account, accountId('escrow', row.id, row.asset));
}

/** Throws PERMISSION_DENIED if players have entered whom the caller may not pay. @param brand see `SeasonEnd`. */
export function requireBrand(row: Readonly<SeasonRow>, brand: number | null): void {
  if (brand === null || row.entries === 0 || row.brand === brand) return;
  throw new ApiError('PERMISSION_DENIED', 'players of a brand have entered that the key may not act for', {
    details: { role: 'service' },
  });
}

/** The season, which has not been closed or cancelled. Throws PERMISSION_DENIED, TOURNAMENT_NOT_OPEN. */
export function requireUnended({ tournament, season, brand }: SeasonEnd, snapshot: Snapshot): Readonly<SeasonRow> {
  const row = snapshot.row(seasons, season.row.id);
  requireBrand(row, brand);
  if (row.status === seasonStatus.completed) throw notOpen(tournament, row.number, 'completed');
  if (row.status === seasonStatus.cancelled) throw notOpen(tournament, row.number, 'cancelled');
  return row;
}

/** What takes the escrow account of a season from the buy-ins to what it owes; the operator has the difference. */
export function fundTransfers({ id, asset, buyIns }: Readonly<SeasonRow>, owed: Micros): Transfer[] {
  const [escrow, house] = [accountId('escrow', id, asset), accountId('operator', 0, asset)];
  if (owed > buyIns) return [{ from: house, to: escrow, amount: owed - buyIns }];
  return owed < buyIns ? [{ from: escrow, to: house, amount: buyIns - owed }] : [];
}

/** The settlements of seasons, by the seasons' numbers. */
export async function settlementsOf(
  { reads }: Platform,
  operator: OperatorNo,
  ids: readonly number[],
): Promise<ReadonlyMap<number, SettlementRow>> {
  const rows = await reads((em) => readRowsById(em, settlement, operator, ids));
  return new Map(rows.map((row) => [row.id, row]));
}
