import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { runSql } from '../../support/sql.ts';
import type { WalletServer } from './wallet-server.ts';

const pot = (changes: JsonObject = {}): JsonObject => ({
  id: 'main',
  contribution: { Percentage: 0.5 },
  seed_strategy: {},
  supports_external_trigger: true,
  ...changes,
});
/** Players pay half a dollar. */
export const PAID = { contribution_rules: { contribution_type: { Fixed: 0.5 } }, pots: [pot()] };
/** Each contribution wins 0.25, to which the pot is raised by it. */
export const HITS = {
  ...PAID,
  pots: [pot({ pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 0.1 } }] })],
};

/** The settings of a wallet that is soon given up. */
export const settingsOf = ({ url, secret }: WalletServer): JsonObject => ({
  url,
  secret,
  timeout_ms: 500,
  tries: 2,
  retry_ms: 10,
});

/** A new player with an amount in the wallet. */
export function newPlayer(wallet: WalletServer, dollars = 10): string {
  const id = randomUUID();
  wallet.balances.set(id, BigInt(dollars * 1e6));
  return id;
}

/** What a player has in the wallet. */
export const dollarsOf = (wallet: WalletServer, player: string): number => Number(wallet.balances.get(player)) / 1e6;

/** Runs the tasks of wallets now, and again, until nothing is open. */
export async function finishAll(databaseUrl: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    const [open] = await runSql(databaseUrl, 'select count(*)::int as count from pots_wallet_call where is_open = 1');
    if (open.count === 0) return;
    await hurry(databaseUrl);
  }
  throw new Error('something remains open');
}

/** Runs the tasks of wallets now. What killed processes have left is not waited for. */
export const hurry = (databaseUrl: string): Promise<unknown> =>
  runSql(
    databaseUrl,
    'update graphile_worker._private_jobs set run_at = now(), locked_at = null, locked_by = null ' +
      "where key like 'pots.wallet/%' and (locked_at is null or locked_at < now() - interval '3 s')",
  );

const REJECTED = 4;
const CONTRIBUTED = 3;

/**
 * The books of the wallet and those of the journal say the same: no debit without contribution or cancellation, nothing
 * twice, every win credited. All must be finished.
 */
export async function assertBooks(wallet: WalletServer, databaseUrl: string): Promise<{ contributed: number }> {
  const rows = await runSql(databaseUrl, 'select * from pots_wallet_call');
  const contributed = rows.filter(({ state }) => Number(state) === CONTRIBUTED);
  assert.ok(rows.every(({ state }) => Number(state) >= CONTRIBUTED));
  const kept = [...wallet.debits].filter(([, { made, cancelled }]) => made && !cancelled);
  const paid = contributed.filter(({ amount }) => amount !== '0');
  assert.deepEqual(new Set(kept.map(([id]) => id)), new Set(paid.map(({ debit_id: id }) => id)));
  assert.equal(kept.length, paid.length);
  for (const { debit_id: id, amount } of paid) assert.equal(wallet.debits.get(id)!.amount, BigInt(amount));
  for (const { state, debit_id: id } of rows.filter((row) => Number(row.state) === REJECTED))
    assert.ok(wallet.debits.get(id)?.made !== true || wallet.debits.get(id)!.cancelled, `${state} ${id}`);
  const byCredit = new Map(contributed.map((row) => [row.contribution_id, row]));
  for (const [id, { of }] of wallet.credits) assert.equal(byCredit.get(id)?.debit_id, of);
  const sum = (all: Iterable<{ readonly amount: bigint }>): bigint =>
    [...all].reduce((s, { amount }) => s + amount, 0n);
  const [ours] = await runSql(databaseUrl, LEDGER);
  assert.equal(BigInt(ours.taken), sum(kept.map(([, one]) => one)));
  assert.equal(BigInt(ours.given), sum(wallet.credits.values()));
  assert.equal(BigInt(ours.owed), BigInt(ours.given));
  return { contributed: contributed.filter(({ debit_id: debit }) => debit !== '').length };
}

/** What the accounts of wallets (kind 19) and of what is payable (kind 20) have moved, by the journal. */
const LEDGER = `with moved as (
  select transfers[i] as source, transfers[i + 1] as target, transfers[i + 2] as amount
  from journal, generate_series(1, cardinality(transfers), 3) i
)
select coalesce(sum(amount) filter (where source % 32 = 19), 0) as taken,
  coalesce(sum(amount) filter (where target % 32 = 19), 0) as given,
  coalesce(sum(amount) filter (where target % 32 = 20), 0) as owed
from moved`;
