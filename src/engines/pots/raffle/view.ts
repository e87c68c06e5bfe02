import type { JackpotDefinitionV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { RaffleRound, RaffleTicket } from '../../../../gen/ts/windfall/pots/v1/raffle.ts';
import { EMPTY_POOL_HASH, seedHashes, seedStream, streamId } from '../../../fairness/index.ts';
import { readRowsById } from '../../../journal/index.ts';
import { formatDecimal, type OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { poolStateName } from '../../../tickets/index.ts';
import { readRound, type Round } from '../../jackpot/index.ts';
import { ownerName } from '../owner.ts';
import type { PotsTicketsRow } from './entities.ts';

const millis = (micros: number): number => Math.floor(micros / 1000);

/** When a round begins and ends. */
const timesOf = ({ row, pool }: Round): Pick<RaffleRound, 'timestampStart' | 'timestampEnd'> => {
  const end = pool.closedAt || row.endAt;
  return { timestampStart: millis(row.startAt), timestampEnd: end === 0 ? undefined : millis(end) };
};

/** The message of an instance's newest round; undefined: it is no raffle, or has not begun. */
export async function roundMessage(
  { reads, keys }: Platform,
  operator: OperatorNo,
  { instance, jackpot }: JackpotDefinitionV2,
): Promise<RaffleRound | undefined> {
  if (instance?.raffle === undefined) return undefined;
  const round = await readRound(reads, operator, Number(jackpot));
  if (round === undefined) return undefined;
  const { row, pool } = round;
  const [stream] = await reads((em) => readRowsById(em, seedStream, operator, [streamId('raffle', row.id)]));
  return {
    ...timesOf(round),
    round: row.number,
    state: poolStateName(pool.state),
    tickets: pool.tickets,
    poolHash: pool.poolHash || EMPTY_POOL_HASH,
    serverSeedHash: seedHashes(keys, stream!, 0, 1)[0]!,
    drawId: pool.endedBy || undefined,
  };
}

/** The messages of tickets. @param rounds all that they are of, with the ids of their instances. */
export async function ticketMessages(
  { tenants, players }: Platform,
  operator: OperatorNo,
  rounds: readonly (Round & { readonly instanceId: string })[],
  rows: readonly PotsTicketsRow[],
): Promise<RaffleTicket[]> {
  const tenant = await tenants.of(operator);
  const known = await players.byId(operator, [...new Set(rows.map(({ playerId }) => playerId))]);
  const byId = new Map(rounds.map((round) => [round.row.id, round]));
  return rows.map(({ roundId, playerId, brandId, tickets, carried }) => {
    const { userId } = known.get(playerId)!;
    const round = byId.get(roundId)!;
    return {
      ...timesOf(round),
      instanceId: round.instanceId,
      brandId: ownerName(tenant, brandId),
      playerId: userId,
      extPlayerId: userId,
      ticketCount: tickets,
      accumulatedCost: formatDecimal(carried),
    };
  });
}
