import assert from 'node:assert/strict';
import { JackpotContributedV2, JackpotWonV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { jackpotContributed, jackpotWon } from '../../../src/engines/jackpot/index.ts';
import { amountOf } from '../../../src/engines/jackpot/contributed.ts';
import { runSql } from '../../support/sql.ts';

/** A share as the journal has it, and as a model chooses and divides it. */
export interface Replayed {
  readonly wins: number;
  readonly shares: readonly string[];
  readonly expected: readonly string[];
}

const FACTS = `select f.kind, f.fact from journal f
join jackpot j on j.operator_id = f.operator_id and j.id = f.aggregate_id
join definition d on d.operator_id = j.operator_id and d.id = j.definition_id
where d.code = $1 and f.kind = any($2) order by f.aggregate_sequence`;

/**
 * The shares of an instance with one pot of which 20 % go to the last 2 players, 10 % to the 2 highest, and 10 % to the
 * highest since the last win; chosen again by sorting all players at each win.
 */
export async function replayed(databaseUrl: string, instance: string): Promise<Replayed> {
  const kinds = [jackpotContributed.number, jackpotWon.number];
  const rows = await runSql(databaseUrl, FACTS, [`jackpot/${instance}`, kinds]);
  const lifetime = new Map<bigint, bigint>();
  const sinceWin = new Map<bigint, bigint>();
  const last = new Map<bigint, bigint>();
  const shares: string[] = [];
  const expected: string[] = [];
  let wins = 0;
  let pool = 0n;
  rows.forEach(({ kind, fact }, place) => {
    if (Number(kind) === jackpotContributed.number) {
      const data = JackpotContributedV2.decode(fact as Buffer);
      for (const sums of [lifetime, sinceWin]) {
        const sum = (sums.get(data.player) ?? 0n) + amountOf(data);
        // Maps keep the order in which sums were reached.
        sums.delete(data.player);
        sums.set(data.player, sum);
      }
      last.set(data.player, BigInt(place));
      pool = data.pool;
      return;
    }
    wins += 1;
    const { player: winner, amount, payouts, start } = JackpotWonV2.decode(fact as Buffer);
    assert.equal(pool, start!.value);
    const made = payouts?.shares ?? [];
    shares.push(...made.map((share) => `${wins} ${share.player} ${share.amount}`));
    const value = made.reduce((sum, share) => sum + share.amount, amount);
    const highest = (sums: ReadonlyMap<bigint, bigint>, count: number): bigint[] =>
      [...sums]
        .filter(([player]) => player !== winner)
        .toSorted(([, a], [, b]) => Number(b - a))
        .slice(0, count)
        .map(([player]) => player);
    const payoutsOf = [
      { tenths: 2n, players: highest(last, 2) },
      { tenths: 1n, players: highest(lifetime, 2) },
      { tenths: 1n, players: highest(sinceWin, 1) },
    ];
    for (const { tenths, players } of payoutsOf)
      for (const player of players)
        expected.push(`${wins} ${player} ${(value * tenths) / 10n / BigInt(players.length)}`);
    sinceWin.clear();
  });
  return { wins, shares, expected };
}
