import type { JackpotDefinitionV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { JackpotServiceService, type Jackpot } from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { readShownRows } from '../../../catalogue/index.ts';
import { parseDecimal } from '../../../kernel/index.ts';
import { read } from '../../../platform/index.ts';
import { getDefinition } from '../../kit/index.ts';
import { commitmentsMessage } from '../commitments.ts';
import { jackpots } from '../definition.ts';

/** Returns a jackpot's commitments. */
export const getJackpotCommitments = read(
  JackpotServiceService.getJackpotCommitments,
  (platform) =>
    async ({ id, amount }, { caller }) => {
      const { reads, keys } = platform;
      const { shown } = await getDefinition<JackpotDefinitionV2, Partial<Jackpot>>(
        platform,
        jackpots,
        { id, version: 0 },
        caller,
      );
      const rows = await readShownRows(reads, jackpots, caller.operator, [shown.content]);
      return {
        id,
        version: shown.version,
        ...commitmentsMessage(shown.content, parseDecimal(amount || '1')!, { rows, keys }),
      };
    },
);
