import { defineEngine } from '../../../src/engines/kit/index.ts';
import { batchOf, streamOf } from '../../../src/platform/index.ts';
import { ChestServiceService } from '../gen/chest/v1/chest.ts';
import { chests } from './definition.ts';
import { chestOpened, openChest } from './operations/open-chest.ts';
import { chestRefreshed, period, PeriodSchema, refreshTask } from './period.ts';
import { chestDraws } from './proof.ts';

/** Chests with one prize table, and a bonus for the first open of each period. */
export const chestEngine = defineEngine({
  name: 'chest',
  block: 9900,
  service: ChestServiceService,
  definition: chests,
  operations: {
    openChest,
    batchOpenChest: batchOf(ChestServiceService.batchOpenChest, openChest, 'opened'),
    streamOpenChest: streamOf(ChestServiceService.streamOpenChest, openChest, 'opened', 1000),
  },
  entities: [PeriodSchema],
  tables: [period],
  facts: [chestOpened, chestRefreshed],
  draws: chestDraws,
  tasks: [refreshTask],
});
