import type { OperatorNo } from '../kernel/index.ts';
import { account, accountSql } from './account.ts';
import { pages, type Query } from './pages.ts';
import type { State } from './state.ts';

const LINES =
  'select s.account_id, s.sequence, s.amount, s.balance from statement_line s ' +
  'where s.operator_id = $1 order by s.account_id, s.sequence';

const WRITTEN = 'select s.account_id as id, s.operation_id, s.amount from statement_line s where s.operator_id = $1';
const side = (id: string, amount: string): string =>
  `select j.transfers[i + ${id}] as id, j.operation_id, ${amount} * j.transfers[i + 2] as amount from journal j ` +
  'cross join generate_series(1, cardinality(j.transfers), 3) i where j.operator_id = $1 and ' +
  accountSql.isPlayers(`j.transfers[i + ${id}]`);
const MOVED = `${side('0', '-1')} union all ${side('1', '1')}`;
// Neither side is in memory here: there is a line for each payment that was ever made.
const UNWRITTEN = `(${MOVED}) except all (${WRITTEN}) order by 1, 2`;
const UNMOVED =
  'select d.id, (select max(s.sequence) from statement_line s where s.operator_id = $1 and s.account_id = d.id ' +
  'and s.operation_id = d.operation_id and s.amount = d.amount) ' +
  `from ((${WRITTEN}) except all (${MOVED})) d order by 1, 2`;

/**
 * Statement lines have no gaps, each balance is the previous one plus the amount, and they match the journal exactly.
 * Returns how many there are.
 */
export async function compareLines(
  query: Query,
  operator: OperatorNo,
  state: State,
  note: (difference: string) => unknown,
): Promise<number> {
  for await (const [id, sequence] of pages(query, 'unmoved', UNMOVED, [operator]))
    note(`statement line ${id}/${sequence}: the journal has no such movement`);
  for await (const [id, operation] of pages(query, 'unwritten', UNWRITTEN, [operator]))
    note(`movement ${id}/${operation} has no statement line`);
  let lines = 0;
  let last = { account: -1, sequence: 0, balance: 0n };
  const finish = (): void => {
    if (last.account < 0) return;
    const { balance, lines: count } = state.edit(account, last.account);
    if (last.balance !== balance || last.sequence !== count)
      note(`statement of ${last.account} does not end at its balance`);
  };
  for await (const [id, sequence, amount, balance] of pages(query, 'lines', LINES, [operator])) {
    lines += 1;
    if (Number(id) !== last.account) {
      finish();
      last = { account: Number(id), sequence: 0, balance: 0n };
    }
    const expected = last.balance + BigInt(amount!);
    if (Number(sequence) !== last.sequence + 1 || BigInt(balance!) !== expected)
      note(`statement line ${id}/${sequence} does not follow`);
    last = { account: last.account, sequence: Number(sequence), balance: BigInt(balance!) };
  }
  finish();
  return lines;
}
