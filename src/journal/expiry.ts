import type { EntityManager } from '@mikro-orm/postgresql';
import type { Micros, OperatorNo } from '../kernel/index.ts';
import { accountSql, type AccountId, type StatementLine } from './account.ts';
import { int8Array } from './binary.ts';
import { statement, type Connection, type Result } from './connection.ts';
import { readText } from './query.ts';

/** The task that takes expired balances; its orders are about accounts. */
export const EXPIRE_TASK = 'ledger.expire';

// The assets are read in the transaction itself: a cache could miss a new one, and its credits would never expire.
const orderExpiries = statement(
  'order_expiries',
  "select graphile_worker.add_job($4, json_build_object('operator', $1::int8, 'id', u.id, 'at', u.at), null, " +
    "'epoch'::timestamptz + u.at * interval '1 microsecond', 10000, $4 || '/' || $1::int8 || '/' || u.id) " +
    'from (select l.id, $3::int8 + a.expires_after_seconds * 1000000::int8 as at ' +
    `from unnest($2::int8[]) as l(id) join asset a on a.asset_no = ${accountSql.asset('l.id')} ` +
    'where a.operator_id = $1 and a.expires_after_seconds > 0) u',
);

/**
 * Orders the expiry of credits that found an empty account, if their asset expires. While there is a balance, there is
 * an order for its oldest credit at the latest; each run orders the next.
 */
export function orderExpiry(
  connection: Connection,
  operator: OperatorNo,
  lines: readonly StatementLine[],
  now: number,
): Promise<Result>[] {
  const first = lines.filter(({ amount, balance }) => amount > 0n && balance === amount).map((line) => line.account);
  if (first.length === 0) return [];
  return [connection.run(orderExpiries, [operator, int8Array([...new Set(first)]), now, EXPIRE_TASK])];
}

/** How many runs an account has at most while one of its units lives: each reads all credits that are left. */
const RUNS = 100;

/** What of a balance has expired at a time. Times are microseconds since 1970. */
export interface ExpiredBalance {
  /** The number of the account's statement lines that it was computed from. */
  readonly lines: number;
  readonly amount: Micros;
  readonly readAt: number;
  readonly until: number;
  /** When the oldest credit that is left expires, or a hundredth of its life after this run; 0: nothing is left. */
  readonly nextAt: number;
}

const ACCOUNT =
  'select t.balance, t.lines, (extract(epoch from clock_timestamp()) * 1000000)::int8 as now from account t ' +
  'where t.operator_id = $1 and t.id = $2';
// An operation's id begins with its time in milliseconds.
const CREDITS =
  "select s.sequence, s.amount, ('x0000' || left(replace(s.operation_id::text, '-', ''), 12))::bit(64)::int8 as ms " +
  'from statement_line s where s.operator_id = $1 and s.account_id = $2 and s.sequence < $3 and s.amount > 0 ' +
  'order by s.sequence desc limit $4';
const PAGE = 500;

/**
 * What was credited to an account more than `seconds` ago and is not spent: first in, first out. Reads the newest
 * credits only, until they make up the balance.
 */
export async function expiredBalance(
  em: EntityManager,
  operator: OperatorNo,
  account: AccountId,
  seconds: number,
): Promise<ExpiredBalance | undefined> {
  const [row] = await readText<Record<'balance' | 'lines' | 'now', string>>(em, ACCOUNT, [operator, account]);
  if (row === undefined || row.balance === '0') return undefined;
  const [balance, lines, readAt] = [BigInt(row.balance), Number(row.lines), Number(row.now)];
  const until = (Math.floor(readAt / 1000) - seconds * 1000) * 1000;
  let [left, nextAt, before] = [0n, 0, lines + 1];
  for (;;) {
    const values = [operator, account, before, PAGE];
    const credits = await readText<Record<'sequence' | 'amount' | 'ms', string>>(em, CREDITS, values);
    for (const { sequence, amount, ms } of credits) {
      const at = Number(ms) * 1000;
      if (at <= until) return { lines, readAt, until, nextAt, amount: balance - left };
      left += BigInt(amount);
      nextAt = Math.max(at + seconds * 1_000_000, readAt + (seconds * 1_000_000) / RUNS);
      before = Number(sequence);
      if (left >= balance) return { lines, readAt, until, nextAt, amount: 0n };
    }
    // Credits always make up the balance; lines that were archived count as expired.
    if (credits.length < PAGE) return { lines, readAt, until, nextAt, amount: balance - left };
  }
}
