import type { JackpotDefinition } from '../../../../gen/ts/windfall/facts/v1/facts.ts';
import { JackpotServiceService, type Jackpot } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { readShownRows } from '../../../catalogue/index.ts';
import { read } from '../../../platform/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { commitmentsMessage } from '../commitments.ts';
import { jackpots } from '../definition.ts';

/** Returns a jackpot's commitments. */
export const getJackpotCommitments = read(
  JackpotServiceService.getJackpotCommitments,
  (platform) =>
    async ({ id }, { caller }) => {
      const { reads, keys } = platform;
      const { shown } = await getDefinition<JackpotDefinition, Partial<Jackpot>>(
        platform,
        jackpots,
        { id, version: 0 },
        caller,
      );
      const rows = await readShownRows(reads, jackpots, caller.operator, [shown.content]);
      return { id, version: shown.version, ...commitmentsMessage(shown.content, { rows, keys }) };
    },
);
