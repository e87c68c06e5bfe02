import { LootboxServiceService } from '../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { batchOf } from '../../platform/index.ts';
import { draftDraws, firstTableDraws, tableDraws } from '../../prizes/index.ts';
import { defineEngine } from '../kit/index.ts';
import { lootboxes } from './definition.ts';
import { lootboxEvents } from './events.ts';
import { firstPlaysToProve, firstLootboxOpened } from './first-version.ts';
import { getLootboxOdds } from './operations/get-lootbox-odds.ts';
import { simulateLootbox } from './operations/simulate-lootbox.ts';
import { lootboxOpened, openLootbox, secondLootboxOpened } from './operations/open-lootbox.ts';

/** Weighted prize tables with prices, several rolls and guaranteed rewards. */
export const lootboxEngine = defineEngine({
  name: 'lootbox',
  block: 1000,
  service: LootboxServiceService,
  definition: lootboxes,
  operations: {
    openLootbox,
    batchOpen: batchOf(LootboxServiceService.batchOpen, openLootbox, 'opened'),
    getLootboxOdds,
    simulateLootbox,
  },
  events: lootboxEvents,
  facts: [lootboxOpened, secondLootboxOpened, firstLootboxOpened],
  draws: (sources) => [
    tableDraws(sources, lootboxes, lootboxOpened, (content) => content),
    draftDraws(secondLootboxOpened),
    firstTableDraws(sources, lootboxes, firstLootboxOpened, firstPlaysToProve),
  ],
});
