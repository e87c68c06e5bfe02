import type { JourneyDefinition } from '../../../../gen/ts/windfall/facts/v1/journey.ts';
import { JourneyServiceService, type Progress } from '../../../../gen/ts/windfall/journey/v1/journey.ts';
import { findRow, readRows, readRowsById } from '../../../journal/index.ts';
import { ApiError, pageOf, type Caller } from '../../../kernel/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { journeys } from '../definition.ts';
import { journey, progress, progressCode, type ProgressRow } from '../entities.ts';
import { action, currentStep } from '../rules.ts';

/** Returns a page of the players who have begun a journey, or one of them. */
export const listProgress = read(JourneyServiceService.listProgress, (platform) => async (request, { caller }) => {
  const { reads, identify, players } = platform;
  const { operator } = caller;
  const { shown } = await getDefinition<JourneyDefinition, object>(
    platform,
    journeys,
    { id: request.id, version: 0 },
    caller,
  );
  const [opened] = await reads((em) => readRowsById(em, journey, operator, [Number(shown.content.journey)]));
  const isOwn = caller.role === 'player';
  const one =
    isOwn || request.userId !== ''
      ? await Promise.resolve(identify.find(request, caller)).catch((error: unknown) => {
          // Players who have done nothing yet may be unknown.
          if (isOwn && error instanceof ApiError && error.reason === 'PLAYER_NOT_FOUND') return { player: 0 };
          throw error;
        })
      : undefined;
  const { items, nextPageToken } = await pageOf(request, {
    name: `progress/${shown.definitionId}/${one?.player ?? ''}`,
    read: async (after, limit) => {
      if (opened === undefined) return [];
      if (one === undefined) return pageOfAll(platform, caller, opened.place, after, limit);
      const row = await reads((em) => findRow(em, progress, operator, progressCode(opened.place, one.player)));
      return row === undefined ? [] : [row];
    },
    position: ({ playerId }) => playerId,
  });
  const named = await players.byId(
    operator,
    items.map(({ playerId }) => playerId),
  );
  return {
    progress: items.map((row) => messageOf(row, shown.content, named.get(row.playerId)!.userId)),
    nextPageToken,
  };
});

/** Players of the caller's brand, or of all. */
function pageOfAll(
  { reads }: Platform,
  { operator, brand }: Caller,
  place: number,
  after: string,
  limit: number,
): Promise<ProgressRow[]> {
  return reads((em) =>
    readRows(em, progress, operator, (query) => {
      // "0" is the character after "/": it ends the range of a journey's codes.
      const range = query
        .where('t.code', '>', `${place}/${after}`)
        .where('t.code', '<', `${place}0`)
        .orderBy('t.code')
        .limit(limit);
      return brand === null ? range : range.where('t.brand_id', '=', brand);
    }),
  );
}

const STATUSES = new Map<number, string>([
  [action.advanced, 'active'],
  [action.completed, 'completed'],
  [action.expired, 'expired'],
]);

function messageOf(row: ProgressRow, { steps }: JourneyDefinition, userId: string): Progress {
  const next = row.status === action.advanced ? currentStep(steps, row.steps) : undefined;
  const after = (seconds = 0): Date | undefined =>
    seconds === 0 ? undefined : new Date(row.steppedAt / 1000 + seconds * 1000);
  return {
    userId,
    status: STATUSES.get(row.status)!,
    currentStep: row.steps,
    startTime: new Date(row.startedAt / 1000),
    stepTime: new Date(row.steppedAt / 1000),
    delayTime: after(next?.delaySeconds),
    expireTime: after(next?.expireSeconds),
  };
}
