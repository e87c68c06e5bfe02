import { defineEntity } from '@mikro-orm/core';
import { column, stateKey } from '../../../src/db/index.ts';
import { defineFact, isDue, stateTable, taskOptions, type Command } from '../../../src/journal/index.ts';
import type { Task } from '../../../src/tasks/index.ts';
import { ChestRefreshed } from '../gen/chest/v1/facts.ts';

/** The period of a chest. Opens and changes of the definition lock it, so that they are decided one by one. */
export const PeriodSchema = defineEntity({
  name: 'ChestPeriod',
  tableName: 'chest_period',
  properties: {
    ...stateKey,
    /** The opens of the current period; 0: the next open begins one. */
    opens: column.integer(),
    /** When that period ends, or the last one ended. */
    refreshAt: column.time(),
  },
});
export const period = stateTable(PeriodSchema, { number: 9901, rank: 1 });

/** A period of a chest is over. */
export const chestRefreshed = defineFact<ChestRefreshed>({
  name: 'chest.refreshed',
  number: 9902,
  version: 1,
  aggregate: period,
  codec: ChestRefreshed,
  evolve: (_, rows, at) => {
    rows.edit(period, at.aggregate).opens = 0;
  },
});

/** Ends a period. Decides nothing if it has already ended, so it is safe to run twice. */
const refresh: Command<{ readonly id: number; readonly at: number }, void> = {
  name: 'chest.refresh',
  needs: ({ id }, rows) => rows.lock(period, id),
  decide({ id, at }, snapshot) {
    const { opens, refreshAt } = snapshot.row(period, id);
    if (opens === 0 || !isDue(refreshAt, at, snapshot.now)) return [];
    return [{ kind: chestRefreshed, id, data: { opens }, transfers: [] }];
  },
  answer: () => undefined,
};

/** Ends a period when its time is up. */
export const refreshTask: Task = {
  name: refresh.name,
  run: ({ journal }, { operator, id, at }) => journal.run(refresh, { id, at }, taskOptions(operator, id)),
};
