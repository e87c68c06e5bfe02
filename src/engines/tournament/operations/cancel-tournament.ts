import { SeasonCancelled } from '../../../../gen/ts/windfall/facts/v1/tournament.ts';
import { TournamentServiceService } from '../../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { defineFact, readRowsById, type Command } from '../../../journal/index.ts';
import { formatDecimal } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { openSettlement } from '../../../settlements/index.ts';
import { requireSeason, withRules } from '../current.ts';
import { tournaments } from '../definition.ts';
import { endNeeds, requireUnended, type EndAnswer, type SeasonEnd } from '../ending.ts';
import { season as seasons, seasonStatus } from '../entities.ts';
import { settling } from '../settling.ts';
import { seasonState } from '../view.ts';

/** A season has ended without prizes, and its buy-ins are owed. */
export const seasonCancelled = defineFact<SeasonCancelled>({
  name: 'tournament.season-cancelled',
  number: 1406,
  version: 1,
  aggregate: seasons,
  codec: SeasonCancelled,
  evolve(_, rows, at) {
    const row = rows.edit(seasons, at.aggregate);
    row.status = seasonStatus.cancelled;
    row.closedAt = at.time;
  },
});

/** Cancels a season. Throws TOURNAMENT_NOT_OPEN. */
export const cancelling: Command<SeasonEnd, EndAnswer<SeasonCancelled>> = {
  name: 'tournament.cancel',
  needs: endNeeds,
  decide(request, snapshot) {
    const { id, number, definitionId, buyIns, paid } = requireUnended(request, snapshot);
    const data = { refunded: buyIns, payees: BigInt(paid), season: BigInt(number) };
    return [
      { kind: seasonCancelled, id, data, transfers: [] },
      openSettlement({ id, definitionId, payees: paid, transfers: [], task: settling.name }, snapshot),
    ];
  },
  answer: ({ id, time, facts: [fact] }, replayed) => ({ id, time, replayed, seasonId: fact!.id, data: fact!.data }),
};

/** Ends a season without prizes, and gives back its buy-ins. */
export const cancelTournament = write({
  method: TournamentServiceService.cancelTournament,
  command: () => cancelling,
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
  async respond({ id, time, seasonId, data, replayed }, { platform: { reads }, platform, caller }, request) {
    const settled = await settling.begin(platform, caller.operator, seasonId);
    const [row] = await reads((em) => readRowsById(em, seasons, caller.operator, [seasonId]));
    return {
      cancelId: id,
      tournamentId: request.id,
      season: Number(data.season),
      status: seasonState(row!, settled.finishedAt !== 0, time),
      asset: (await withRules(platform, caller.operator, row!)).rules.asset,
      refunded: formatDecimal(data.refunded),
      payees: data.payees,
      paid: BigInt(settled.paid),
      withheld: BigInt(settled.withheld),
      cancelTime: new Date(time / 1000),
      deduped: replayed,
    };
  },
});
