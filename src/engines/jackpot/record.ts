import type { JackpotContributedV2, PotFed } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import {
  ALGORITHM_2,
  asksWager,
  contributionText,
  OWN_ORIGINS,
  restart,
  type BoundJackpot,
  type Drawn,
  type PotConfig,
  type PotRecord,
  type WonBy,
} from '../../fairness/index.ts';
import { amountOf } from './contributed.ts';
import { reason } from './winning.ts';

/** What a contribution has drawn, as its record says it. @param bound the config that it was drawn from. */
export function drawnContribution(
  data: JackpotContributedV2,
  definition: Drawn['definition'],
  bound: BoundJackpot,
): Drawn {
  const draw = data.draw!;
  const { ownSeed, ownSeedOrigin, requestSeed, playerHash: player, chain } = draw;
  return {
    recipe: 'contribution',
    definition,
    player,
    configHash: bound.configHash,
    use: {
      algorithm: ALGORITHM_2,
      streamName: draw.streamName,
      keyId: draw.keyId,
      position: Number(draw.position),
      nonce: Number(draw.nonce),
      clientSeeds: [
        { seed: ownSeed, origin: OWN_ORIGINS[ownSeedOrigin]! },
        { seed: requestSeed, origin: requestSeed === '' ? 'none' : 'request' },
      ],
      readableSince: Number(draw.readableSince),
    },
    outcome: contributionText({
      amount: amountOf(data),
      wager: asksWager(bound.jackpot) ? draw.baseWager : null,
      chain: chain.toString('hex'),
      house: data.house,
      pots: data.pots.map((fed, i) => potRecord(fed, bound.jackpot.pots[i]!)),
      words: draw.words,
    }),
  };
}

function potRecord(fed: PotFed, pot: PotConfig): PotRecord {
  const reserveAfter = fed.reserveBefore + fed.reserve;
  return {
    reserveAfter,
    id: pot.id,
    cycle: Number(fed.cycle),
    attempts: fed.attempts,
    drawnBefore: fed.drawnBefore,
    drawnAfter: fed.drawnAt,
    reserveBefore: fed.reserveBefore,
    sum: fed.sum,
    valueBefore: fed.valueBefore,
    valueAfter: fed.valueBefore + fed.value,
    won: fed.wonBy === 0 ? null : winRecord(fed, pot, reserveAfter),
  };
}

function winRecord({ wonBy, surplusBefore }: PotFed, pot: PotConfig, reserve: bigint): PotRecord['won'] {
  const by: WonBy = wonBy === reason.hit_rate ? 'hit_rate' : 'must_drop_value';
  const { value: start, ...paid } = restart(pot, { reserve, surplus: surplusBefore });
  return { ...paid, by, start, surplusBefore };
}
