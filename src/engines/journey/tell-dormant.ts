import { DormantPaged } from '../../../gen/ts/windfall/facts/v1/journey.ts';
import {
  activeOn,
  DAY,
  defineFact,
  hashKey,
  isDue,
  readRowsById,
  runInOrder,
  taskOptions,
  type Command,
} from '../../journal/index.ts';
import { ApiError, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Task } from '../../tasks/index.ts';
import { journeys } from './definition.ts';
import { dormantOrder, TELL_DORMANT } from './dormant-days.ts';
import { board, BOARD } from './entities.ts';
import { firing, journeysWith } from './operations/fire-event.ts';

const TRIGGER = 'dormant_7d';
/** How many days after the last activity the trigger is fired. */
const DAYS = 7;
/** How many players one run of the task tells: it takes about a second. */
const PAGE = 2000;

/** A page of dormant players has been told, or the day is done. */
export const dormantPaged = defineFact<DormantPaged>({
  name: 'journey.dormant-paged',
  number: 1503,
  version: 1,
  aggregate: board,
  codec: DormantPaged,
  evolve({ dueAt, after }, rows, at) {
    const row = rows.edit(board, at.aggregate);
    row.dueAt = Number(dueAt);
    row.after = Number(after);
  },
});

interface Page {
  /** When the day began that the page is for. */
  readonly at: number;
  /** The last player of the page before. */
  readonly from: number;
  /** The last player of the page; 0: it was the last page. */
  readonly to: number;
}

/** Ends a page, and orders the next one. Decides nothing if it was ended before. */
const endPage: Command<Page, void> = {
  name: TELL_DORMANT,
  needs: (_, rows) => rows.lock(board, BOARD),
  decide({ at, from, to }, snapshot) {
    const { dueAt, after } = snapshot.row(board, BOARD);
    if (dueAt !== at || after !== from || !isDue(dueAt, at, snapshot.now)) return [];
    const next = to === 0 ? at + DAY : at;
    const data = { dueAt: BigInt(next), after: BigInt(to) };
    return [{ kind: dormantPaged, id: BOARD, data, transfers: [], tasks: [dormantOrder(next)] }];
  },
  answer: () => undefined,
};

/**
 * Fires dormant_7d for the players whose last activity was on the day seven days before the one that has begun: a page
 * of them, then it orders itself for the next page, or the next day. Days that no server was running for follow one
 * after another. Each player is told once for a day, because the key is derived from both.
 */
export const tellDormantTask: Task = {
  name: TELL_DORMANT,
  async run(platform, { operator, at }) {
    const { reads, journal, definitions } = platform;
    const [row] = await reads((em) => readRowsById(em, board, operator, [BOARD]));
    if (row === undefined || row.dueAt !== at) return;
    const wanted = journeysWith(await definitions.active(journeys, operator, true), TRIGGER).length > 0;
    const day = at / DAY - DAYS;
    const players = wanted ? await reads((em) => activeOn(em, operator, day, row.after, PAGE)) : [];
    await tell(platform, operator, at / DAY, players);
    const to = players.length < PAGE ? 0 : players.at(-1)!;
    await journal.run(endPage, { at, from: row.after, to }, taskOptions(operator, BOARD));
  },
};

/** Tells the journeys of players. What concerns one player alone does not stop the others. */
async function tell(
  { journal, definitions, players }: Platform,
  operator: OperatorNo,
  day: number,
  numbers: readonly number[],
): Promise<void> {
  const rows = await players.byId(operator, numbers);
  const outcomes = await runInOrder(
    {
      journal,
      command: firing,
      async prepare(player: number, fresh) {
        const shelf = await definitions.active(journeys, operator, fresh);
        const scope = { operator, brand: 0, operation: TELL_DORMANT, userId: null };
        return {
          request: {
            player,
            brand: rows.get(player)!.brandId,
            shelf,
            trigger: TRIGGER,
            attributes: {},
            journeys: journeysWith(shelf, TRIGGER),
            byPlayer: false,
          },
          options: { ...taskOptions(operator, player), keys: [hashKey(scope, `${TRIGGER}/${day}/${player}`)] },
        };
      },
    },
    numbers,
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected' && isOurs(outcome.reason)) throw outcome.reason;
}

/** Whether a failure is not about the player: then the page is retried. */
function isOurs(reason: unknown): boolean {
  return !(reason instanceof ApiError) || ['UNAVAILABLE', 'OVERLOADED', 'INTERNAL'].includes(reason.reason);
}
