import { findHead, idOfCode, isActive, requireActive } from '../../catalogue/index.ts';
import { account, isDue, readRowsById, runOne, taskOptions, type Command } from '../../journal/index.ts';
import type { Task } from '../../tasks/index.ts';
import { jackpots } from './definition.ts';
import { endNeeds, endNeedsThen, payTo, type CycleEnd } from './ending.ts';
import { jackpot as heads, pot as pots } from './entities.ts';
import { END_CYCLE, lapsedFact } from './winning.ts';

/**
 * Ends the cycle of a pot whose time is up: pays the player who contributed last, otherwise starts another cycle.
 * Decides nothing if that has already happened, or if the jackpot is not active: the task is ordered again when it
 * becomes active.
 */
export const endCycle: Command<CycleEnd & { readonly at: number }, void> = {
  name: END_CYCLE,
  needs: endNeeds,
  needsThen: endNeedsThen,
  later: account.rank,
  decide({ jackpot, pot, at }, snapshot) {
    const row = snapshot.row(pots, pot.id);
    if (!isActive(jackpot, snapshot) || row.dueAt === 0 || !isDue(row.dueAt, at, snapshot.now)) return [];
    requireActive(jackpots, jackpot, snapshot);
    if (row.lastPlayer === 0 || row.value === 0n) return [lapsedFact(jackpot, pot, row, snapshot)];
    return [payTo(row.lastPlayer, jackpot, pot, row, 'must_drop_time', snapshot)];
  },
  answer: () => undefined,
};

/** Ends the cycle of a pot, by the number of its row. */
export const endCycleTask: Task = {
  name: END_CYCLE,
  async run({ reads, journal, definitions }, { operator, id, at }) {
    const definitionId = await reads(async (em) => {
      const [row] = await readRowsById(em, pots, operator, [id]);
      return (await readRowsById(em, heads, operator, [row!.jackpotId]))[0]!.definitionId;
    });
    const code = idOfCode((await findHead(reads, operator, definitionId))!.code);
    await runOne(
      {
        journal,
        command: endCycle,
        async prepare(_: null, fresh) {
          const jackpot = await definitions.get(jackpots, operator, code, fresh);
          const pot = jackpot.pots.find((one) => one.id === id)!;
          return { request: { jackpot, pot, at, winner: 0 }, options: taskOptions(operator, jackpot.id) };
        },
      },
      null,
    );
  },
};
