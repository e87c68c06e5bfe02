import { TicketsSold } from '../../gen/ts/windfall/facts/v1/tickets.ts';
import { EMPTY_POOL_HASH, nextPoolHash } from '../fairness/index.ts';
import { defineFact, type AssetNo, type Fact, type RowRequests, type Snapshot } from '../journal/index.ts';
import { ApiError, type Micros } from '../kernel/index.ts';
import { ticketEntry, ticketHolder, ticketPool } from './pool.ts';

/** A player has got tickets of a pool. Its transfers are what they cost. */
export const ticketsSold = defineFact<TicketsSold>({
  name: 'tickets.sold',
  number: 702,
  version: 1,
  aggregate: ticketPool,
  codec: TicketsSold,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const pool = rows.edit(ticketPool, at.aggregate);
    pool.tickets += Number(data.count);
    pool.entries += 1;
    const brand = Number(data.brandId);
    pool.brand = pool.brand === 0 || pool.brand === brand ? brand : -1;
    pool.poolHash = Buffer.from(data.poolHash).toString('hex');
    const entry = rows.create(ticketEntry, Number(data.entry));
    entry.poolId = at.aggregate;
    entry.firstTicket = Number(data.firstTicket);
    entry.count = Number(data.count);
    entry.player = Number(data.player);
    entry.playerHash = Buffer.from(data.playerHash).toString('hex');
    entry.free = Number(data.free);
    entry.freeAsset = Number(data.freeAsset);
    entry.paid = data.paid;
    entry.paidAsset = Number(data.paidAsset);
    entry.soldAt = at.time;
    if (data.holder === 0n) return;
    const [table, id] = [ticketHolder, Number(data.holder)];
    const holder = data.createsHolder ? rows.create(table, id) : rows.edit(table, id);
    holder.code = holderCode(at.aggregate, Number(data.player));
    holder.tickets += Number(data.count);
  },
});

const holderCode = (pool: number, player: number): string => `${pool}/${player}`;

/** A sale. */
export interface Sale {
  readonly pool: number;
  /** The operator's id of what the pool belongs to, and its version. */
  readonly code: string;
  readonly version: number;
  readonly player: number;
  readonly brand: number;
  /** 32 hex digits. */
  readonly playerHash: string;
  readonly count: number;
  readonly free: number;
  readonly freeAsset: AssetNo;
  readonly paid: Micros;
  readonly paidAsset: AssetNo;
  /** A new row number: of the entry, and of the holder if tickets are counted and these are the player's first. */
  readonly entry: number;
  readonly maxTotal: number;
  /** 0: any number, and they are not counted. */
  readonly maxPerPlayer: number;
}

/** Requests the rows of a sale, besides the accounts. */
export function saleNeeds(
  rows: RowRequests,
  { pool, player, maxPerPlayer }: Pick<Sale, 'pool' | 'player' | 'maxPerPlayer'>,
): void {
  rows.lock(ticketPool, pool);
  if (maxPerPlayer > 0) rows.lockCode(ticketHolder, holderCode(pool, player));
}

/** The fact of a sale, without its transfers. Throws TICKET_LIMIT_REACHED. */
export function sell(snapshot: Snapshot, sale: Sale): Fact<TicketsSold> {
  const { pool, player, count, maxPerPlayer } = sale;
  const { tickets, poolHash } = snapshot.row(ticketPool, pool);
  if (tickets + count > sale.maxTotal) throw limitReached(sale, 'total', sale.maxTotal, tickets);
  const known = maxPerPlayer > 0 ? snapshot.find(ticketHolder, holderCode(pool, player)) : undefined;
  const held = known === undefined ? 0 : snapshot.row(ticketHolder, known).tickets;
  if (maxPerPlayer > 0 && held + count > maxPerPlayer) throw limitReached(sale, 'player', maxPerPlayer, held);
  const entry = { firstTicket: tickets, count, playerHash: sale.playerHash };
  const data: TicketsSold = {
    entry: BigInt(sale.entry),
    player: BigInt(player),
    playerHash: Buffer.from(sale.playerHash, 'hex'),
    firstTicket: BigInt(tickets),
    count: BigInt(count),
    free: BigInt(sale.free),
    freeAsset: BigInt(sale.free === 0 ? 0 : sale.freeAsset),
    paid: sale.paid,
    paidAsset: BigInt(sale.paid === 0n ? 0 : sale.paidAsset),
    poolHash: Buffer.from(nextPoolHash(poolHash || EMPTY_POOL_HASH, entry), 'hex'),
    holder: BigInt(maxPerPlayer === 0 ? 0 : (known ?? sale.entry)),
    createsHolder: maxPerPlayer > 0 && known === undefined,
    version: BigInt(sale.version),
    brandId: BigInt(sale.brand),
  };
  return { kind: ticketsSold, id: pool, data, transfers: [] };
}

function limitReached({ code }: Sale, limit: 'total' | 'player', max: number, sold: number): ApiError {
  return new ApiError(
    'TICKET_LIMIT_REACHED',
    limit === 'total' ? 'too few tickets are left' : 'too many of one player',
    {
      details: { id: code, limit, max: String(max), left: String(Math.max(0, max - sold)) },
    },
  );
}
