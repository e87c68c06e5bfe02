import type { PlayTable } from '../../../../gen/ts/windfall/facts/v1/prizes.ts';
import { LootboxServiceService } from '../../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { read } from '../../../platform/index.ts';
import { simulatePlays } from '../../../prizes/index.ts';
import { contentOf } from '../../kit/index.ts';
import { lootboxes } from '../definition.ts';

/** Simulates opens of a version, or of a definition that is not published. */
export const simulateLootbox = read(
  LootboxServiceService.simulateLootbox,
  (platform) =>
    async function* (request, { caller, signal }) {
      const content = await contentOf<PlayTable>(platform, lootboxes, request, caller);
      yield* simulatePlays(content, request, signal);
    },
);
