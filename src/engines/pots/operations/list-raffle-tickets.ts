import { RaffleTicketServiceService } from '../../../../gen/ts/windfall/pots/v1/raffle.ts';
import { definition, idOfCode } from '../../../catalogue/index.ts';
import { readRows, readRowsById } from '../../../journal/index.ts';
import type { Caller } from '../../../kernel/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { poolState, ticketPool } from '../../../tickets/index.ts';
import { readRound, round as rounds, type Round } from '../../jackpot/index.ts';
import { listTicketEntries } from '../../kit/index.ts';
import { findInstance } from '../instance-found.ts';
import { ownerOf } from '../owner.ts';
import { potsTickets, ticketsCode } from '../raffle/entities.ts';
import { ticketMessages } from '../raffle/view.ts';

const LIMIT = 50;
/** How many rounds that run now are looked at for one player. */
const ROUNDS_MAX = 500;

/** A round with the id of its instance. */
interface RoundOf extends Round {
  readonly instanceId: string;
}

/** A round of an instance that the caller may see; undefined: there is none. Throws INSTANCE_NOT_FOUND. */
async function findRound(
  platform: Platform,
  caller: Caller,
  request: { readonly instanceId: string; readonly round: number },
): Promise<RoundOf | undefined> {
  const { code: instanceId, content } = await findInstance(platform, caller, request.instanceId);
  const round = await readRound(platform.reads, caller.operator, Number(content.jackpot), request.round);
  return round && { ...round, instanceId };
}

/** Lists the tickets of all players in a round. */
export const listInstanceTickets = read(
  RaffleTicketServiceService.listInstanceTickets,
  (platform) =>
    async (request, { caller }) => {
      const { operator } = caller;
      const { brandId, sortField, sortDirection, page } = request;
      const round = await findRound(platform, caller, request);
      const brand = brandId === '' ? caller.brand : ownerOf(await platform.tenants.of(operator), caller, brandId);
      if (round === undefined) return { tickets: [] };
      const direction = sortDirection < 0 ? 'desc' : 'asc';
      const limit = request.limit || LIMIT;
      const rows = await platform.reads((em) =>
        readRows(em, potsTickets, operator, (query) => {
          const all = query.where('t.round_id', '=', round.row.id);
          const of = brand === null ? all : all.where('t.brand_id', '=', brand);
          const sorted = sortField === 'ticket_count' ? of.orderBy('t.tickets', direction) : of;
          return sorted
            .orderBy('t.id', direction)
            .limit(limit)
            .offset(page * limit);
        }),
      );
      return { tickets: await ticketMessages(platform, operator, [round], rows) };
    },
);

/** Lists a player's tickets of a round. */
export const listPlayerInstanceTickets = read(
  RaffleTicketServiceService.listPlayerInstanceTickets,
  (platform) =>
    async (request, { caller }) => {
      const round = await findRound(platform, caller, request);
      const player = await playerOf(platform, caller, request);
      return { tickets: round === undefined ? [] : await ticketsOf(platform, caller, [round], player) };
    },
);

/** Lists a player's tickets of all rounds that run now. */
export const listPlayerTickets = read(
  RaffleTicketServiceService.listPlayerTickets,
  (platform) =>
    async (request, { caller }) => {
      const player = await playerOf(platform, caller, request);
      return { tickets: await ticketsOf(platform, caller, await openRounds(platform, caller), player) };
    },
);

/** Lists the tickets of a round in the order of their numbers. */
export const listRaffleEntries = read(
  RaffleTicketServiceService.listRaffleEntries,
  (platform) =>
    async (request, { caller }) => {
      const round = await findRound(platform, caller, request);
      return listTicketEntries(platform, caller, round?.row.id ?? 0, request);
    },
);

/** The number of the player that a request names. */
async function playerOf(
  { tenants, identify }: Platform,
  caller: Caller,
  { playerId: userId, brandId }: { readonly playerId: string; readonly brandId: string },
): Promise<number> {
  const brand = ownerOf(await tenants.of(caller.operator), caller, brandId);
  return (await identify.find({ userId, brandId: String(brand) }, caller)).player;
}

/** What a player has of rounds, the newest first. */
async function ticketsOf(platform: Platform, { operator }: Caller, of: readonly RoundOf[], player: number) {
  if (of.length === 0) return [];
  const codes = of.map(({ row }) => ticketsCode(row.id, player));
  const rows = await platform.reads((em) =>
    readRows(em, potsTickets, operator, (query) => query.where('t.code', 'in', codes).orderBy('t.round_id', 'desc')),
  );
  return ticketMessages(platform, operator, of, rows);
}

/** The rounds that run now, the newest first. */
async function openRounds({ reads }: Platform, { operator }: Caller): Promise<RoundOf[]> {
  return reads(async (em) => {
    const rows = await readRows(em, rounds, operator, (query) =>
      query.where('t.closed_by', '=', '').where('t.number', '>', 0).orderBy('t.id', 'desc').limit(ROUNDS_MAX),
    );
    const ids = rows.map(({ id }) => id);
    const pools = new Map((await readRowsById(em, ticketPool, operator, ids)).map((pool) => [pool.id, pool]));
    const headIds = [...new Set([...pools.values()].map(({ definitionId }) => definitionId))];
    const heads = await readRowsById(em, definition, operator, headIds);
    const idOf = new Map(heads.map(({ id, code }) => [id, idOfCode(code)]));
    return rows.flatMap((row) => {
      const pool = pools.get(row.id)!;
      return pool.state === poolState.open ? [{ row, pool, instanceId: idOf.get(pool.definitionId)! }] : [];
    });
  });
}
