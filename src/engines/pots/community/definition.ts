import type { PotsCommunityPayout, PotsRules } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import type { CommunityPayout, CommunityStrategy } from '../../../../gen/ts/windfall/pots/v1/types.ts';
import { invalid, toNumber, ONE } from '../../../kernel/index.ts';
import { strategy } from '../../jackpot/index.ts';
import { exact, whole } from '../numbers.ts';

/** What the payouts of a pot depend on. */
export interface CommunityOf extends Pick<PotsRules, 'optInRequired'> {
  /** Whether a raffle wins the pot. */
  readonly drawn: boolean;
}

/** The stored form of a pot's community payouts. Throws INVALID_ARGUMENT. @param at the pot's field. */
export function communityOf(
  payouts: readonly CommunityPayout[],
  at: string,
  { optInRequired, drawn }: CommunityOf,
): PotsCommunityPayout[] {
  const field = `${at}.community_payouts`;
  if (drawn && payouts.length > 0) throw invalid(field, 'must be empty: a raffle has winners of its own');
  const stored = payouts.map(({ percentage, strategy: by }, i) => ({
    percentage: exact(`${field}[${i}].percentage`, percentage),
    ...strategyOf(by!, `${field}[${i}].strategy`),
  }));
  if (new Set(stored.map((one) => one.strategy)).size < stored.length)
    throw invalid(field, 'must have each strategy at most once');
  if (stored.reduce((sum, one) => sum + one.percentage, 0n) >= ONE)
    throw invalid(field, 'must have percentages of less than 1 in all: the winner gets the rest');
  if (!optInRequired && stored.some((one) => one.strategy !== strategy.active))
    throw invalid(field, 'must be ActivePlayers alone where contribution_rules.opt_in_required is false');
  return stored;
}

/** How many players the pots of a template may choose together by what they have contributed since the last wins. */
const PER_WIN_MAX = 100;

/** Throws INVALID_ARGUMENT if the lists of pots would be too long: every contribution keeps them. */
export function requireShort(pots: readonly (readonly PotsCommunityPayout[])[]): void {
  const own = pots.flat().filter((one) => one.strategy === strategy.perWin);
  if (own.reduce((sum, { count }) => sum + count, 0) > PER_WIN_MAX)
    throw invalid('pots', `must have counts of HighestContributionPerWin of at most ${PER_WIN_MAX} together`);
}

function strategyOf({ type }: CommunityStrategy, at: string): Omit<PotsCommunityPayout, 'percentage'> {
  const { $case: by, value } = type!;
  const { count } = value;
  switch (by) {
    case 'activePlayers':
      return { strategy: strategy.active, count, windowMs: whole(`${at}.ActivePlayers.window_ms`, value.windowMs) };
    case 'highestLifetimeContributor':
      return { strategy: strategy.lifetime, count, windowMs: 0n };
    case 'highestContributionPerWin':
      return { strategy: strategy.perWin, count, windowMs: 0n };
  }
}

/** The message of a community payout. */
export const communityMessage = ({ percentage, ...payout }: PotsCommunityPayout): CommunityPayout => ({
  percentage: toNumber(percentage),
  strategy: { type: typeMessage(payout) },
});

function typeMessage({ strategy: by, count, windowMs }: Omit<PotsCommunityPayout, 'percentage'>) {
  if (by === strategy.active) return { $case: 'activePlayers' as const, value: { count, windowMs: Number(windowMs) } };
  return by === strategy.lifetime
    ? { $case: 'highestLifetimeContributor' as const, value: { count } }
    : { $case: 'highestContributionPerWin' as const, value: { count } };
}
