import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { engines } from '../../src/engines/index.ts';
import { accountKind, verifyOperator } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import type { Wave } from './timers.ts';
import type { TwoServers } from './two-servers.ts';

export interface TimersAudit {
  /** How often each kind of effect was found, all of them once. */
  readonly effects: Readonly<Record<string, number>>;
  readonly payments: number;
  readonly facts: number;
  readonly problems: readonly string[];
}

/** Facts of which each aggregate has exactly one, and how many of them a wave leaves. */
const ONCE: Readonly<Record<string, number>> = {
  'raffle.closed': 1,
  'raffle.drawn': 1,
  'raffle.cancelled': 1,
  'tournament.season-closed': 1,
};
const SETTLED_MS = 300_000;
const MICROS = 1_000_000n;

/** Waits until nothing is due, and finds every effect that was lost or doubled. */
export async function auditTimers(world: TwoServers, waves: readonly Wave[], payees: number): Promise<TimersAudit> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  try {
    const problems: string[] = [];
    await settled(client, problems);
    const effects = await countOnce(client, waves.length, problems);
    effects['versions in force by timer'] = await versions(world, waves, problems);
    await noneLeft(client, problems);
    const payments = await paymentsOf(client, world, waves, payees, problems);
    const { facts, differences } = await verifyOperator(client, registerOf(engines), 1);
    problems.push(...differences);
    return { effects, payments, facts, problems };
  } finally {
    await client.end();
  }
}

/** Waits until no task is due. Tasks of jackpots come again and again, so they are left out. */
async function settled(client: pg.Client, problems: string[]): Promise<void> {
  const text =
    'select count(*)::int as due from graphile_worker.jobs ' +
    "where task_identifier not like 'jackpot.%' and run_at < now()";
  for (const giveUpAt = Date.now() + SETTLED_MS; Date.now() < giveUpAt; await sleep(1000)) {
    const [row] = (await client.query<{ due: number }>(text)).rows;
    if (row!.due === 0) return;
  }
  problems.push('tasks are still due after five minutes');
}

async function countOnce(client: pg.Client, waves: number, problems: string[]): Promise<Record<string, number>> {
  const effects: Record<string, number> = {};
  for (const [name, perWave] of Object.entries(ONCE)) {
    const kind = registerOf(engines).facts.find((fact) => fact.name === name)!.number;
    const text = 'select aggregate_id, count(*)::int as times from journal where kind = $1 group by 1';
    const { rows } = await client.query<{ aggregate_id: string; times: number }>(text, [kind]);
    effects[name] = rows.length;
    for (const { aggregate_id: id, times } of rows) if (times !== 1) problems.push(`${name} of ${id}: ${times} times`);
    if (rows.length !== waves * perWave) problems.push(`${name}: ${rows.length} of ${waves * perWave}`);
  }
  return effects;
}

/**
 * The lootboxes whose second version was scheduled: each took effect once. Where every server was down until its time
 * was over, it was in force at once.
 */
async function versions(world: TwoServers, waves: readonly Wave[], problems: string[]): Promise<number> {
  let found = 0;
  for (const { lootbox } of waves) {
    const { changes } = await world.must('admin', 'LootboxService.ListLootboxChanges', { id: lootbox });
    const second = changes.filter(({ version }: { version: number }) => version === 2);
    const names = second.map(({ change }: { change: string }) => change).toSorted();
    if (names.join() === 'effective,scheduled') found += 1;
    else if (names.join() !== 'updated') problems.push(`${lootbox}: its second version: ${names.join()}`);
  }
  return found;
}

async function noneLeft(client: pg.Client, problems: string[]): Promise<void> {
  const escrow = `select count(*)::int as left from account where id % 32 = ${accountKind.escrow} and balance <> 0`;
  const [held] = (await client.query<{ left: number }>(escrow)).rows;
  if (held!.left !== 0) problems.push(`${held!.left} escrow accounts still hold money`);
  const open = "select count(*)::int as left from settlement where finished_at = 'epoch' and opened_at <> 'epoch'";
  const [unfinished] = (await client.query<{ left: number }>(open)).rows;
  if (unfinished!.left !== 0) problems.push(`${unfinished!.left} settlements are not finished`);
}

/** All payments together: what players hold is what they began with and what was won. Returns how many were made. */
async function paymentsOf(
  client: pg.Client,
  world: TwoServers,
  waves: readonly Wave[],
  payees: number,
  problems: string[],
): Promise<number> {
  const { balances } = await world.must('service', 'LedgerService.ListBalances', { user_id: 'player-0' });
  if (balances.length === 0) problems.push('player-0 has no balance');
  const [held] = (
    await client.query<{ sum: string }>(
      `select coalesce(sum(balance), 0)::text as sum from account where id % 16384 = ${accountKind.player}`,
    )
  ).rows;
  const [{ paid }] = (
    await client.query<{ paid: number }>('select coalesce(sum(paid), 0)::int as paid from settlement')
  ).rows as [{ paid: number }];
  let won = 0n;
  for (const { tournament, raffle } of waves) {
    const { distributed } = await world.must('admin', 'TournamentService.CloseTournament', { id: tournament });
    // A raffle whose tickets came after its draw has no winner.
    const { winners } = await world.must('admin', 'RaffleService.DrawRaffle', { id: raffle });
    won += BigInt(Math.round(Number(distributed) * 1e6)) + BigInt(winners.length) * 10n * MICROS;
  }
  const expected = BigInt(payees) * 1_000_000n * MICROS + won;
  if (BigInt(held!.sum) !== expected) problems.push(`players hold ${held!.sum}, and should hold ${expected}`);
  return paid;
}
