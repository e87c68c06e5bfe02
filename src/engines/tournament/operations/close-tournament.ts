import { SeasonClosed } from '../../../../gen/ts/windfall/facts/v1/tournament.ts';
import {
  TournamentServiceService,
  type CloseTournamentRequest,
  type CloseTournamentResponse,
  type Prize,
} from '../../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { findHead, idOfCode } from '../../../catalogue/index.ts';
import { defineFact, isDue, readRowsById, taskOptions, type Command } from '../../../journal/index.ts';
import { formatDecimal, type Caller } from '../../../kernel/index.ts';
import { write, type OperationOf, type Platform } from '../../../platform/index.ts';
import { openSettlement } from '../../../settlements/index.ts';
import type { Task } from '../../../tasks/index.ts';
import { placesPaid, prizesOf, type Season } from '../bound.ts';
import { requireSeason, withRules } from '../current.ts';
import { tournaments } from '../definition.ts';
import { endNeeds, fundTransfers, requireBrand, requireUnended, type EndAnswer, type SeasonEnd } from '../ending.ts';
import { notOpen } from '../entering.ts';
import { season as seasons, seasonStatus, type SeasonRow } from '../entities.ts';
import { CLOSE } from '../opening.ts';
import { readPrizes, settling } from '../settling.ts';
import { date, seasonState } from '../view.ts';

/** How many prizes the response to a close has. */
const SHOWN = 100;

/** A season has ended, and its prizes are owed. */
export const seasonClosed = defineFact<SeasonClosed>({
  name: 'tournament.season-closed',
  number: 1405,
  version: 1,
  aggregate: seasons,
  codec: SeasonClosed,
  evolve(_, rows, at) {
    const row = rows.edit(seasons, at.aggregate);
    row.status = seasonStatus.completed;
    row.closedAt = at.time;
  },
});

/** What a season owes if it is closed as it is. */
function owed({ row, rules }: Pick<Season, 'rules'> & { readonly row: Readonly<SeasonRow> }): SeasonClosed {
  const prizes = prizesOf(rules, row);
  const places = placesPaid(prizes, row);
  const distributed = prizes.first(places);
  const payees = distributed === 0n ? 0n : BigInt(places);
  return { pool: row.pool, distributed, payees, season: BigInt(row.number) };
}

/** Closes a season. A task that is not due decides nothing. Throws TOURNAMENT_NOT_OPEN. */
export const closing: Command<SeasonEnd, EndAnswer<SeasonClosed>> = {
  name: CLOSE,
  needs: endNeeds,
  decide(request, snapshot) {
    const { tournament, season, at } = request;
    const row = requireUnended(request, snapshot);
    const { id, number, definitionId, startAt, endAt } = row;
    if (at !== 0 && !isDue(endAt, at, snapshot.now)) return [];
    if (snapshot.now < startAt) throw notOpen(tournament, number, 'scheduled');
    const data = owed({ row, rules: season.rules });
    const transfers = fundTransfers(row, data.distributed);
    return [
      { kind: seasonClosed, id, data, transfers: [] },
      openSettlement({ id, definitionId, payees: Number(data.payees), transfers, task: settling.name }, snapshot),
    ];
  },
  answer: ({ id, time, facts }, replayed) => ({
    id,
    time,
    replayed,
    seasonId: facts[0]?.id ?? 0,
    data: facts[0]?.data as SeasonClosed,
  }),
};

const close = write({
  method: TournamentServiceService.closeTournament,
  command: () => closing,
  definition: tournaments,
  async prepare({ season: number }, { platform, caller, definition: tournament }) {
    const row = await requireSeason(platform, caller.operator, tournament, number);
    const season = await withRules(platform, caller.operator, row);
    return {
      route: tournament.id,
      once: row.id,
      brand: 0,
      request: { tournament, season, brand: caller.brand, at: 0 },
    };
  },
  async respond({ id, time, seasonId, data, replayed }, { platform, caller }, request) {
    const settled = await settling.begin(platform, caller.operator, seasonId);
    const [row] = await platform.reads((em) => readRowsById(em, seasons, caller.operator, [seasonId]));
    const season = await withRules(platform, caller.operator, row!);
    return {
      ...(await closedMessage(platform, caller, request, season, data)),
      closeId: id,
      status: seasonState(row!, settled.finishedAt !== 0, time),
      paid: BigInt(settled.paid),
      withheld: BigInt(settled.withheld),
      closeTime: date(time),
      deduped: replayed,
    };
  },
});

/** Closes a season, or with `dry_run` says what closing it would pay. */
export const closeTournament: OperationOf<typeof TournamentServiceService.closeTournament> = (platform) => {
  const operation = close(platform);
  return async (request, context) =>
    request.dryRun ? dryRun(platform, context.caller, request) : operation(request, context);
};

async function dryRun(
  platform: Platform,
  caller: Caller,
  request: CloseTournamentRequest,
): Promise<CloseTournamentResponse> {
  const { operator } = caller;
  const tournament = await platform.definitions.get(tournaments, operator, request.id);
  const row = await requireSeason(platform, operator, tournament, request.season);
  requireBrand(row, caller.brand);
  const season = await withRules(platform, operator, row);
  const now = Date.now() * 1000;
  if (row.status !== seasonStatus.open || now < row.startAt)
    throw notOpen(tournament, row.number, seasonState(row, true, now));
  return {
    ...(await closedMessage(platform, caller, request, season, owed(season))),
    closeId: '',
    status: 'open',
    paid: 0n,
    withheld: 0n,
    closeTime: undefined,
    deduped: false,
  };
}

type Paid = 'closeId' | 'status' | 'paid' | 'withheld' | 'closeTime' | 'deduped';

async function closedMessage(
  platform: Platform,
  { operator, brand }: Caller,
  { id }: CloseTournamentRequest,
  { row, rules }: Season,
  { pool, distributed, payees, season }: SeasonClosed,
): Promise<Omit<CloseTournamentResponse, Paid>> {
  const places = await readPrizes(platform, operator, row, rules, 0, SHOWN);
  const prizes = places.map(({ place, shared, userId, brandId, points, prize }): Prize => ({
    rank: BigInt(rules.sharedTies ? shared : place),
    userId: brand === null || brand === brandId ? userId : '',
    points: formatDecimal(points),
    amount: formatDecimal(prize),
  }));
  const [total, paid] = [formatDecimal(pool), formatDecimal(distributed)];
  return {
    tournamentId: id,
    season: Number(season),
    asset: rules.asset,
    pool: total,
    distributed: paid,
    prizes,
    payees,
  };
}

/** Closes a season at its end. */
export const closeTask: Task = {
  name: CLOSE,
  async run(platform, { operator, id, at }) {
    const { reads, journal } = platform;
    const [row] = await reads((em) => readRowsById(em, seasons, operator, [id]));
    if (row!.status !== seasonStatus.open) return;
    const season = await withRules(platform, operator, row!);
    const code = idOfCode((await findHead(reads, operator, row!.definitionId))!.code);
    const options = taskOptions(operator, row!.tournamentId, { operation: CLOSE, of: id });
    await journal.run(closing, { tournament: { code }, season, brand: null, at }, options);
  },
};
