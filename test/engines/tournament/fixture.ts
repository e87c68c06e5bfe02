import type { TournamentDefinition } from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import { changeDefinition } from '../../../src/catalogue/index.ts';
import { newStream } from '../../../src/fairness/index.ts';
import type { Tournament } from '../../../src/engines/tournament/bound.ts';
import { currentSeason } from '../../../src/engines/tournament/current.ts';
import { tournaments } from '../../../src/engines/tournament/definition.ts';
import { joining } from '../../../src/engines/tournament/operations/join-tournament.ts';
import { scoring, type ScoreAnswer } from '../../../src/engines/tournament/operations/submit-score.ts';
import { accountId, runOne, type CallOptions } from '../../../src/journal/index.ts';
import { createTransfer } from '../../../src/ledger/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import { createPlayer } from '../../../src/players/index.ts';
import { options, STRANGER } from '../../journal/fixture.ts';
import { keys } from '../jackpot/fixture.ts';

export const ASSET = 1;
export const UNIT = 1_000_000n;
export const BRAND = 1;

/** Three places, points as they are given, and no end: but for what is given. */
export const terms = (more: Partial<TournamentDefinition> = {}): TournamentDefinition => ({
  tournament: 0n,
  onlySeason: 0n,
  name: 'a tournament',
  asset: 'WINZ',
  pool: 1000n * UNIT,
  pointsPerUnit: UNIT,
  scoreRule: 'sum',
  sharedTies: false,
  prizes: [500_000n, 300_000n, 200_000n].map((share) => ({ ranks: 1n, share })),
  buyIn: 0n,
  buyInShare: UNIT,
  maxEntries: 0n,
  startAt: 0n,
  endAt: 0n,
  cron: '',
  zone: '',
  durationSeconds: 0n,
  ...more,
});

/** Creates a tournament that is active at once. */
export async function makeTournament({ journal, newId }: Platform, given: TournamentDefinition): Promise<Tournament> {
  const [id, versionId, row, season] = [await newId(), await newId(), await newId(), await newId()];
  const content = { ...given, tournament: BigInt(row), onlySeason: given.cron === '' ? BigInt(season) : 0n };
  const code = `tournament-${row}`;
  const stored = {
    versionId: BigInt(versionId),
    format: tournaments.format,
    definition: Buffer.from(tournaments.encode(content)),
    configHash: Buffer.alloc(0),
  };
  await journal.run(
    changeDefinition(tournaments),
    {
      act: 'create',
      id,
      code,
      content,
      sequence: 0,
      base: null,
      reason: '',
      expectedVersion: 0,
      keyed: false,
      desired: { content: stored, status: '', effectiveAt: 0, touches: true },
      prepared: tournaments.opening!.prepare(content, keys),
      assetNo: () => ASSET,
    },
    options(),
  );
  return { definitionId: id, code, version: 1, versionId, content, id: row, asset: ASSET };
}

/** Creates players of one brand; returns their numbers. */
export async function makePlayers({ journal, newId }: Platform, count: number, funds = 0n): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < count; n++) ids.push(await newId());
  await Promise.all(
    ids.map(async (id) => {
      const profile = { ...STRANGER, id, brandId: BRAND, userId: `u${id}`, streamName: newStream('player') };
      await journal.run(createPlayer, profile, options());
      if (funds === 0n) return;
      const transfer = { from: accountId('operator', 0, ASSET), to: accountId('player', id, ASSET), amount: funds };
      await journal.run(createTransfer, transfer, options());
    }),
  );
  return ids;
}

/** The call's tournament as a process reads it: again, if what it knew was outdated. */
export const entering = async (platform: Platform, tournament: Tournament, player: number, fresh: boolean) => {
  if (fresh) delete tournament.current;
  return { tournament, season: await currentSeason(platform, 1, tournament), player, brand: BRAND };
};

/** Has a player join the current season. */
export const join = (platform: Platform, tournament: Tournament, player: number): Promise<unknown> =>
  runOne(
    {
      journal: platform.journal,
      command: joining,
      prepare: async (_: null, fresh: boolean) => ({
        request: await entering(platform, tournament, player, fresh),
        options: options({ route: tournament.id }),
      }),
    },
    null,
  );

/** Scores points for a player. */
export const score = (
  platform: Platform,
  tournament: Tournament,
  player: number,
  points: bigint,
  more: Partial<CallOptions> = {},
): Promise<ScoreAnswer> =>
  runOne(
    {
      journal: platform.journal,
      command: scoring,
      prepare: async (_: null, fresh: boolean) => ({
        request: { ...(await entering(platform, tournament, player, fresh)), wagered: 0n, given: points },
        options: options({ route: tournament.id, ...more }),
      }),
    },
    null,
  );

/** The same tournament as another process has it. */
export function otherView(tournament: Tournament): Tournament {
  const other = { ...tournament };
  delete other.current;
  return other;
}
