import { PotAdjusted } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { lookAt, noted, noteNeeds, requireOneOf } from '../../catalogue/index.ts';
import { leafOf, middleOf, readTerms } from '../../fairness/index.ts';
import { account, accountId, defineFact, outOfRange, type Command, type Transfer } from '../../journal/index.ts';
import { formatDecimal, invalid, MICROS_MAX, type Micros } from '../../kernel/index.ts';
import { phaseOf, type Jackpot, type Pot } from './bound.ts';
import { advance, jackpot as heads, pot as pots, type PotRow } from './entities.ts';

/** An operator has set the money of a pot. Nothing is drawn for it. */
export const potAdjusted = defineFact<PotAdjusted>({
  name: 'jackpot.pot-adjusted',
  number: 1113,
  version: 1,
  aggregate: heads,
  codec: PotAdjusted,
  evolve({ pot, value, reserve, surplus, leaf }, rows, at) {
    const row = rows.edit(pots, Number(pot));
    // A pot whose value is set is drawn on from there.
    if (row.value !== value) row.drawnAt = value;
    row.value = value;
    row.reserve = reserve;
    row.surplus = surplus;
    advance(rows, at, leaf);
  },
});

/** What of a pot's money is set. */
export type PotPart = 'value' | 'reserve' | 'surplus';

export interface AdjustRequest {
  readonly jackpot: Jackpot;
  readonly pot: Pot;
  readonly part: PotPart;
  /** What it is afterwards. */
  readonly amount: Micros;
  readonly reason: string;
}

/**
 * Sets a part of a pot's money; the operator pays or gets the difference. What players play for goes down only while
 * the jackpot is paused. Throws INSTANCE_NOT_ADJUSTABLE, INVALID_ARGUMENT, BALANCE_OUT_OF_RANGE, and StaleVersionError.
 */
export const adjusting: Command<AdjustRequest, void> = {
  name: 'jackpot.adjust-pot',
  needs({ jackpot, pot }, rows) {
    lookAt(jackpot, rows);
    noteNeeds(jackpot, rows);
    rows.lock(heads, jackpot.id);
    rows.lock(pots, pot.id);
    rows.lock(account, jackpot.account);
  },
  decide({ jackpot, pot, part, amount, reason }, snapshot) {
    const row = snapshot.row(pots, pot.id);
    const change = amount - row[part];
    const lowers = change < 0n && part !== 'surplus';
    requireOneOf(jackpot, lowers ? ['paused'] : ['active', 'paused'], 'INSTANCE_NOT_ADJUSTABLE', snapshot);
    if (change === 0n) return [];
    if (part === 'value') requireWithin(pot, row, amount);
    if (snapshot.row(account, jackpot.account).balance + change + jackpot.seeds > MICROS_MAX)
      throw outOfRange(jackpot.account, () => jackpot.assetCode);
    const { value, reserve, surplus }: Readonly<PotRow> = { ...row, [part]: amount };
    const texts = [value, reserve, surplus].map(String);
    const leaf = leafOf(['windfall/adjust', pot.code, ...texts]);
    const operator = accountId('operator', 0, jackpot.asset);
    const transfer: Transfer =
      change > 0n
        ? { from: operator, to: jackpot.account, amount: change }
        : { from: jackpot.account, to: operator, amount: -change };
    const data: PotAdjusted = { pot: BigInt(pot.id), value, reserve, surplus, leaf };
    const details = { subject: `${pot.code} ${part}`, before: formatDecimal(row[part]), after: formatDecimal(amount) };
    return [
      { kind: potAdjusted, id: jackpot.id, data, transfers: [transfer] },
      noted(jackpot, 'adjusted', reason, snapshot, details),
    ];
  },
  answer: () => undefined,
};

/** Throws INVALID_ARGUMENT for a value that the pot may not hold, or that would make a win likely. */
function requireWithin(pot: Pot, { starts, terms }: Readonly<PotRow>, value: Micros): void {
  if (phaseOf(pot, starts) === 2) throw invalid('adjustment', 'must be 0: the pot was won for the last time');
  const { config } = pot;
  const { maxValue, mustDropValue } = terms === '' ? config.terms : readTerms(terms);
  if (maxValue !== null && value > maxValue)
    throw invalid('adjustment', `must not be above ${formatDecimal(maxValue)}`);
  const middle = middleOf(config.seed, mustDropValue);
  if (middle !== null && value > middle) throw invalid('adjustment', `must not be above ${formatDecimal(middle)}`);
}
