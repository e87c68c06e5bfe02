import * as facts from '../../gen/ts/windfall/facts/v1/tournament.ts';
import type { Golden } from './golden-facts.ts';

/** See golden-facts.ts. */
export const TOURNAMENT_GOLDEN: Readonly<Record<string, Golden>> = {
  TournamentDefinition: {
    message: facts.TournamentDefinition,
    data: {
      tournament: 5n,
      onlySeason: 6n,
      name: 'Race',
      asset: 'WINZ',
      pool: 900n,
      pointsPerUnit: 10n,
      scoreRule: 'sum',
      sharedTies: true,
      prizes: [{ ranks: 2n, share: 7n }],
      buyIn: 3n,
      buyInShare: 4n,
      maxEntries: 8n,
      startAt: 11n,
      endAt: 12n,
      cron: '0 0 * * *',
      zone: 'UTC',
      durationSeconds: 60n,
    },
    hex: '080510061a0452616365220457494e5a288407300a3a0373756d40014a0408021007500358046008680b700c7a09302030202a202a202a82010355544388013c',
  },
  TournamentOpened: { message: facts.TournamentOpened, data: { definition: 9n, nextAt: 11n }, hex: '0809100b' },
  SeasonOpened: {
    message: facts.SeasonOpened,
    data: {
      tournament: 5n,
      definition: 9n,
      number: 2n,
      version: 3n,
      versionId: 4n,
      asset: 1n,
      pool: 900n,
      startAt: 11n,
      endAt: 12n,
      nextAt: 13n,
    },
    hex: '080510091802200328043001388407400b480c500d',
  },
  TournamentJoined: {
    message: facts.TournamentJoined,
    data: { player: 7n, entry: 8n, buyIn: 3n, toPool: 2n, block: 6n, created: true, season: 1n, brand: 2n },
    hex: '08071008180320022806300138014002',
  },
  TournamentScored: {
    message: facts.TournamentScored,
    data: {
      player: 7n,
      entry: 8n,
      scored: 3n,
      points: 5n,
      wagered: 2n,
      block: 6n,
      created: true,
      season: 1n,
      brand: 2n,
    },
    hex: '080710081803200528023006380140014802',
  },
  SeasonClosed: {
    message: facts.SeasonClosed,
    data: { pool: 900n, distributed: 800n, payees: 3n, season: 1n },
    hex: '08840710a00618032001',
  },
  SeasonCancelled: {
    message: facts.SeasonCancelled,
    data: { refunded: 30n, payees: 3n, season: 1n },
    hex: '081e10031801',
  },
};
