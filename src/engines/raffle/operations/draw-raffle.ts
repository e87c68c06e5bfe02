import type { RaffleDrawn } from '../../../../gen/ts/windfall/facts/v1/raffle.ts';
import { RaffleServiceService } from '../../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { bindRaffle, serverSeed, serverSeedHash } from '../../../fairness/index.ts';
import type { CallOptions } from '../../../journal/index.ts';
import { write } from '../../../platform/index.ts';
import { userIdFor } from '../../../players/index.ts';
import { rewardMessage } from '../../../rewards/index.ts';
import { raffles } from '../definition.ts';
import { drawing } from '../draw.ts';
import { findWinners } from '../find-winners.ts';
import { beaconMessage, prizeWinz } from '../view.ts';

/** The hash that a draw was bound to, from its fact. */
function configHashOf({ configHash, poolHash, tickets, prizes, onePerPlayer }: RaffleDrawn): string {
  if (configHash.length > 0) return Buffer.from(configHash).toString('hex');
  const pool = { poolHash: Buffer.from(poolHash).toString('hex'), totalTickets: Number(tickets) };
  return bindRaffle({ ...pool, onePerPlayer, winners: prizes }).configHash;
}

/** Draws a raffle; whoever calls again gets the first answer. */
export const drawRaffle = write({
  method: RaffleServiceService.drawRaffle,
  command: () => drawing,
  definition: raffles,
  async prepare({ entropy, entropySource: source }, { platform, caller, definition: raffle, fresh }) {
    const order = { raffle, entropy, source, brand: caller.brand };
    // The pool is closed in a command of its own, which records who has closed it. It needs no key: it happens once.
    const closing: CallOptions = {
      operator: caller.operator,
      caller: caller.name,
      keys: [],
      requestHash: '',
      route: raffle.pool,
      deadlineMs: Infinity,
    };
    const found = fresh ? await findWinners(platform, order, closing) : null;
    // A raffle has no brand: it is drawn once, whoever calls.
    return { route: raffle.pool, once: raffle.pool, brand: 0, request: { ...order, found } };
  },
  drawId: ({ drawId }) => drawId,
  async respond({ id, time, facts, deduped }, { platform: { keys, players }, caller }) {
    const drawn = facts[0]!.data as RaffleDrawn;
    const known = await players.byId(caller.operator, [...new Set(drawn.winners.map(({ player }) => Number(player)))]);
    const winners = drawn.winners.map(({ ticket, player, playerHash, reward, withheld }, i) => ({
      withheld,
      place: i + 1,
      userId: userIdFor(caller, known.get(Number(player))),
      playerHash: Buffer.from(playerHash).toString('hex'),
      ticket: Number(ticket),
      reward: rewardMessage(reward!),
    }));
    const secret = serverSeed(keys.key(drawn.keyId), drawn.streamName, Number(drawn.position));
    return {
      winners,
      deduped,
      drawId: id,
      winnerUsername: winners[0]?.userId ?? '',
      prizeWinz: prizeWinz(drawn.winners[0]?.reward),
      winningTicketIdx: winners[0]?.ticket,
      totalTickets: Number(drawn.tickets),
      serverSeed: secret,
      serverSeedHash: serverSeedHash(secret),
      entropy: {
        kind: drawn.entropy,
        seed: drawn.seed,
        source: drawn.source || undefined,
        beacon: beaconMessage(drawn.beaconChain, drawn.beaconRound, drawn.beaconSignature),
      },
      poolHash: Buffer.from(drawn.poolHash).toString('hex'),
      configHash: configHashOf(drawn),
      closeTime: new Date(Number(drawn.closedAt) / 1000),
      drawTime: new Date(time / 1000),
    };
  },
});
