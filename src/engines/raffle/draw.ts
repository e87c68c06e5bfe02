import { RaffleDrawn, type RaffleWinner } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import {
  bindRaffle,
  EMPTY_POOL_HASH,
  nextSeed,
  recordOf,
  seedStream,
  streamId,
  useSeed,
  type BeaconRound,
  type BoundRaffle,
} from '../../fairness/index.ts';
import {
  account,
  accountId,
  defineFact,
  type FactPlace,
  StaleVersionError,
  type AssetNo,
  type Command,
  type FactKind,
  type Operation,
  type Snapshot,
  type Transfer,
} from '../../journal/index.ts';
import { guard } from '../../players/index.ts';
import { award, createGrants, fitting, hasRoom, rewardKind, rewardNeeds, type Award } from '../../rewards/index.ts';
import { poolState, ticketPool, type PoolRow, type TicketWinner } from '../../tickets/index.ts';
import { drawNeeds, requireDrawable, type DrawOrder } from './close.ts';
import { DRAW, raffles, type Raffle } from './definition.ts';
import { drawnRaffle, termsOf } from './record.ts';

const drawnFact = (version: number): FactKind<RaffleDrawn> => ({
  name: 'raffle.drawn',
  number: 1302,
  version,
  aggregate: ticketPool,
  codec: RaffleDrawn,
  players: ({ winners }) => winners.map(({ player }) => Number(player)),
  evolve({ granted, streamName }, rows, at) {
    const pool = rows.edit(ticketPool, at.aggregate);
    pool.state = poolState.completed;
    pool.endedBy = at.operationId;
    pool.endedAt = at.time;
    const stream = rows.edit(seedStream, streamId('raffle', at.aggregate));
    useSeed(stream, at);
    // Its only draw is made: what is shown of its seed stays the same in all epochs.
    stream.name = streamName;
    createGrants(granted, rows, at);
  },
});

/** The winners of a pool are drawn. Its transfers are the pool's money and the prizes. */
export const raffleDrawn = defineFact(drawnFact(2));
/** The same, from before draws had records. */
export const firstRaffleDrawn = defineFact(drawnFact(1));

/** The winners of a closed pool, found before the command that records them. */
export interface FoundWinners {
  /** The full name of the stream, and what it was drawn from: identify what they were found from. */
  readonly streamName: string;
  readonly seedHash: string;
  readonly configHash: string;
  readonly seed: string;
  readonly beacon: BeaconRound | null;
  readonly winners: readonly TicketWinner[];
  readonly words: number;
}

export interface DrawRequest extends DrawOrder {
  /** Null: they are not looked for yet. */
  readonly found: FoundWinners | null;
}

/** What the draw of a closed pool is bound to. */
export function boundOf({ content, rewards }: Raffle, { poolHash, tickets }: Readonly<PoolRow>): BoundRaffle {
  return bindRaffle({
    poolHash: poolHash || EMPTY_POOL_HASH,
    totalTickets: tickets,
    winners: rewards.length,
    onePerPlayer: content.onePerPlayer,
    terms: termsOf(content),
  });
}

/**
 * Records the winners, pays their prizes, and pays the pool's money to the operator. Throws what `requireDrawable`
 * throws, and StaleVersionError while the winners are not found.
 */
export const drawing: Command<DrawRequest, Operation & { readonly deduped: boolean }> = {
  name: DRAW,
  needs(request, rows) {
    drawNeeds(request, rows);
    const { raffle, found } = request;
    if (found === null) return;
    rows.lock(seedStream, streamId('raffle', raffle.pool));
    for (const asset of assetsOf(raffle)) rows.lock(account, accountId('escrow', raffle.pool, asset));
    found.winners.forEach(({ player }, place) => rewardNeeds(rows, player, [raffle.rewards[place]!]));
  },
  decide(request, snapshot) {
    requireDrawable(request, snapshot);
    const { raffle, found } = request;
    const pool = snapshot.row(ticketPool, raffle.pool);
    const bound = boundOf(raffle, pool);
    if (found === null || pool.state !== poolState.closed || found.configHash !== bound.configHash)
      throw new StaleVersionError();
    const seed = nextSeed(snapshot, streamId('raffle', raffle.pool));
    if (found.streamName !== seed.name) throw new StaleVersionError();
    const { winners, awards, kept } = winnersOf(raffle, found.winners, snapshot);
    const { transfers, granted, tasks } = award(snapshot, raffle.definitionId, awards);
    const data: RaffleDrawn = {
      winners,
      granted: [...granted],
      version: BigInt(raffle.version),
      versionId: BigInt(raffle.versionId),
      streamName: seed.name,
      keyId: seed.keyId,
      position: BigInt(seed.position),
      readableSince: BigInt(seed.readableSince),
      entropy: raffle.content.entropy,
      seed: found.seed,
      source: pool.entropySource,
      beaconChain: pool.beaconChain,
      beaconRound: BigInt(pool.beaconRound),
      beaconSignature: found.beacon?.signature ?? '',
      poolHash: Buffer.from(bound.pool.poolHash, 'hex'),
      tickets: BigInt(pool.tickets),
      prizes: raffle.rewards.length,
      onePerPlayer: raffle.content.onePerPlayer,
      words: found.words,
      closedAt: BigInt(pool.closedAt),
      configHash: Buffer.from(bound.configHash, 'hex'),
    };
    const moved = [...takings(raffle, snapshot), ...transfers, ...kept];
    const definition = { engine: raffles.engine, id: raffle.code, version: raffle.version };
    const record = (place: FactPlace): string => recordOf(place, drawnRaffle(data, definition, place), found.seedHash);
    return [{ kind: raffleDrawn, id: raffle.pool, data, transfers: moved, tasks, record }];
  },
  answer: (operation, deduped) => ({ ...operation, deduped }),
};

/** The assets that the pool's escrow may hold, now or after the draw. */
const assetsOf = ({ ticketAssets, rewards }: Raffle): Set<AssetNo> =>
  new Set([...ticketAssets, ...rewards.flatMap(({ kind, assetNo }) => (kind === rewardKind.asset ? [assetNo] : []))]);

/** What the players have paid, for the operator. */
function takings(raffle: Raffle, snapshot: Snapshot): Transfer[] {
  return [...assetsOf(raffle)].flatMap((asset) => {
    const from = accountId('escrow', raffle.pool, asset);
    const amount = snapshot.row(account, from).balance;
    return amount === 0n ? [] : [{ from, to: accountId('operator', 0, asset), amount }];
  });
}

/**
 * The winners with their rewards. Amounts that a balance cannot hold are kept in escrow, and grants beyond what a
 * player can have are not created: nothing stops a draw.
 */
function winnersOf(raffle: Raffle, found: readonly TicketWinner[], snapshot: Snapshot) {
  const winners: RaffleWinner[] = [];
  const awards: Award[] = [];
  const kept: Transfer[] = [];
  const fits = fitting(snapshot);
  const grants = new Map<number, number>();
  found.forEach(({ ticket, player, playerHash }, place) => {
    const reward = raffle.rewards[place]!;
    let withheld = false;
    if (reward.kind === rewardKind.asset) {
      const to = accountId('player', player, reward.assetNo);
      withheld = !fits(to, reward.amount);
    } else {
      const before = grants.get(player) ?? snapshot.row(guard, player).grants;
      withheld = !hasRoom(before, 1);
      if (!withheld) grants.set(player, before + 1);
    }
    const [from, to] = [accountId('operator', 0, reward.assetNo), accountId('escrow', raffle.pool, reward.assetNo)];
    if (withheld && reward.kind === rewardKind.asset) kept.push({ from, to, amount: reward.amount });
    else if (!withheld) awards.push({ player, rewards: [reward] });
    const { assetNo: _, ...stored } = reward;
    winners.push({
      withheld,
      ticket: BigInt(ticket),
      player: BigInt(player),
      playerHash: Buffer.from(playerHash, 'hex'),
      reward: stored,
    });
  });
  return { winners, awards, kept };
}
