/** The tasks of instances while servers are killed: rounds of raffles, shares of wins, and transfers of opt-ins. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runSql } from '../support/sql.ts';
import { giveBack } from './trouble.ts';

const UNDONE =
  // A pool without a definition was never opened.
  '(select count(*) from ticket_pool where state < 2 and definition_id > 0) + ' +
  '(select count(*) from jackpot_payout where state = 4) + ' +
  "(select count(*) from pots_opt_in_transfer where finished_at = 'epoch') as count";
/** A minute of looks. */
const PATIENCE = 300;
/** How long a carry is waited for. */
const AIM_MS = 3000;
const CARRYING = "select count(*) from pots_opt_in_transfer where finished_at = 'epoch' and position > 0";

/** Waits until all is drawn, paid and carried; if it never is, the model tells what is not. */
export async function allDone(url: string): Promise<void> {
  for (let turn = 1; turn <= PATIENCE; turn++, await sleep(200)) {
    if (Number((await runSql(url, `select ${UNDONE}`))[0].count) === 0) break;
    if (turn % 20 === 0) await giveBack(url);
  }
  await runAgain(url);
  for (let turn = 1; turn <= PATIENCE; turn++, await sleep(200))
    if (Number((await runSql(url, `select count(*) from graphile_worker.jobs where run_at < now()`))[0].count) === 0)
      return;
}

/** Waits until opt-ins are carried and a page of them is done: a server is killed between two pages. */
export async function isCarrying(url: string, isOver: () => boolean): Promise<void> {
  for (const giveUpAt = Date.now() + AIM_MS; Date.now() < giveUpAt && !isOver();)
    if (Number((await runSql(url, CARRYING))[0].count) > 0) return;
}

/** Runs the latest tasks again that have ended. */
export async function runAgain(url: string): Promise<void> {
  for (const [task, rows] of ENDED) {
    const payload = "json_build_object('operator', 1, 'id', id, 'at', (extract(epoch from now()) * 1000000)::int8)";
    await runSql(url, `select graphile_worker.add_job('${task}', ${payload}) from (${rows} limit 10) t`);
  }
}

const ENDED = [
  ['jackpot.draw-round', 'select id from ticket_pool where state = 2 order by id desc'],
  ['jackpot.end-round', "select jackpot_id as id from jackpot_round group by 1 having min(closed_by) > ''"],
  ['pots.pay-shares', 'select id / 1024 as id from jackpot_payout where state = 5 group by 1 order by 1 desc'],
  ['pots.carry-opt-ins', "select id from pots_opt_in_transfer where finished_at > 'epoch' order by id desc"],
] as const;
