import type { PotsTemplatePot } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { TemplateServiceService, type RequiredContribution } from '../../../../gen/ts/windfall/pots/v1/template.ts';
import { toNumber, ONE } from '../../../kernel/index.ts';
import { read } from '../../../platform/index.ts';
import { requireJackpot } from '../as-jackpot.ts';
import { templateOf } from '../template-input.ts';

/** Computes the least share of contributions with which each pot of a template pays its own restarts. */
export const getRequiredContribution = read(
  TemplateServiceService.getRequiredContribution,
  (platform) =>
    async ({ jackpotTemplate }) => {
      const content = templateOf(jackpotTemplate!, 0);
      requireJackpot(platform, content);
      return { pots: content.pots.map(requiredContribution) };
    },
);

/** See GetRequiredContribution in the contract. The share of a pot with a Fixed contribution is not comparable. */
export function requiredContribution({
  code,
  share,
  seed,
  seedShare,
  hitCost,
  hitOdds,
}: PotsTemplatePot): RequiredContribution {
  const turnover = hitCost * hitOdds;
  // seed / (turnover × seedShare / 10⁶), in millionths, rounded up.
  const divisor = turnover * seedShare;
  const minimum = divisor === 0n ? null : (seed * ONE * ONE + divisor - 1n) / divisor;
  const possible = minimum !== null && minimum <= ONE;
  return {
    potId: code,
    minimumPercentage: possible ? toNumber(minimum) : undefined,
    expectedCycleTurnover: turnover === 0n ? undefined : toNumber(turnover),
    sustainable: seed === 0n || (possible && !share!.isFixed && share!.percentage >= minimum),
  };
}
