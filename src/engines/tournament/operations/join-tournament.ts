import { TournamentJoined } from '../../../../gen/ts/windfall/facts/v1/tournament.ts';
import { TournamentServiceService } from '../../../../gen/ts/windfall/tournament/v1/tournament.ts';
import { account, accountId, defineFact, type Command, type Transfer } from '../../../journal/index.ts';
import { chain, formatDecimal } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { checkPlay, playNeeds, spends } from '../../../players/index.ts';
import { toPool } from '../bound.ts';
import { joinableSeason } from '../current.ts';
import { tournaments } from '../definition.ts';
import { editEntry, enteringNeeds, entryOf, newEntry, requireOpen, type Entering } from '../entering.ts';
import { season as seasons } from '../entities.ts';

/** A player has joined a season. Its transfer is the buy-in. */
export const tournamentJoined = defineFact<TournamentJoined>({
  name: 'tournament.joined',
  number: 1403,
  version: 1,
  aggregate: seasons,
  codec: TournamentJoined,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const season = rows.edit(seasons, at.aggregate);
    const entry = editEntry(rows, season, data);
    if (data.buyIn === 0n) return;
    entry.paid = data.buyIn;
    season.paid += 1;
    season.buyIns += data.buyIn;
    season.pool += data.toPool;
  },
});

interface JoinAnswer {
  readonly id: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly joined: TournamentJoined;
  readonly replayed: boolean;
}

/**
 * Joins, once per season and player. Throws TOURNAMENT_NOT_ACTIVE, TOURNAMENT_NOT_OPEN, PLAYER_EXCLUDED, LIMIT_REACHED,
 * TOURNAMENT_FULL, INSUFFICIENT_BALANCE, and StaleVersionError if there is another version or season.
 */
export const joining: Command<Entering, JoinAnswer> = {
  name: 'tournament.join',
  active: ({ player }) => player,
  needs(request, rows) {
    enteringNeeds(request, rows);
    const { tournament, season, player } = request;
    const pays = (season?.rules.buyIn ?? 0n) > 0n;
    playNeeds(rows, player, pays);
    if (!pays) return;
    rows.lock(account, accountId('player', player, tournament.asset));
    rows.lock(account, accountId('escrow', season!.row.id, tournament.asset));
  },
  decide(request, snapshot) {
    const season = requireOpen(request, snapshot, true);
    const { tournament, player, brand } = request;
    const { id, number } = season.row;
    const { buyIn } = season.rules;
    const { asset } = tournament;
    const transfers: Transfer[] =
      buyIn === 0n
        ? []
        : [{ from: accountId('player', player, asset), to: accountId('escrow', id, asset), amount: buyIn }];
    const counted = checkPlay(snapshot, player, spends(transfers));
    // Without a buy-in the first score may have made the entry.
    const entry = entryOf(request, snapshot);
    const place =
      entry === undefined
        ? newEntry(tournament, season, snapshot)
        : { entry: BigInt(entry), created: false, block: 0n };
    const data: TournamentJoined = {
      ...place,
      buyIn,
      player: BigInt(player),
      brand: BigInt(brand),
      toPool: toPool(season.rules),
      season: BigInt(number),
    };
    return [{ kind: tournamentJoined, id, data, transfers }, ...counted];
  },
  answer: ({ id, time, facts }, replayed) => ({ id, time, replayed, joined: facts[0]!.data as TournamentJoined }),
};

/** Enters a player into the current season. */
export const joinTournament = write({
  method: TournamentServiceService.joinTournament,
  command: () => joining,
  player: (request) => request,
  definition: tournaments,
  prepare: (_, { platform, caller, who: { player, brandId: brand }, definition: tournament }) =>
    chain(joinableSeason(platform, caller.operator, tournament), (season) => ({
      route: tournament.id,
      once: `${season?.row.id ?? 0}/${player}`,
      request: { tournament, season, player, brand },
    })),
  async respond({ id, time, joined, replayed }, { platform: { definitions }, caller }, request) {
    const { content } = await definitions.get(tournaments, caller.operator, request.id);
    return {
      joinId: id,
      userId: request.userId || caller.userId!,
      season: Number(joined.season),
      asset: content.asset,
      buyIn: formatDecimal(joined.buyIn),
      joinTime: new Date(time / 1000),
      deduped: replayed,
    };
  },
});
