import { readRowsById, taskOptions } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { PAGE, payPage, settlement, type Payee, type SettlementRow } from '../../settlements/index.ts';
import type { Task } from '../../tasks/index.ts';

export type { Payee } from '../../settlements/index.ts';

/** How long one run of a task pays. It then orders itself again, because a run that takes long counts as abandoned. */
const RUN_MS = 15_000;
/** How many pages a call pays itself, before it leaves the rest to the task. */
const CALL_PAGES = 4;

/** The payees of an engine's settlements. */
export interface SettlementSource {
  /** The task's name, such as "tournament.settle". */
  readonly name: string;
  /**
   * Up to `limit` payees after a position, in ascending order. They are read from rows that no longer change, so a
   * position always has the same payee, who is owed the same.
   */
  payees(
    platform: Platform,
    operator: OperatorNo,
    row: SettlementRow,
    position: number,
    limit: number,
  ): Promise<readonly Payee[]>;
}

/** A task that pays an engine's settlements, and the same work within a call. */
export interface Settling extends Task {
  /** Pays the first pages at once, so that small settlements are finished when the call is answered. */
  begin(platform: Platform, operator: OperatorNo, id: number): Promise<SettlementRow>;
}

/** Pays settlements to their end: see `openSettlement`. Safe to run twice, and by several processes at once. */
export function settlementTask({ name, payees }: SettlementSource): Settling {
  const read = async ({ reads }: Platform, operator: OperatorNo, id: number): Promise<SettlementRow> =>
    (await reads((em) => readRowsById(em, settlement, operator, [id])))[0]!;
  /** @param again whether to order the task for the pages after this one. */
  const payNext = async (
    platform: Platform,
    operator: OperatorNo,
    row: SettlementRow,
    again: boolean,
  ): Promise<boolean> => {
    const { id, position } = row;
    // One more than is paid shows whether there is another page.
    const read = await payees(platform, operator, row, position, PAGE + 1);
    const [page, last] = [read.slice(0, PAGE), read.length <= PAGE];
    return platform.journal.run(
      payPage,
      { id, after: position, payees: page, last, task: again ? name : '' },
      taskOptions(operator, id),
    );
  };
  return {
    name,
    async begin(platform, operator, id) {
      let row = await read(platform, operator, id);
      for (let pages = 0; pages < CALL_PAGES && row.finishedAt === 0; pages++) {
        await payNext(platform, operator, row, false);
        row = await read(platform, operator, id);
      }
      return row;
    },
    async run(platform, { operator, id }) {
      const until = Date.now() + RUN_MS;
      for (let ordered = false; !ordered;) {
        const row = await read(platform, operator, id);
        if (row.finishedAt !== 0) return;
        const late = Date.now() >= until;
        // Only a page that this run has paid has ordered the next run.
        ordered = (await payNext(platform, operator, row, late)) && late;
      }
    },
  };
}
