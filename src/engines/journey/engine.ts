import { JourneyServiceService } from '../../../gen/ts/windfall/journey/v1/journey.ts';
import { batchOf } from '../../platform/index.ts';
import { defineEngine } from '../kit/index.ts';
import { journeys } from './definition.ts';
import { journeyEvents } from './events.ts';
import { board, BoardSchema, journey, JourneySchema, progress, ProgressSchema } from './entities.ts';
import { journeyOpened } from './opening.ts';
import { fireEvent, journeyAdvanced } from './operations/fire-event.ts';
import { listProgress } from './operations/list-progress.ts';
import { dormantPaged, tellDormantTask } from './tell-dormant.ts';

/** Steps that players are led through by events, with a reward at the end. */
export const journeyEngine = defineEngine({
  name: 'journey',
  block: 1500,
  service: JourneyServiceService,
  definition: journeys,
  operations: {
    fireEvent,
    batchFireEvent: batchOf(JourneyServiceService.batchFireEvent, fireEvent, 'fired'),
    listProgress,
  },
  entities: [BoardSchema, JourneySchema, ProgressSchema],
  tables: [board, journey, progress],
  events: journeyEvents,
  facts: [journeyOpened, journeyAdvanced, dormantPaged],
  draws: () => [],
  tasks: [tellDormantTask],
});
