import type { JsonObject } from '@bufbuild/protobuf';
import { TOURNAMENT } from './definitions.ts';
import type { Scene } from './scene.ts';
import type { Entry } from './tenancy-things.ts';

const player = ({ player: user_id, brand: brand_id }: Scene): JsonObject => ({ user_id, brand_id });
const tournament = async (scene: Scene): Promise<JsonObject> => ({ id: await scene.tournament() });
const join = async (scene: Scene): Promise<JsonObject> => ({
  ...(await tournament(scene)),
  ...player(scene),
  idempotency_key: scene.unique('join'),
});
const score = async (scene: Scene): Promise<JsonObject> => ({
  ...(await tournament(scene)),
  ...player(scene),
  wagered: 1,
  source_wager_id: scene.unique('next-score'),
  idempotency_key: scene.unique('score'),
});
const list = (request: (scene: Scene) => Promise<JsonObject>) => async (scene: Scene) => ({
  ...(await request(scene)),
  page_size: 500,
});
const batch = (request: (scene: Scene) => Promise<JsonObject>) => async (scene: Scene) => ({
  items: [await request(scene)],
});

/** See tenancy-table.ts. */
export const TOURNAMENT_ENTRIES: Readonly<Record<string, Entry>> = {
  'TournamentService.ListTournaments': { names: [], request: list(async (scene) => (await scene.tournament(), {})) },
  'TournamentService.GetTournament': { names: ['tournament'], request: tournament },
  'TournamentService.SubmitScore': { names: ['player', 'tournament'], request: score, createsPlayer: true },
  'TournamentService.BatchScore': { names: ['player', 'tournament'], request: batch(score), createsPlayer: true },
  'TournamentService.StreamScores': { names: ['player', 'tournament'], request: batch(score), createsPlayer: true },
  'TournamentService.JoinTournament': { names: ['player', 'tournament'], request: join, createsPlayer: true },
  'TournamentService.BatchJoin': { names: ['player', 'tournament'], request: batch(join), createsPlayer: true },
  'TournamentService.GetLeaderboard': {
    names: ['tournament'],
    request: async (scene) => ({ ...(await tournament(scene)), limit: 500 }),
  },
  'TournamentService.GetLeaderboard around a player': {
    names: ['player', 'tournament'],
    request: async (scene) => ({
      ...(await tournament(scene)),
      around_user_id: scene.player,
      brand_id: scene.brand,
    }),
  },
  'TournamentService.WatchLeaderboard': {
    names: ['tournament'],
    request: async (scene) => ({ ...(await tournament(scene)), last_event_id: '1-1' }),
  },
  'TournamentService.ListSeasons': { names: ['tournament'], request: list(tournament) },
  'TournamentService.CloseTournament': { names: ['season'], request: tournament },
  'TournamentService.CloseTournament as a dry run': {
    names: ['season'],
    request: async (scene) => ({ ...(await tournament(scene)), dry_run: true }),
  },
  'TournamentService.CancelTournament': { names: ['season'], request: tournament },
  'TournamentService.CreateTournament': {
    names: [],
    request: (scene) => ({ ...TOURNAMENT, id: scene.unique('made') }),
    open: true,
  },
  'TournamentService.UpdateTournament': {
    names: ['tournament'],
    request: async (scene) => ({ ...(await tournament(scene)), name: 'New' }),
  },
  'TournamentService.ArchiveTournament': { names: ['tournament'], request: tournament },
  'TournamentService.ListTournamentChanges': { names: ['tournament'], request: list(tournament) },
};
