import type { PotsRaffle } from '../../../../gen/ts/windfall/facts/v1/pots_raffle.ts';
import type { RaffleRules } from '../../../../gen/ts/windfall/pots/v1/raffle.ts';
import type { JackpotTemplate } from '../../../../gen/ts/windfall/pots/v1/template.ts';
import type { PotTemplate } from '../../../../gen/ts/windfall/pots/v1/types.ts';
import { WINNERS_MAX } from '../../../fairness/index.ts';
import { invalid, toNumber, ONE } from '../../../kernel/index.ts';
import { exact } from '../numbers.ts';
import { periodOf, secondsOf } from '../periods.ts';

/** The raffle of a template; undefined: it is none. Throws INVALID_ARGUMENT for rules that do not go together. */
export function raffleOf({ jackpotType, raffleRules, pots }: JackpotTemplate): PotsRaffle | undefined {
  if (jackpotType !== 'Raffle') {
    if (raffleRules !== undefined) throw invalid('raffle_rules', 'must be unset: jackpot_type is not Raffle');
    return undefined;
  }
  if (raffleRules === undefined) throw invalid('raffle_rules', 'must be set where jackpot_type is Raffle');
  pots.forEach(requireUnwon);
  const { ticketCost, ticketCostBasis, duration, recurring, winners } = raffleRules;
  if (recurring && duration === undefined) throw invalid('raffle_rules.duration', 'must be set where recurring is');
  const shares = winners.map(({ count, percentage }, i) => ({
    count,
    percentage: exact(`raffle_rules.winners[${i}].percentage`, percentage),
  }));
  if (shares.reduce((sum, { count }) => sum + count, 0) > WINNERS_MAX)
    throw invalid('raffle_rules.winners', `must have at most ${WINNERS_MAX} winners together`);
  if (shares.reduce((sum, { percentage }) => sum + percentage, 0n) > ONE)
    throw invalid('raffle_rules.winners', 'must have percentages that make up at most 1');
  return {
    recurring,
    ticketCost: exact('raffle_rules.ticket_cost', ticketCost),
    ofWager: ticketCostBasis === 'BaseWager',
    seconds: BigInt(duration === undefined ? 0 : secondsOf(duration)),
    winners: shares,
    pool: 0n,
  };
}

/** Throws INVALID_ARGUMENT for a pot that something else than tickets could win. */
function requireUnwon({ potTypes, supportsExternalTrigger }: PotTemplate, i: number): void {
  if (potTypes.length > 0) throw invalid(`pots[${i}].pot_types`, 'must be empty: tickets win the pots of a raffle');
  if (supportsExternalTrigger)
    throw invalid(`pots[${i}].supports_external_trigger`, 'must be false: tickets win the pots of a raffle');
}

/** The message of a raffle's rules. */
export const raffleMessage = ({ ticketCost, ofWager, seconds, recurring, winners }: PotsRaffle): RaffleRules => ({
  recurring,
  ticketCost: toNumber(ticketCost),
  ticketCostBasis: ofWager ? 'BaseWager' : 'Contribution',
  duration: seconds === 0n ? undefined : periodOf(Number(seconds)),
  winners: winners.map(({ count, percentage }) => ({ count, percentage: toNumber(percentage) })),
});
