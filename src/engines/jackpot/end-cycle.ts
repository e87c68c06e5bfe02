import { findHead, idOfCode } from '../../catalogue/index.ts';
import { readRowsById, runOne, taskOptions } from '../../journal/index.ts';
import type { Task } from '../../tasks/index.ts';
import { closing } from './closing.ts';
import { jackpots } from './definition.ts';
import { jackpot as heads, pot as pots } from './entities.ts';
import { END_CYCLE } from './winning.ts';

/**
 * Ends the cycle of a pot whose time is up, by the number of its row. A hidden time is ordered first: the task runs at
 * the start of the range that it is in.
 */
export const endCycleTask: Task = {
  name: END_CYCLE,
  async run({ reads, journal, definitions, keys, newId }, { operator, id, at }) {
    const definitionId = await reads(async (em) => {
      const [row] = await readRowsById(em, pots, operator, [id]);
      return (await readRowsById(em, heads, operator, [row!.jackpotId]))[0]!.definitionId;
    });
    const code = idOfCode((await findHead(reads, operator, definitionId))!.code);
    const ending = await newId();
    await runOne(
      {
        journal,
        command: closing(keys),
        async prepare(_: null, fresh) {
          const jackpot = await definitions.get(jackpots, operator, code, fresh);
          const pot = jackpot.pots.find((one) => one.id === id)!;
          const request = { jackpot, pot, at, ending, end: 'time' as const };
          return { request, options: taskOptions(operator, jackpot.id) };
        },
      },
      null,
    );
  },
};
