import {
  JackpotRoundDrawn,
  type JackpotRoundClosed,
  type JackpotRoundWinner,
} from '../../../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import {
  Draw,
  fullStream,
  nextSeed,
  recordOf,
  seedStream,
  serverSeed,
  serverSeedHash,
  streamId,
  useSeed,
  type Drawn,
} from '../../../fairness/index.ts';
import {
  account,
  accountId,
  defineFact,
  factsIn,
  readRowsById,
  runOne,
  StaleVersionError,
  taskOptions,
  type AssetNo,
  type Command,
  type Fact,
  type FactPlace,
  type Snapshot,
  type Transfer,
} from '../../../journal/index.ts';
import type { OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { fitting } from '../../../rewards/index.ts';
import type { Task } from '../../../tasks/index.ts';
import { drawWinningTickets, poolState, ticketPool, type PoolRow, type TicketWinner } from '../../../tickets/index.ts';
import { creditedByWallet, owingFor, type Owing } from '../../../wallets/index.ts';
import { jackpots } from '../definition.ts';
import { DRAW_ROUND, roundClosed } from './close-round.ts';
import { boundOf, drawnRound } from './record.ts';
import { round } from './round.ts';

/** The winners of a round are drawn, and paid. */
export const roundDrawn = defineFact<JackpotRoundDrawn>({
  name: 'jackpot.round-drawn',
  number: 1123,
  version: 1,
  aggregate: ticketPool,
  codec: JackpotRoundDrawn,
  players: ({ winners }) => winners.map(({ player }) => Number(player)),
  evolve({ streamName }, rows, at) {
    const pool = rows.edit(ticketPool, at.aggregate);
    pool.state = poolState.completed;
    pool.endedBy = at.operationId;
    pool.endedAt = at.time;
    const stream = rows.edit(seedStream, streamId('raffle', at.aggregate));
    useSeed(stream, at);
    // Its only draw is made: what is shown of its seed stays the same in all epochs.
    stream.name = streamName;
  },
});

/** A closed round with its winners, found before the command that records them. */
interface FoundRound {
  readonly pool: PoolRow;
  readonly asset: AssetNo;
  readonly assetCode: string;
  readonly versionId: bigint;
  readonly definition: Drawn['definition'];
  /** The full name of the stream, and the hash of its seed. */
  readonly streamName: string;
  readonly seedHash: string;
  readonly configHash: string;
  readonly words: number;
  /** The number of the jackpot's row. */
  readonly jackpot: number;
  /** Unset: the built-in ledger pays. */
  readonly owing: Owing | undefined;
  /** In the order in which they were drawn, with what they get. */
  readonly winners: readonly (TicketWinner & { readonly amount: bigint })[];
}

/** Records the winners of a round, and pays them. It is run with a key of its own, so it happens once. */
const drawing: Command<FoundRound, void> = {
  name: DRAW_ROUND,
  needs({ pool: { id }, asset, winners }, rows) {
    rows.lock(ticketPool, id);
    rows.lock(seedStream, streamId('raffle', id));
    rows.lock(account, accountId('escrow', id, asset));
    for (const { player } of winners) rows.lock(account, accountId('player', player, asset));
  },
  decide(found, snapshot) {
    const { pool, asset, assetCode, definition, jackpot, owing } = found;
    const seed = nextSeed(snapshot, streamId('raffle', pool.id));
    if (found.streamName !== seed.name) throw new StaleVersionError();
    const { winners, transfers } = paid(found, snapshot);
    const data: JackpotRoundDrawn = {
      winners,
      versionId: found.versionId,
      streamName: seed.name,
      keyId: seed.keyId,
      position: BigInt(seed.position),
      readableSince: BigInt(seed.readableSince),
      poolHash: Buffer.from(pool.poolHash, 'hex'),
      configHash: Buffer.from(found.configHash, 'hex'),
      tickets: BigInt(pool.tickets),
      closedAt: BigInt(pool.closedAt),
      words: found.words,
      asset: BigInt(asset),
    };
    const record = (place: FactPlace): string =>
      recordOf(place, drawnRound(data, definition, assetCode), found.seedHash);
    const fact: Fact<JackpotRoundDrawn> = { kind: roundDrawn, id: pool.id, data, transfers, record };
    return creditedByWallet([fact], owing, { reason: 'raffle', jackpot }, snapshot);
  },
  answer: () => undefined,
};

/** The winners with what is paid to them: an amount that a balance cannot hold stays in escrow. */
function paid(
  { pool, asset, winners }: FoundRound,
  snapshot: Snapshot,
): { readonly winners: JackpotRoundWinner[]; readonly transfers: Transfer[] } {
  const from = accountId('escrow', pool.id, asset);
  const transfers: Transfer[] = [];
  const fits = fitting(snapshot);
  const rows = winners.map(({ ticket, player, playerHash, amount }): JackpotRoundWinner => {
    const to = accountId('player', player, asset);
    const withheld = !fits(to, amount);
    if (!withheld && amount > 0n) transfers.push({ from, to, amount });
    return {
      amount,
      withheld,
      ticket: BigInt(ticket),
      player: BigInt(player),
      playerHash: Buffer.from(playerHash, 'hex'),
    };
  });
  return { winners: rows, transfers };
}

/** Draws the winners of a closed pool. */
async function findRound(platform: Platform, operator: OperatorNo, pool: PoolRow): Promise<FoundRound> {
  const { reads, keys, tenants, versions } = platform;
  const { closed, jackpot } = await closingOf(platform, operator, pool.id);
  const [stream] = await reads((em) => readRowsById(em, seedStream, operator, [streamId('raffle', pool.id)]));
  const asset = Number(closed.asset);
  await tenants.of(operator);
  const assetCode = tenants.assetCode(operator, asset);
  const amounts = closed.prizes.flatMap(({ amount, winners }) => Array<bigint>(winners).fill(amount));
  const bound = boundOf(pool, assetCode, amounts);
  const streamName = fullStream(stream!.name, keys.epoch);
  const secret = serverSeed(keys.key(stream!.keyId), streamName, stream!.position);
  const draw = new Draw({ serverSeed: secret, clientSeed: '', nonce: 0, sub: 0, configHash: bound.configHash });
  const winners = await drawWinningTickets(reads, operator, pool.id, draw, bound);
  const players = new Set(winners.map(({ player }) => player));
  const { code: id, version } = await versions.get(jackpots, operator, Number(closed.versionId));
  return {
    pool,
    asset,
    assetCode,
    jackpot,
    owing: await owingFor(platform, operator, players.size),
    streamName,
    versionId: closed.versionId,
    definition: { engine: jackpots.engine, id, version },
    seedHash: serverSeedHash(secret),
    configHash: bound.configHash,
    words: draw.wordsConsumed,
    winners: winners.map((winner, place) => ({ ...winner, amount: amounts[place]! })),
  };
}

/** The fact that has closed a round, and the number of the jackpot's row. */
async function closingOf({ reads, register }: Platform, operator: OperatorNo, id: number) {
  return reads(async (em) => {
    const [row] = await readRowsById(em, round, operator, [id]);
    const closes = { operator, aggregate: row!.jackpotId, kinds: [roundClosed.number] };
    const [close] = await factsIn(em, register, [row!.closedBy], closes);
    return { jackpot: row!.jackpotId, closed: close!.fact.data as JackpotRoundClosed };
  });
}

/** Draws and pays the winners of a closed round, by its number. Safe to run twice. */
export const drawRoundTask: Task = {
  name: DRAW_ROUND,
  async run(platform, { operator, id }) {
    const [pool] = await platform.reads((em) => readRowsById(em, ticketPool, operator, [id]));
    if (pool!.state !== poolState.closed) return;
    const options = taskOptions(operator, id, { operation: DRAW_ROUND, of: id });
    await runOne(
      {
        journal: platform.journal,
        command: drawing,
        prepare: async () => ({ request: await findRound(platform, operator, pool!), options }),
      },
      null,
    );
  },
};
