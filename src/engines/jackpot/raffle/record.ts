import type { JackpotRoundDrawn, JackpotRoundWinner } from '../../../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import {
  ALGORITHM_2,
  bindRaffle,
  raffleText,
  type BoundRaffle,
  type Drawn,
  type RafflePrize,
} from '../../../fairness/index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What the draw of a round is bound to: its tickets, and what the winners get. */
export function boundOf(
  pool: { readonly poolHash: string; readonly tickets: number },
  asset: string,
  amounts: readonly bigint[],
): BoundRaffle {
  const prizes: (Omit<RafflePrize, 'winners'> & { winners: number })[] = [];
  for (const amount of amounts) {
    const last = prizes.at(-1);
    if (last?.amount === amount) last.winners += 1;
    else prizes.push({ asset, amount, winners: 1 });
  }
  return bindRaffle({
    poolHash: pool.poolHash,
    totalTickets: pool.tickets,
    winners: amounts.length,
    onePerPlayer: false,
    terms: { entropy: 'none', prizes },
  });
}

/** What the draw of a fact was bound to. @param asset the code of the prizes' asset. */
export const boundOfDrawn = ({ poolHash, tickets, winners }: JackpotRoundDrawn, asset: string): BoundRaffle =>
  boundOf(
    { poolHash: hex(poolHash), tickets: Number(tickets) },
    asset,
    winners.map(({ amount }) => amount),
  );

/** The draw of a fact, for its record. @param asset the code of the prizes' asset. */
export function drawnRound(data: JackpotRoundDrawn, definition: Drawn['definition'], asset: string): Drawn {
  const { streamName, keyId, position, readableSince, configHash, words, closedAt, winners } = data;
  return {
    recipe: 'raffle',
    definition,
    player: '',
    use: {
      algorithm: ALGORITHM_2,
      streamName,
      keyId,
      position: Number(position),
      nonce: 0,
      clientSeeds: [{ seed: '', origin: 'none' }],
      readableSince: Number(readableSince),
    },
    configHash: hex(configHash),
    outcome: raffleText({
      words,
      source: '',
      closeTime: Number(closedAt),
      beacon: null,
      grants: [],
      winners: winners.map(({ ticket, playerHash, amount, withheld }: JackpotRoundWinner) => ({
        withheld,
        ticket: Number(ticket),
        playerHash: hex(playerHash),
        prize: { asset, amount },
      })),
    }),
  };
}
