import type { TicketsSold } from '../../../../gen/ts/windfall/facts/v1/tickets.ts';
import { RaffleServiceService } from '../../../../gen/ts/windfall/raffle/v1/raffle.ts';
import { lookAt, requireActive } from '../../../catalogue/index.ts';
import {
  account,
  accountId,
  type AssetNo,
  type Command,
  type Operation,
  type Snapshot,
  type Transfer,
} from '../../../journal/index.ts';
import { ApiError, formatDecimal, ONE, type Micros } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { checkPlay, player as players, playNeeds, publicHashOf, spends } from '../../../players/index.ts';
import { poolState, poolStateName, saleNeeds, sell, ticketPool } from '../../../tickets/index.ts';
import { raffles, type Raffle } from '../definition.ts';

interface EnterRequest {
  readonly raffle: Raffle;
  readonly player: number;
  readonly count: number;
  /** A new row number. */
  readonly entry: number;
}

/**
 * Sells tickets: units of the free asset pay first. Throws RAFFLE_NOT_ACTIVE, RAFFLE_CLOSED, PLAYER_EXCLUDED,
 * LIMIT_REACHED, TICKET_LIMIT_REACHED, INSUFFICIENT_BALANCE, BALANCE_OUT_OF_RANGE.
 */
const entering: Command<EnterRequest, Operation & { readonly deduped: boolean }> = {
  name: 'raffle.enter',
  active: ({ player }) => player,
  needs({ raffle, player }, rows) {
    const { pool, content } = raffle;
    lookAt(raffle, rows);
    saleNeeds(rows, { pool, player, maxPerPlayer: Number(content.maxPerPlayer) });
    playNeeds(rows, player, true);
    rows.read(players, player);
    for (const one of raffle.ticketAssets) {
      rows.lock(account, accountId('player', player, one));
      rows.lock(account, accountId('escrow', pool, one));
    }
  },
  decide({ raffle, player, count, entry }, snapshot) {
    const { pool, code, version, asset, freeAsset, content } = raffle;
    requireActive(raffles, raffle, snapshot);
    requireOpen(raffle, snapshot);
    const units = freeAsset === null ? 0n : snapshot.row(account, accountId('player', player, freeAsset)).balance / ONE;
    const free = units < BigInt(count) ? Number(units) : count;
    const paid = content.ticketCost * BigInt(count - free);
    const pay = (of: AssetNo, amount: Micros): Transfer[] =>
      amount === 0n ? [] : [{ from: accountId('player', player, of), to: accountId('escrow', pool, of), amount }];
    const transfers = [...pay(freeAsset ?? 0, BigInt(free) * ONE), ...pay(asset, paid)];
    const counted = checkPlay(snapshot, player, [...spends(transfers), { kind: 'tickets', amount: BigInt(count) }]);
    const row = snapshot.row(players, player);
    const sale = sell(snapshot, {
      pool,
      code,
      version,
      player,
      count,
      free,
      paid,
      entry,
      freeAsset: freeAsset ?? 0,
      paidAsset: asset,
      playerHash: publicHashOf(row),
      brand: row.brandId,
      maxTotal: Number(content.maxTickets),
      maxPerPlayer: Number(content.maxPerPlayer),
    });
    return [{ ...sale, transfers }, ...counted];
  },
  answer: (operation, deduped) => ({ ...operation, deduped }),
};

/** Throws RAFFLE_CLOSED if no tickets are sold now. */
function requireOpen({ code, pool, content: { salesStart, salesEnd, drawAt } }: Raffle, snapshot: Snapshot): void {
  const { state } = snapshot.row(ticketPool, pool);
  const now = BigInt(snapshot.now);
  const end = salesEnd || drawAt;
  const why =
    state !== poolState.open
      ? poolStateName(state)
      : now < salesStart
        ? 'upcoming'
        : end !== 0n && now >= end
          ? 'ended'
          : '';
  if (why === '') return;
  throw new ApiError('RAFFLE_CLOSED', 'no tickets are sold', { details: { id: code, state: why } });
}

/** Buys tickets for a player; the same request again returns the first answer. */
export const enterRaffle = write({
  method: RaffleServiceService.enterRaffle,
  command: () => entering,
  player: (request) => request,
  definition: raffles,
  async prepare({ tickets: count }, { platform: { newId }, who: { player }, definition: raffle }) {
    return { route: raffle.pool, request: { raffle, player, count, entry: await newId() } };
  },
  respond({ id, time, facts, deduped }, { platform: { tenants }, caller }) {
    const sold = facts[0]!.data as TicketsSold;
    const [first, count] = [Number(sold.firstTicket), Number(sold.count)];
    return {
      deduped,
      entryId: id,
      tickets: count,
      firstTicket: first,
      lastTicket: first + count - 1,
      freeTickets: Number(sold.free),
      cost:
        sold.paid === 0n
          ? undefined
          : { asset: tenants.assetCode(caller.operator, Number(sold.paidAsset)), amount: formatDecimal(sold.paid) },
      totalTickets: first + count,
      poolHash: Buffer.from(sold.poolHash).toString('hex'),
      playerHash: Buffer.from(sold.playerHash).toString('hex'),
      raffleVersion: Number(sold.version),
      enterTime: new Date(time / 1000),
    };
  },
});
