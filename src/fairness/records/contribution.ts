import { formatDecimal, invalid, type Micros } from '../../kernel/index.ts';
import { contribute, isDrawn, type PotBefore, type PotOutcome, type WonBy } from '../contribution.ts';
import { asksWager, bindJackpotConfig, readJackpotConfig, type PotConfig } from '../pot-config.ts';
import { restart } from '../pot-money.ts';
import type { JsonReader } from '../json-reader.ts';
import { checkConfig, type Given, type Recipe } from './given.ts';

/** What a contribution to a jackpot has drawn. */
export interface ContributionRecord {
  readonly amount: Micros;
  /** What it was for; null: no pot asks for it. */
  readonly wager: Micros | null;
  /** C(k−1): 64 hex digits. */
  readonly chain: string;
  readonly house: Micros;
  /** In the order of the pots. */
  readonly pots: readonly PotRecord[];
  readonly words: number;
}

/** A pot before and after a contribution. */
export interface PotRecord {
  readonly id: string;
  readonly cycle: number;
  readonly attempts: number;
  /** u. */
  readonly drawnBefore: Micros;
  readonly drawnAfter: Micros;
  readonly reserveBefore: Micros;
  /** With the contribution; a new start takes its part from it. */
  readonly reserveAfter: Micros;
  /** S: what the contributions of the cycle have brought to the pot, with this one. */
  readonly sum: Micros;
  readonly valueBefore: Micros;
  /** With the contribution: what was paid if the pot was won. */
  readonly valueAfter: Micros;
  readonly won: WinRecord | null;
}

export interface WinRecord {
  readonly by: WonBy;
  readonly deficit: Micros;
  readonly fromReserve: Micros;
  readonly fromSurplus: Micros;
  /** What the next cycle starts with. */
  readonly start: Micros;
  readonly surplusBefore: Micros;
}

/** The outcome's canonical text. */
export function contributionText({ amount, wager, chain, house, pots, words }: ContributionRecord): string {
  const base = wager === null ? '' : `"base_wager":"${formatDecimal(wager)}",`;
  return (
    `{"amount":"${formatDecimal(amount)}",${base}"chain":"${chain}","house":"${formatDecimal(house)}",` +
    `"pots":[${pots.map(potText).join(',')}],"words":${words}}`
  );
}

const potText = (pot: PotRecord): string =>
  `{"attempts":${pot.attempts},"cycle":${pot.cycle},"cycle_contributed":"${formatDecimal(pot.sum)}",` +
  `"drawn_after":"${formatDecimal(pot.drawnAfter)}","drawn_before":"${formatDecimal(pot.drawnBefore)}",` +
  `"id":"${pot.id}","reserve_after":"${formatDecimal(pot.reserveAfter)}",` +
  `"reserve_before":"${formatDecimal(pot.reserveBefore)}","value_after":"${formatDecimal(pot.valueAfter)}",` +
  `"value_before":"${formatDecimal(pot.valueBefore)}","won":${pot.won === null ? 'null' : winText(pot.won)}}`;

const winText = ({ by, deficit, fromReserve, fromSurplus, start, surplusBefore }: WinRecord): string =>
  `{"by":"${by}","deficit":"${formatDecimal(deficit)}","from_reserve":"${formatDecimal(fromReserve)}",` +
  `"from_surplus":"${formatDecimal(fromSurplus)}","start":"${formatDecimal(start)}",` +
  `"surplus_before":"${formatDecimal(surplusBefore)}"}`;

const CHAIN = /^[0-9a-f]{64}$/;

/** Contributions to jackpots. */
export const contributionRecipe: Recipe = {
  stream: 'jackpot',
  player: true,
  origins: [['start', 'player'], ['request']],
  outcome(given) {
    const { stated } = given;
    const bound = bindJackpotConfig(readJackpotConfig(given.config));
    checkConfig(given, bound);
    const { jackpot } = bound;
    if (!isDrawn(jackpot)) throw invalid('config.pots', 'have none that a contribution can win');
    const amount = stated.member('amount').amount();
    if (amount === 0n) throw invalid('record.outcome.amount', 'is nothing');
    const wager = asksWager(jackpot) ? stated.member('base_wager').amount() : null;
    const chain = stated.member('chain').matching(CHAIN);
    const pots = stated.member('pots').items(jackpot.pots.length);
    if (pots.length !== jackpot.pots.length) stated.member('pots').refuse('are not those of the config');
    const before = pots.map((pot, i) => potBefore(given, pot, jackpot.pots[i]!, i));
    const draw = given.draw(0, chain);
    const { pots: outcomes, house } = contribute(jackpot, before, amount, draw, wager);
    return {
      amount: formatDecimal(amount),
      ...(wager === null ? {} : { base_wager: formatDecimal(wager) }),
      chain,
      house: formatDecimal(house),
      pots: outcomes.map((outcome, i) => potJson(given, pots[i]!, jackpot.pots[i]!, before[i]!, outcome, i)),
      words: draw.wordsConsumed,
    };
  },
};

/** The state of a pot before: only the server knows it. */
function potBefore({ check }: Given, pot: JsonReader, { terms }: PotConfig, place: number): PotBefore {
  const amount = (member: string): Micros => pot.member(member).amount();
  const state = { value: amount('value_before'), reserve: amount('reserve_before'), drawnAt: amount('drawn_before') };
  const path = `record.outcome.pots[${place}].drawn_before`;
  check.holds(path, state.drawnAt <= state.value, 'is beyond the value');
  const { mustDropValue } = terms;
  if (mustDropValue === null) check.holds(path, state.drawnAt === 0n, 'is not 0');
  else if (state.drawnAt >= mustDropValue) throw invalid(path, 'is not below must_drop_value');
  return state;
}

function potJson(
  { check }: Given,
  stated: JsonReader,
  pot: PotConfig,
  before: PotBefore,
  { after, attempts, barred, drawnAt, reserve, value, wonBy }: PotOutcome,
  place: number,
): object {
  const sum = stated.member('cycle_contributed').amount();
  const path = `record.outcome.pots[${place}].cycle_contributed`;
  check.holds(path, barred || sum >= value + reserve, 'is less than this contribution has brought');
  const held = before.reserve + reserve;
  return {
    attempts,
    id: pot.id,
    cycle: stated.member('cycle').integer(1, Number.MAX_SAFE_INTEGER),
    cycle_contributed: formatDecimal(sum),
    drawn_after: formatDecimal(drawnAt),
    drawn_before: formatDecimal(before.drawnAt),
    reserve_after: formatDecimal(held),
    reserve_before: formatDecimal(before.reserve),
    value_after: formatDecimal(after),
    value_before: formatDecimal(before.value),
    won: wonBy === null ? null : winJson(stated.member('won'), pot, wonBy, held),
  };
}

function winJson(stated: JsonReader, pot: PotConfig, by: WonBy, reserve: Micros): object {
  const surplus = stated.member('surplus_before').amount();
  const start = restart(pot, { reserve, surplus });
  return {
    by,
    deficit: formatDecimal(start.deficit),
    from_reserve: formatDecimal(start.fromReserve),
    from_surplus: formatDecimal(start.fromSurplus),
    start: formatDecimal(start.value),
    surplus_before: formatDecimal(surplus),
  };
}
