import type { WithheldWin } from '../../../gen/ts/windfall/pots/v1/withheld.ts';
import type { Reads } from '../../db/index.ts';
import { findRow, readRows, readText } from '../../journal/index.ts';
import { ApiError, toNumber, type Caller, type Micros, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { payout, payoutCause, payoutState, type PayoutRow } from '../jackpot/index.ts';
import { isOfBrand, ownerName } from './owner.ts';

const millis = (micros: number): number => Math.floor(micros / 1000);

const CAUSES = new Map<number, string>([
  [payoutCause.amount, 'Amount'],
  [payoutCause.country, 'Country'],
  [payoutCause.balance, 'BalanceOutOfRange'],
  [payoutCause.win, 'Win'],
]);
/** The words for the states of payouts. */
export const PAYOUT_STATES = new Map<string, number>([
  ['Withheld', payoutState.withheld],
  ['Released', payoutState.released],
  ['Rejected', payoutState.rejected],
]);
const STATE_WORDS = new Map([...PAYOUT_STATES].map(([word, number]) => [number, word]));

/** What a list of withheld wins asks for. */
export interface WithheldFilter {
  /** The number of the jackpot. */
  readonly jackpot: number;
  /** Undefined: all. */
  readonly state: number | undefined;
  readonly page: number;
  readonly limit: number;
}

/** One page of what an instance has withheld, of players that the caller may see, the newest first. */
export function findWithheld(
  { reads }: Platform,
  { operator, brand }: Caller,
  { jackpot, state, page, limit }: WithheldFilter,
): Promise<PayoutRow[]> {
  return reads((em) =>
    readRows(em, payout, operator, (query) => {
      let narrowed = query.where('t.jackpot_id', '=', jackpot);
      narrowed = narrowed.where('t.state', 'in', state === undefined ? [...PAYOUT_STATES.values()] : [state]);
      if (brand !== null) narrowed = narrowed.where(isOfBrand(brand));
      return narrowed
        .orderBy('t.id', 'desc')
        .limit(limit)
        .offset(page * limit);
    }),
  );
}

/** What an instance has withheld of a game round, as the caller may see it. Throws WITHHELD_WIN_NOT_FOUND. */
export async function requireWithheld(
  { reads, players }: Platform,
  { operator, brand }: Caller,
  jackpot: number,
  id: string,
): Promise<PayoutRow> {
  const row = await reads((em) => findRow(em, payout, operator, id));
  const known = row?.jackpotId === jackpot && STATE_WORDS.has(row.state) ? row : undefined;
  const player = known && (await players.byId(operator, [known.playerId])).get(known.playerId);
  if (known === undefined || (brand !== null && player?.brandId !== brand))
    throw new ApiError('WITHHELD_WIN_NOT_FOUND', 'the instance has withheld no such win', { details: { id } });
  return known;
}

/** What the messages of withheld wins have of their instance. */
export interface WithheldOf {
  readonly instanceId: string;
  readonly currency: string;
  /** The pots' ids by their numbers. */
  readonly pots: ReadonlyMap<number, string>;
}

/** The messages of withheld wins. */
export async function withheldMessages(
  { tenants, players }: Platform,
  { operator }: Caller,
  { instanceId, currency, pots }: WithheldOf,
  rows: readonly PayoutRow[],
): Promise<WithheldWin[]> {
  const tenant = await tenants.of(operator);
  const known = await players.byId(operator, [...new Set(rows.map(({ playerId }) => playerId))]);
  return rows.map((row) => {
    const { brandId, userId } = known.get(row.playerId)!;
    return {
      instanceId,
      currency,
      gameroundId: row.code,
      potId: pots.get(row.potId)!,
      brandId: ownerName(tenant, brandId),
      playerId: userId,
      winAmount: toNumber(row.amount),
      payoutCurrency: tenants.assetCode(operator, row.asset),
      payoutAmount: toNumber(row.paid),
      cause: CAUSES.get(row.cause)!,
      status: STATE_WORDS.get(row.state)!,
      timestamp: millis(row.wonAt),
      settledTimestamp: row.settledAt === 0 ? undefined : millis(row.settledAt),
    };
  });
}

/** What waits of an instance. */
export interface HeldSum {
  readonly wins: number;
  readonly value: Micros;
}

/** What waits of instances, by the numbers of their jackpots; those without anything are left out. */
export function withheldSums(
  reads: Reads,
  operator: OperatorNo,
  jackpots: readonly number[],
): Promise<ReadonlyMap<number, HeldSum>> {
  const text =
    'select jackpot_id, count(*)::int4 as wins, sum(amount) as value from jackpot_payout ' +
    'where operator_id = $1 and jackpot_id = any($2::int8[]) and state = $3 group by jackpot_id';
  return reads(async (em) => {
    const rows = await readText<Record<'jackpot_id' | 'wins' | 'value', unknown>>(em, text, [
      operator,
      jackpots,
      payoutState.withheld,
    ]);
    return new Map(
      rows.map((row) => [Number(row.jackpot_id), { wins: Number(row.wins), value: BigInt(String(row.value)) }]),
    );
  });
}
