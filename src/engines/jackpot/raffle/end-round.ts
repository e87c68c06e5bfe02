import { findHead, idOfCode } from '../../../catalogue/index.ts';
import { readRowsById, runOne, taskOptions } from '../../../journal/index.ts';
import type { Task } from '../../../tasks/index.ts';
import { jackpots } from '../definition.ts';
import { jackpot as heads } from '../entities.ts';
import { endingRound } from './close-round.ts';
import { readRound } from './current-round.ts';
import { END_ROUND, newRound } from './round.ts';

/** Ends the round of a jackpot whose time is up, or that was archived, by the number of the jackpot's row. */
export const endRoundTask: Task = {
  name: END_ROUND,
  async run({ reads, journal, definitions, keys, newId }, { operator, id, at }) {
    const [head] = await reads((em) => readRowsById(em, heads, operator, [id]));
    const code = idOfCode((await findHead(reads, operator, head!.definitionId))!.code);
    await runOne(
      {
        journal,
        command: endingRound,
        async prepare(_: null, fresh) {
          const jackpot = await definitions.get(jackpots, operator, code, fresh);
          const { row, pool } = (await readRound(reads, operator, id))!;
          const next = jackpot.instance!.raffle!.recurring && pool.tickets > 0 ? newRound(await newId(), keys) : null;
          return { request: { jackpot, next, at, round: row.id }, options: taskOptions(operator, id) };
        },
      },
      null,
    );
  },
};
