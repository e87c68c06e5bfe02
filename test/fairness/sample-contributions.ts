import { contribute, type PotBefore, type PotOutcome } from '../../src/fairness/contribution.ts';
import { asksWager, bindJackpotConfig, type JackpotConfig } from '../../src/fairness/pot-config.ts';
import { restart } from '../../src/fairness/pot-money.ts';
import { contributionText, type PotRecord } from '../../src/fairness/records/contribution.ts';
import type { RecordProof } from '../../src/fairness/records/record.ts';
import type { Micros } from '../../src/kernel/index.ts';
import { sampleDraw, sampleHead, sampleProof, type RecordSample } from './sample-records.ts';

interface PotSample extends PotBefore {
  readonly surplus: Micros;
  readonly cycle: number;
  /** What the cycle's contributions have brought before. */
  readonly sum: Micros;
}

export interface ContributionSample extends RecordSample {
  readonly config: JackpotConfig;
  readonly amount: Micros;
  /** Stated only where a pot asks for it. */
  readonly wager?: Micros;
  readonly pots: readonly PotSample[];
  readonly chain?: string;
}

/** A proof of recipe contribution. It does by itself what the jackpots' engine does. */
export function contributionRecord({
  config,
  amount,
  wager: stated = 0n,
  pots,
  chain = '0'.repeat(64),
  ...sample
}: ContributionSample): RecordProof {
  const bound = bindJackpotConfig(config);
  const definition = { engine: 'jackpot', id: 'mystery', version: 2 };
  const [head, seed] = sampleHead('jackpot', bound, {
    ...sample,
    head: { player: '00112233445566778899aabbccddeeff', definition, ...sample.head },
  });
  const draw = sampleDraw(head, seed, 0, chain);
  const wager = asksWager(config) ? stated : null;
  const { pots: outcomes, house } = contribute(config, pots, amount, draw, wager);
  const records = outcomes.map((outcome, i) => recordOf(config.pots[i]!, pots[i]!, outcome));
  const outcome = contributionText({ amount, wager, chain, house, pots: records, words: draw.wordsConsumed });
  return sampleProof('contribution', [head, seed], outcome, bound);
}

function recordOf(
  pot: JackpotConfig['pots'][number],
  { value: valueBefore, reserve: reserveBefore, surplus, drawnAt: drawnBefore, cycle, sum }: PotSample,
  { after, attempts, barred, drawnAt, reserve, value, wonBy }: PotOutcome,
): PotRecord {
  const reserveAfter = reserveBefore + reserve;
  const { value: start, ...paid } = restart(pot, { reserve: reserveAfter, surplus });
  return {
    attempts,
    cycle,
    drawnBefore,
    reserveAfter,
    reserveBefore,
    valueBefore,
    id: pot.id,
    drawnAfter: drawnAt,
    sum: barred ? sum : sum + value + reserve,
    valueAfter: after,
    won: wonBy === null ? null : { ...paid, start, by: wonBy, surplusBefore: surplus },
  };
}
