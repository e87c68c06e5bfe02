import { JourneyOpened, type JourneyDefinition } from '../../../gen/ts/windfall/facts/v1/journey.ts';
import type { Opening } from '../../catalogue/index.ts';
import { defineFact } from '../../journal/index.ts';
import { ApiError } from '../../kernel/index.ts';
import { dormantOrder, nextDay } from './dormant-days.ts';
import { board, BOARD, journey, PLACES_MAX } from './entities.ts';

/** A journey was active for the first time: it has a place among the operator's journeys. */
export const journeyOpened = defineFact<JourneyOpened>({
  name: 'journey.opened',
  number: 1501,
  version: 1,
  aggregate: board,
  codec: JourneyOpened,
  evolve(data, rows, at) {
    const shared = rows.edit(board, at.aggregate);
    shared.places = data.place;
    if (data.dueAt > 0n) shared.dueAt = Number(data.dueAt);
    const row = rows.edit(journey, Number(data.journey));
    row.definitionId = Number(data.definition);
    row.place = data.place;
  },
});

/** Gives a journey its place. With the operator's first journey, the daily look-up of dormant players begins. */
export const opening: Opening<JourneyDefinition, undefined> = {
  prepare: () => undefined,
  needs({ journey: id }, rows) {
    rows.lock(board, BOARD);
    rows.lock(journey, Number(id));
  },
  open(content, { definitionId }, snapshot) {
    const { places, dueAt } = snapshot.row(board, BOARD);
    if (places >= PLACES_MAX) {
      throw new ApiError('TOO_MANY_JOURNEYS', `an operator can have ${PLACES_MAX} journeys`, {
        details: { limit: String(PLACES_MAX) },
      });
    }
    const first = dueAt === 0 ? nextDay(snapshot.now) : 0;
    const data: JourneyOpened = {
      journey: content.journey,
      definition: BigInt(definitionId),
      place: places + 1,
      dueAt: BigInt(first),
    };
    const tasks = first === 0 ? [] : [dormantOrder(first)];
    return [{ kind: journeyOpened, id: BOARD, data, transfers: [], tasks }];
  },
};
