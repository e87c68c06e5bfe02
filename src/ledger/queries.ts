import type { Sql } from '../db/index.ts';
import { account, accountId, accountKind, selectRows, type AccountKind, type AssetNo } from '../journal/index.ts';
import type { Micros, OperatorNo } from '../kernel/index.ts';
import { ROLL_UP } from './roll-up.ts';

/** The balances of a player that ever moved. */
export async function balancesOf(sql: Sql, operator: OperatorNo, player: number): Promise<{ asset: AssetNo; balance: Micros }[]> {
  const first = accountId('player', player, 0);
  const rows = await selectRows(sql, account, operator, 't.id between $2 and $3 and t.id % 8 = 0 and t.lines > 0 order by t.id',
    [first, first + 4095]);
  return rows.map(({ id, balance }) => ({ asset: Math.floor(id / 8) % 512, balance }));
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

/** Up to `limit` lines with sequences below `before`, newest first. */
export async function statementOf(
  sql: Sql, operator: OperatorNo, id: number, before: number, limit: number,
): Promise<Line[]> {
  const rows = await sql(
    'select s.sequence, s.operation_id, j.kind, j.version, s.amount, s.balance, '
    + '(extract(epoch from j.time) * 1000000)::int8 from statement_line s '
    + 'cross join lateral (select * from journal j where j.operator_id = s.operator_id '
    + 'and j.operation_id = s.operation_id and j.part = 0 offset 0) j '
    + 'where s.operator_id = $1 and s.account_id = $2 and s.sequence < $3 order by s.sequence desc limit $4',
    [operator, id, before, limit]);
  return rows.map(([sequence, operationId, kind, version, amount, balance, time]) => ({
    sequence: Number(sequence), operationId: operationId!, kind: Number(kind), version: Number(version),
    amount: BigInt(amount!), balance: BigInt(balance!), time: Number(time),
  }));
}

/** How many lines an account's statement has. */
export async function linesOf(sql: Sql, operator: OperatorNo, id: number): Promise<number> {
  return (await selectRows(sql, account, operator, 't.id = $2', [id]))[0]?.lines ?? 0;
}

// One statement, so one snapshot: stored balances, and for the operator's own accounts what is not rolled up yet.
const TRIAL = `
  with cursor as (
    select coalesce(max(f.tx::text), '0')::xid8 as tx,
      coalesce(max(f.operation_id::text), '00000000-0000-0000-0000-000000000000')::uuid as operation_id,
      coalesce(max(f.part), -1)::int2 as part
    from follower f where f.operator_id = $1 and f.name = $2
  ), pending as (
    select j.transfers[i] as from_id, j.transfers[i + 1] as to_id, j.transfers[i + 2] as amount
    from cursor c, journal j, generate_series(1, cardinality(j.transfers), 3) as i
    where j.operator_id = $1 and (j.tx, j.operation_id, j.part) > (c.tx, c.operation_id, c.part)
  ), moves as (
    select a.id, a.balance::numeric as amount from account a where a.operator_id = $1
    union all select p.from_id, -p.amount::numeric from pending p where p.from_id % 8 > ${accountKind.jackpot}
    union all select p.to_id, p.amount::numeric from pending p where p.to_id % 8 > ${accountKind.jackpot}
  )
  select (m.id / 8) % 512 as asset, m.id % 8 as kind, sum(m.amount) from moves m group by 1, 2 order by 1, 2`;

/** The sums of all accounts by asset and kind, at one moment. Sums may pass what one account can hold. */
export async function trialBalance(sql: Sql, operator: OperatorNo): Promise<Map<AssetNo, Map<AccountKind, bigint>>> {
  const kinds = Object.keys(accountKind) as AccountKind[];
  const out = new Map<AssetNo, Map<AccountKind, bigint>>();
  for (const [asset, kind, sum] of await sql(TRIAL, [operator, ROLL_UP])) {
    const number = Number(asset);
    if (!out.has(number)) out.set(number, new Map());
    out.get(number)!.set(kinds[Number(kind)]!, BigInt(sum!));
  }
  return out;
}
