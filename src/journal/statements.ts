import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { readTime } from '../db/index.ts';
import type { Micros, OperatorNo } from '../kernel/index.ts';
import {
  accountsOf,
  accountSql,
  assetOfAccount,
  isPlayers,
  kindOfAccount,
  type AccountId,
  type AccountKind,
  type AssetNo,
} from './account.ts';
import { readText } from './query.ts';
import { ROLL_UP } from './roll-up.ts';

const BALANCES =
  'select t.id, t.balance from account t ' +
  'where t.operator_id = $1 and t.id between $2 and $3 and t.lines > 0 order by t.id';

/** The balances of a player that have any postings, by asset. */
export async function balancesOf(
  em: EntityManager,
  operator: OperatorNo,
  player: number,
): Promise<{ readonly asset: AssetNo; readonly balance: Micros }[]> {
  const [first, last] = accountsOf(player);
  const rows = await readText<{ id: string; balance: string }>(em, BALANCES, [operator, first, last]);
  return rows
    .map(({ id, balance }) => ({ id: Number(id), balance: BigInt(balance) }))
    .filter(({ id }) => isPlayers(id))
    .map(({ id, balance }) => ({ asset: assetOfAccount(id), balance }));
}

/** A line of a player's statement. */
export interface Line {
  readonly sequence: number;
  readonly operationId: string;
  /** The number and version of the operation's first fact. */
  readonly kind: number;
  readonly version: number;
  readonly amount: Micros;
  readonly balance: Micros;
  /** Microseconds since 1970. */
  readonly time: number;
}

const LINES =
  'select s.sequence, s.operation_id, s.amount, s.balance, j.kind, j.version, j.time from statement_line s ' +
  'join journal j on j.operator_id = s.operator_id and j.operation_id = s.operation_id and j.part = 0 ' +
  'where s.operator_id = $1 and j.operator_id = $1 and s.account_id = $2 and s.sequence < $3 ' +
  'order by s.sequence desc limit $4';

interface LineColumns {
  readonly sequence: string;
  readonly operation_id: string;
  readonly kind: number;
  readonly version: number;
  readonly amount: string;
  readonly balance: string;
  readonly time: string;
}

/** Up to `limit` lines with sequences below `before`, newest first. */
export async function statementOf(
  em: EntityManager,
  operator: OperatorNo,
  id: AccountId,
  before: number,
  limit: number,
): Promise<Line[]> {
  const rows = await readText<LineColumns>(em, LINES, [operator, id, before, limit]);
  return rows.map(({ sequence, operation_id: operationId, kind, version, amount, balance, time }) => ({
    sequence: Number(sequence),
    operationId,
    kind: Number(kind),
    version: Number(version),
    amount: BigInt(amount),
    balance: BigInt(balance),
    time: readTime(time),
  }));
}

/**
 * The sums of all accounts by asset and kind, at one moment: stored balances and, for the operator's own accounts, what
 * is not rolled up yet. One statement, so one snapshot. Sums may exceed what one account can hold.
 */
export async function trialBalance(
  em: EntityManager,
  operator: OperatorNo,
): Promise<Map<AssetNo, Map<AccountKind, bigint>>> {
  const { rows } = await trial(operator).execute(em.getKysely());
  const out = new Map<AssetNo, Map<AccountKind, bigint>>();
  for (const { asset, kind, sum } of rows) {
    const number = Number(asset);
    if (!out.has(number)) out.set(number, new Map());
    out.get(number)!.set(kindOfAccount(Number(kind)), BigInt(sum));
  }
  return out;
}

const trial = (operator: OperatorNo) => sql<{ asset: string; kind: string; sum: string }>`
  with cursor as (
    select coalesce(max(f.tx::text), '0')::xid8 as tx,
      coalesce(max(f.operation_id::text), '00000000-0000-0000-0000-000000000000')::uuid as operation_id,
      coalesce(max(f.part), -1)::int2 as part
    from follower f where f.operator_id = ${operator} and f.name = ${ROLL_UP}
  ), pending as (
    select j.transfers[i] as from_id, j.transfers[i + 1] as to_id, j.transfers[i + 2] as amount
    from cursor c, journal j, generate_series(1, cardinality(j.transfers), 3) as i
    where j.operator_id = ${operator} and (j.tx, j.operation_id, j.part) > (c.tx, c.operation_id, c.part)
  ), moves as (
    select a.id, a.balance::numeric as amount from account a where a.operator_id = ${operator}
    union all select a.id, a.balance from operator_account a where a.operator_id = ${operator}
    union all select p.from_id, -p.amount::numeric from pending p where ${sql.raw(accountSql.isRolledUp('p.from_id'))}
    union all select p.to_id, p.amount::numeric from pending p where ${sql.raw(accountSql.isRolledUp('p.to_id'))}
  )
  select ${sql.raw(accountSql.asset('m.id'))} as asset, ${sql.raw(accountSql.kind('m.id'))} as kind,
    sum(m.amount) as sum
  from moves m group by 1, 2 order by 1, 2`;
