import { definition, idOfCode } from '../../../catalogue/index.ts';
import { readRows, readRowsById, runOne, taskOptions } from '../../../journal/index.ts';
import type { OperatorNo } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import type { Task } from '../../../tasks/index.ts';
import { optIn, type Jackpot } from '../../jackpot/index.ts';
import { instances } from '../instances.ts';
import { carryPage, type CarryPage } from './carrying.ts';
import { CARRY_OPT_INS, optInTransfer, type OptInTransferRow } from './transfer.ts';

/** How many opt-ins one command carries. */
const PAGE = 1000;
/** How long one run carries. It then orders itself again, because a run that takes long counts as abandoned. */
const RUN_MS = 15_000;

/** Carries the opt-ins of a transfer to its end. Safe to run twice, and by several processes at once. */
export const carryOptInsTask: Task = {
  name: CARRY_OPT_INS,
  async run(platform, { operator, id }) {
    const until = Date.now() + RUN_MS;
    for (let ordered = false; !ordered;) {
      const [row] = await platform.reads((em) => readRowsById(em, optInTransfer, operator, [id]));
      if (row!.finishedAt !== 0) return;
      const late = Date.now() >= until;
      // Only a page that this run has carried has ordered the next run.
      ordered = (await carryNext(platform, operator, row!, late)) && late;
    }
  },
};

async function carryNext(
  platform: Platform,
  operator: OperatorNo,
  { id, fromId, toId, position: after }: OptInTransferRow,
  again: boolean,
): Promise<boolean> {
  const heads = await platform.reads((em) => readRowsById(em, definition, operator, [fromId, toId]));
  const instance = async (of: number, fresh: boolean): Promise<Jackpot> => {
    const { code } = heads.find((head) => head.id === of)!;
    return platform.definitions.get(instances, operator, idOfCode(code), fresh);
  };
  const from = await instance(fromId, false);
  const page = await pageOf(platform, operator, from, after);
  const options = taskOptions(operator, id);
  return runOne(
    {
      journal: platform.journal,
      command: carryPage,
      prepare: async (request, fresh) => ({
        options,
        request: { ...request, id, after, from, again, to: await instance(toId, fresh) },
      }),
    },
    page,
  );
}

/** The opt-ins of an instance after a position. */
async function pageOf(
  { reads, newId }: Platform,
  operator: OperatorNo,
  from: Jackpot,
  after: number,
): Promise<Pick<CarryPage, 'players' | 'position' | 'last'>> {
  const rows = await reads((em) =>
    // One more than is carried shows whether there is another page.
    readRows(em, optIn, operator, (query) =>
      query
        .where('t.jackpot_id', '=', from.id)
        .where('t.opted_in', '=', 1)
        .where('t.id', '>', after)
        .orderBy('t.id')
        .limit(PAGE + 1),
    ),
  );
  const page = rows.slice(0, PAGE);
  return {
    players: await Promise.all(page.map(async ({ playerId: player }) => ({ player, newRow: await newId() }))),
    position: page.at(-1)?.id ?? after,
    last: rows.length <= PAGE,
  };
}
